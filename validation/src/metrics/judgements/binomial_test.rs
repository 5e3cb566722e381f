use serde::{Deserialize, Serialize};
use statrs::function::beta::beta_reg;
use statrs::function::factorial::ln_binomial;

use crate::ValidationError;
use crate::metrics::checks::setting;

/// Outcomes that are this much more probable than the observed one still count as equally probable,
/// as in scipy's `binomtest`: rounding must not part two symmetric tails.
const EQUALLY_PROBABLE: f64 = 1e-7;

/// Successes of independent trials against an expected probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BinomialTest {
    pub successes: u64,
    pub trials: u64,
    /// Successes over trials.
    pub share: f64,
    /// Two-sided and exact: the probability of all outcomes that are at most as probable as this.
    pub p_value: f64,
    /// Of the probability of a success, with 95 % (Clopper and Pearson).
    pub interval: [f64; 2],
}

/// The exact binomial test.
///
/// ```
/// let found = validation::metrics::judgements::binomial_test(8, 10, 0.5)?;
/// assert!((found.p_value - 112.0 / 1024.0).abs() < 1e-12);
/// # Ok::<(), validation::ValidationError>(())
/// ```
///
/// # Errors
/// No trials, more successes than trials, or a probability that is not between 0 and 1.
pub fn binomial_test(
    successes: u64,
    trials: u64,
    probability: f64,
) -> Result<BinomialTest, ValidationError> {
    if trials == 0 {
        let purpose = "a binomial test".to_owned();
        return Err(ValidationError::TooFewEvents { purpose, found: 0, needed: 1 });
    }
    if successes > trials {
        return Err(setting("successes", successes, "at most the trials"));
    }
    if !(probability > 0.0 && probability < 1.0) {
        return Err(setting("probability", probability, "between 0 and 1"));
    }
    Ok(BinomialTest {
        successes,
        trials,
        share: successes as f64 / trials as f64,
        p_value: p_value(successes, trials, probability),
        interval: interval(successes, trials),
    })
}

fn p_value(successes: u64, trials: u64, probability: f64) -> f64 {
    let expected = probability * trials as f64;
    let ln_mass = |k: u64| {
        ln_binomial(trials, k)
            + k as f64 * probability.ln()
            + (trials - k) as f64 * (-probability).ln_1p()
    };
    let limit = ln_mass(successes) + EQUALLY_PROBABLE.ln_1p();
    let rare = |k: u64| ln_mass(k) <= limit;
    let p = if successes as f64 == expected {
        1.0
    } else if (successes as f64) < expected {
        // The first of the upper outcomes, whose probabilities fall, that is as rare.
        let first = first_that(expected.ceil() as u64, trials + 1, rare);
        at_most(successes, trials, probability) + at_least(first, trials, probability)
    } else {
        // The first of the lower outcomes, whose probabilities rise, that is not as rare.
        let first = first_that(0, expected.floor() as u64 + 1, |k| !rare(k));
        let lower = if first == 0 { 0.0 } else { at_most(first - 1, trials, probability) };
        at_least(successes, trials, probability) + lower
    };
    p.min(1.0)
}

/// The first of `from` to `end` − 1 that fits, where all after it do; `end` if none does.
fn first_that(from: u64, end: u64, fits: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (from, end);
    while low < high {
        let middle = low + (high - low) / 2;
        if fits(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// P(X ≥ k).
fn at_least(k: u64, trials: u64, probability: f64) -> f64 {
    match k {
        0 => 1.0,
        k if k > trials => 0.0,
        k => beta_reg(k as f64, (trials - k + 1) as f64, probability),
    }
}

/// P(X ≤ k).
fn at_most(k: u64, trials: u64, probability: f64) -> f64 {
    if k >= trials {
        return 1.0;
    }
    beta_reg((trials - k) as f64, (k + 1) as f64, 1.0 - probability)
}

/// The probabilities of a success for which as many, and as few, have a probability of 2.5 %.
fn interval(successes: u64, trials: u64) -> [f64; 2] {
    const TAIL: f64 = 0.025;
    let root = |rises: &dyn Fn(f64) -> f64| {
        let (mut low, mut high) = (0.0_f64, 1.0_f64);
        // Halves until the two are neighbouring numbers.
        for _ in 0..1100 {
            let middle = low + (high - low) / 2.0;
            if middle <= low || middle >= high {
                break;
            }
            if rises(middle) < 0.0 { low = middle } else { high = middle }
        }
        high
    };
    let lower = match successes {
        0 => 0.0,
        _ => root(&|p| at_least(successes, trials, p) - TAIL),
    };
    let upper = match successes {
        all if all == trials => 1.0,
        _ => root(&|p| TAIL - at_most(successes, trials, p)),
    };
    [lower, upper]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_or_none_have_closed_forms() {
        let found = binomial_test(0, 5, 0.5).expect("valid");
        approx::assert_relative_eq!(found.p_value, 2.0 / 32.0, max_relative = 1e-13);
        assert_eq!(found.interval[0], 0.0);
        // (1 − p)⁵ = 0.025
        let upper = 1.0 - 0.025_f64.powf(0.2);
        approx::assert_relative_eq!(found.interval[1], upper, max_relative = 1e-12);
        let found = binomial_test(5, 5, 0.5).expect("valid");
        approx::assert_relative_eq!(found.interval[0], 1.0 - upper, max_relative = 1e-12);
        assert_eq!((found.interval[1], found.share), (1.0, 1.0));
        assert_eq!(binomial_test(5, 10, 0.5).expect("valid").p_value, 1.0);
    }

    #[test]
    fn what_is_no_series_of_trials_is_refused() {
        assert!(binomial_test(0, 0, 0.5).is_err());
        assert!(binomial_test(3, 2, 0.5).is_err());
        assert!(binomial_test(1, 2, 0.0).is_err());
        assert!(binomial_test(1, 2, f64::NAN).is_err());
    }

    proptest! {
        #[test]
        fn the_p_value_is_the_sum_over_outcomes_at_most_as_probable(
            trials in 1..60_u64, part in 0.0..1.0_f64, probability in 0.02..0.98_f64,
        ) {
            let successes = (part * (trials + 1) as f64) as u64;
            let mass = |k: u64| {
                (ln_binomial(trials, k) + k as f64 * probability.ln()
                    + (trials - k) as f64 * (1.0 - probability).ln()).exp()
            };
            let limit = mass(successes) * (1.0 + 1e-7);
            let expected: f64 = (0..=trials).map(mass).filter(|&m| m <= limit).sum();
            let found = binomial_test(successes, trials, probability).expect("valid");
            prop_assert!((found.p_value - expected).abs() < 1e-9, "{found:?} {expected}");
            prop_assert!(found.interval[0] <= found.share && found.share <= found.interval[1]);
        }
    }
}
