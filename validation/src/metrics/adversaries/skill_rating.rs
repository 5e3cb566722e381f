use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::tournament::check_fooled;
use super::{GlickoGame, GlickoRating, rate_period};
use crate::ValidationError;
use crate::metrics::checks::setting;

/// Settings of the skill rating.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SkillRatingSettings {
    /// Rating periods with the same games. Default 1.
    pub periods: usize,
    /// τ of Glicko-2. Default 0.5.
    pub system_constant: f64,
    /// Of every player at the beginning.
    pub start: GlickoRating,
}

impl Default for SkillRatingSettings {
    fn default() -> Self {
        Self { periods: 1, system_constant: 0.5, start: GlickoRating::default() }
    }
}

/// Ratings of all players on one scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SkillRatings {
    pub generators: Vec<GlickoRating>,
    pub discriminators: Vec<GlickoRating>,
}

/// Skill ratings of generators and discriminators by Glicko-2 (Olsson et al., arXiv:1808.04888):
/// each pair plays one game a period, in which the generator's score is the share of its events that
/// the discriminator takes for real. Unlike a win rate it weighs opponents by their strength, and
/// pairs that did not play may be left out.
///
/// A share as the score of a single game makes deviations of ratings cautious: they do not shrink
/// with the number of events.
///
/// # Shapes
/// `fooled`: `[discriminators, generators]`, as from [`fooled_shares`](super::fooled_shares); NaN for
/// pairs that did not play.
///
/// # Errors
/// No players, values that are neither shares nor NaN, or settings that cannot be used.
pub fn skill_ratings(
    fooled: ArrayView2<'_, f64>,
    settings: &SkillRatingSettings,
) -> Result<SkillRatings, ValidationError> {
    check_fooled(fooled.mapv(|share| if share.is_nan() { 0.0 } else { share }).view())?;
    if settings.periods == 0 {
        return Err(setting("periods", settings.periods, "at least 1"));
    }
    let mut ratings = SkillRatings {
        generators: vec![settings.start; fooled.ncols()],
        discriminators: vec![settings.start; fooled.nrows()],
    };
    let tau = settings.system_constant;
    for _ in 0..settings.periods {
        // All games of a period are rated against what the players were before it.
        let before = ratings.clone();
        for (generator, rating) in ratings.generators.iter_mut().enumerate() {
            let games: Vec<_> = (fooled.column(generator).iter().zip(&before.discriminators))
                .filter(|(share, _)| !share.is_nan())
                .map(|(&score, &opponent)| GlickoGame { opponent, score })
                .collect();
            *rating = rate_period(*rating, &games, tau)?;
        }
        for (discriminator, rating) in ratings.discriminators.iter_mut().enumerate() {
            let games: Vec<_> = (fooled.row(discriminator).iter().zip(&before.generators))
                .filter(|(share, _)| !share.is_nan())
                .map(|(&share, &opponent)| GlickoGame { opponent, score: 1.0 - share })
                .collect();
            *rating = rate_period(*rating, &games, tau)?;
        }
    }
    Ok(ratings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, arr2};

    #[test]
    fn better_generators_and_discriminators_have_higher_ratings() {
        // Logistic games between players whose strengths rise with their number.
        let fooled = Array2::from_shape_fn((4, 5), |(discriminator, generator)| {
            1.0 / (1.0 + (discriminator as f64 - generator as f64).exp())
        });
        let settings = SkillRatingSettings { periods: 5, ..SkillRatingSettings::default() };
        let found = skill_ratings(fooled.view(), &settings).expect("valid");
        for players in [&found.generators, &found.discriminators] {
            assert!(players.windows(2).all(|pair| pair[0].rating < pair[1].rating), "{players:?}");
            assert!(players.iter().all(|player| player.deviation < 350.0));
        }
    }

    #[test]
    fn a_pair_that_did_not_play_changes_nothing() {
        let settings = SkillRatingSettings::default();
        let whole = skill_ratings(arr2(&[[0.25], [f64::NAN]]).view(), &settings).expect("valid");
        let part = skill_ratings(arr2(&[[0.25]]).view(), &settings).expect("valid");
        assert_eq!(whole.generators, part.generators);
        assert_eq!(whole.discriminators[1].rating, 1500.0);
        assert!(skill_ratings(arr2(&[[1.25]]).view(), &settings).is_err());
        let never = SkillRatingSettings { periods: 0, ..settings };
        assert!(skill_ratings(arr2(&[[0.25]]).view(), &never).is_err());
    }
}
