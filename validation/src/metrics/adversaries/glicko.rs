use serde::{Deserialize, Serialize};

use crate::ValidationError;
use crate::metrics::checks::{check_positive, problem_of};

/// Points of the published scale over those of the internal one.
const SCALE: f64 = 173.7178;
/// The rating about which the internal scale is 0.
const CENTRE: f64 = 1500.0;
/// Where the search for the volatility ends, in ln σ².
const VOLATILITY_TOLERANCE: f64 = 1e-12;

/// A player's strength by Glicko-2.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GlickoRating {
    pub rating: f64,
    /// RD, the standard deviation of the rating.
    pub deviation: f64,
    /// σ: how much the strength itself is expected to change from one period to the next.
    pub volatility: f64,
}

impl Default for GlickoRating {
    /// Of a player who has not played: 1500 ± 350 with a volatility of 0.06.
    fn default() -> Self {
        Self { rating: 1500.0, deviation: 350.0, volatility: 0.06 }
    }
}

/// A game as the rated player sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GlickoGame {
    /// As they are before the period.
    pub opponent: GlickoRating,
    /// 1 for a win, ½ for a draw, 0 for a loss; shares between them are allowed.
    pub score: f64,
}

/// The rating after a period with these games by Glicko-2 (M. Glickman, "Example of the Glicko-2
/// system", 2013 and later), all against the opponents' ratings before the period. Without games
/// only the deviation grows, to √(RD² + σ²).
///
/// `system_constant` is τ, 0.3 to 1.2: how quickly the volatility may change.
///
/// ```
/// use validation::metrics::adversaries::{GlickoGame, GlickoRating, rate_period};
/// let player = |rating, deviation| GlickoRating { rating, deviation, volatility: 0.06 };
/// let games = [(1400.0, 30.0, 1.0), (1550.0, 100.0, 0.0), (1700.0, 300.0, 0.0)]
///     .map(|(rating, rd, score)| GlickoGame { opponent: player(rating, rd), score });
/// let found = rate_period(player(1500.0, 200.0), &games, 0.5)?;
/// // As published: 1464.06, 151.52 and 0.05999, where roundings on the way leave 1464.05.
/// assert!((found.rating - 1464.05).abs() < 5e-3 && (found.deviation - 151.52).abs() < 5e-3);
/// assert!((found.volatility - 0.05999).abs() < 1e-5);
/// # Ok::<(), validation::ValidationError>(())
/// ```
///
/// # Errors
/// A rating that is not finite, a deviation, volatility or τ not above 0, or a score outside of 0
/// to 1.
pub fn rate_period(
    player: GlickoRating,
    games: &[GlickoGame],
    system_constant: f64,
) -> Result<GlickoRating, ValidationError> {
    check_positive("system_constant", system_constant)?;
    check_rating(&player)?;
    for game in games {
        check_rating(&game.opponent)?;
        if !(0.0..=1.0).contains(&game.score) {
            return Err(problem_of("game", format!("has score {}, not 0 to 1", game.score)));
        }
    }
    let mu = (player.rating - CENTRE) / SCALE;
    let phi = player.deviation / SCALE;
    if games.is_empty() {
        let deviation = SCALE * phi.hypot(player.volatility);
        return Ok(GlickoRating { deviation, ..player });
    }
    // Σ g² E (1 − E) and Σ g (s − E).
    let (mut information, mut surprise) = (0.0, 0.0);
    for game in games {
        let other_mu = (game.opponent.rating - CENTRE) / SCALE;
        let other_phi = game.opponent.deviation / SCALE;
        let g = 1.0 / (1.0 + 3.0 * (other_phi / std::f64::consts::PI).powi(2)).sqrt();
        let expected = 1.0 / (1.0 + (-g * (mu - other_mu)).exp());
        information += g * g * expected * (1.0 - expected);
        surprise += g * (game.score - expected);
    }
    if information <= 0.0 {
        let problem = "are too far from the player's rating for any information".to_owned();
        return Err(problem_of("opponents", problem));
    }
    let variance = 1.0 / information;
    let volatility =
        new_volatility(phi, player.volatility, variance, variance * surprise, system_constant);
    let before = phi * phi + volatility * volatility;
    let phi = 1.0 / (1.0 / before + information).sqrt();
    Ok(GlickoRating {
        rating: SCALE * (mu + phi * phi * surprise) + CENTRE,
        deviation: SCALE * phi,
        volatility,
    })
}

/// The root of step 5, by the Illinois method that the paper prescribes.
fn new_volatility(phi: f64, volatility: f64, variance: f64, change: f64, tau: f64) -> f64 {
    let a = (volatility * volatility).ln();
    let f = |x: f64| {
        let e = x.exp();
        let sum = phi * phi + variance + e;
        e * (change * change - sum) / (2.0 * sum * sum) - (x - a) / (tau * tau)
    };
    let excess = change * change - phi * phi - variance;
    let mut low = a;
    let mut high = if excess > 0.0 {
        excess.ln()
    } else {
        let mut k = 1.0;
        while f(a - k * tau) < 0.0 {
            k += 1.0;
        }
        a - k * tau
    };
    let (mut f_low, mut f_high) = (f(low), f(high));
    // It converges faster than a bisection, which would take 60; rounding can keep it from the end.
    for _ in 0..200 {
        if (high - low).abs() <= VOLATILITY_TOLERANCE || f_high == f_low {
            break;
        }
        let middle = low + (low - high) * f_low / (f_high - f_low);
        let f_middle = f(middle);
        if f_middle * f_high <= 0.0 {
            (low, f_low) = (high, f_high);
        } else {
            f_low /= 2.0;
        }
        (high, f_high) = (middle, f_middle);
    }
    (low / 2.0).exp()
}

fn check_rating(rating: &GlickoRating) -> Result<(), ValidationError> {
    if !rating.rating.is_finite() {
        return Err(problem_of("player", format!("has rating {}", rating.rating)));
    }
    check_positive("deviation", rating.deviation)?;
    check_positive("volatility", rating.volatility)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn player(rating: f64, deviation: f64) -> GlickoRating {
        GlickoRating { rating, deviation, volatility: 0.06 }
    }

    #[test]
    fn without_games_only_the_deviation_grows() {
        let found = rate_period(player(1700.0, 50.0), &[], 0.5).expect("valid");
        assert_eq!((found.rating, found.volatility), (1700.0, 0.06));
        let expected = (50.0_f64.powi(2) + (SCALE * 0.06).powi(2)).sqrt();
        approx::assert_relative_eq!(found.deviation, expected, max_relative = 1e-13);
    }

    #[test]
    fn a_draw_between_equals_changes_no_rating_and_a_win_and_a_loss_are_opposite() {
        let of = |score| {
            let game = GlickoGame { opponent: player(1500.0, 80.0), score };
            rate_period(player(1500.0, 80.0), &[game], 0.5).expect("valid")
        };
        assert_eq!(of(0.5).rating, 1500.0);
        approx::assert_relative_eq!(of(1.0).rating - 1500.0, 1500.0 - of(0.0).rating);
        assert!(of(1.0).rating > 1500.0 && of(1.0).deviation < 80.0);
    }

    #[test]
    fn surprises_raise_the_volatility() {
        let weak = GlickoGame { opponent: player(900.0, 30.0), score: 0.0 };
        let found = rate_period(player(2000.0, 50.0), &[weak; 10], 1.2).expect("valid");
        assert!(found.volatility > 0.07 && found.rating < 1900.0, "{found:?}");
        let expected = GlickoGame { score: 1.0, ..weak };
        let found = rate_period(player(2000.0, 50.0), &[expected; 10], 1.2).expect("valid");
        assert!(found.volatility <= 0.06, "{found:?}");
    }

    #[test]
    fn what_is_no_game_is_refused() {
        let game = GlickoGame { opponent: player(1500.0, 80.0), score: 1.5 };
        assert!(rate_period(player(1500.0, 80.0), &[game], 0.5).is_err());
        assert!(rate_period(player(1500.0, 0.0), &[], 0.5).is_err());
        assert!(rate_period(player(f64::NAN, 80.0), &[], 0.5).is_err());
        assert!(rate_period(player(1500.0, 80.0), &[], 0.0).is_err());
        let far = GlickoGame { opponent: player(1e6, 80.0), score: 0.0 };
        assert!(rate_period(player(1500.0, 80.0), &[far], 0.5).is_err());
    }
}
