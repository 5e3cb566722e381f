use serde::{Deserialize, Serialize};

use crate::ValidationError;
use crate::metrics::checks::{check_positive, check_values, setting};

/// What two discriminators say, each above the threshold for real events. The first model is
/// (G₁, D₁), the second (G₂, D₂).
#[derive(Debug, Clone, Copy)]
pub struct DuelOutputs<'a> {
    /// D₁ of test events.
    pub first_on_test: &'a [f64],
    /// D₂ of the same test events.
    pub second_on_test: &'a [f64],
    /// D₁ of what G₂ makes.
    pub first_on_second: &'a [f64],
    /// D₂ of what G₁ makes.
    pub second_on_first: &'a [f64],
}

/// Settings of the duel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DuelSettings {
    /// An output above it says "real". Default 0.5, for probabilities; 0 for logits.
    pub threshold: f64,
    /// r_test must be within a factor of 1 + this of 1. Default 0.1.
    pub tolerance: f64,
}

impl Default for DuelSettings {
    fn default() -> Self {
        Self { threshold: 0.5, tolerance: 0.1 }
    }
}

/// Who wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DuelWinner {
    First,
    Second,
    /// r_samples is 1.
    Tie,
    /// r_test is not about 1: one discriminator generalises better, and r_samples does not compare
    /// the generators.
    Undecided,
}

/// The generative adversarial metric of two models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenerativeAdversarialMetric {
    /// Share of wrong answers of D₁ on test events.
    pub first_on_test: f64,
    pub second_on_test: f64,
    pub first_on_second: f64,
    pub second_on_first: f64,
    /// `None` where the second discriminator makes no error there.
    pub r_test: Option<f64>,
    /// `None` where the second discriminator makes no error there.
    pub r_samples: Option<f64>,
    pub winner: DuelWinner,
}

/// The generative adversarial metric GAM (Im et al., arXiv:1602.05110): two models exchange their
/// discriminators,
///
/// r_test = ε(D₁(test)) / ε(D₂(test)), r_samples = ε(D₁(G₂)) / ε(D₂(G₁)),
///
/// with ε the share of wrong answers. The first model wins where r_samples < 1, the second where
/// r_samples > 1, and only if r_test ≈ 1: between 1 / (1 + tolerance) and 1 + tolerance. Two
/// discriminators that both make no error on the test events count as equal there.
///
/// An output at the threshold is half an error on either side.
///
/// # Shapes
/// `first_on_test` and `second_on_test`: `[test events]`; the others may differ in length.
///
/// # Errors
/// Outputs that are empty or not finite, discriminators that saw different numbers of test events,
/// or settings that cannot be used.
pub fn generative_adversarial_metric(
    outputs: DuelOutputs<'_>,
    settings: &DuelSettings,
) -> Result<GenerativeAdversarialMetric, ValidationError> {
    if !settings.threshold.is_finite() {
        return Err(setting("threshold", settings.threshold, "a finite number"));
    }
    check_positive("tolerance", settings.tolerance)?;
    check_values("first discriminator on test events", outputs.first_on_test)?;
    check_values("second discriminator on test events", outputs.second_on_test)?;
    check_values("first discriminator on the second generator", outputs.first_on_second)?;
    check_values("second discriminator on the first generator", outputs.second_on_first)?;
    if outputs.first_on_test.len() != outputs.second_on_test.len() {
        let found = format!("{} and {}", outputs.first_on_test.len(), outputs.second_on_test.len());
        return Err(setting("test events of the discriminators", found, "the same events"));
    }
    let real = |outputs| called_real(outputs, settings.threshold);
    let (first_on_test, second_on_test) =
        (1.0 - real(outputs.first_on_test), 1.0 - real(outputs.second_on_test));
    let (first_on_second, second_on_first) =
        (real(outputs.first_on_second), real(outputs.second_on_first));
    let ratio = |above: f64, below: f64| (below > 0.0).then(|| above / below);
    let r_test = ratio(first_on_test, second_on_test);
    let factor = 1.0 + settings.tolerance;
    let alike = match r_test {
        Some(r_test) => r_test <= factor && r_test * factor >= 1.0,
        None => first_on_test == 0.0,
    };
    let winner = if !alike {
        DuelWinner::Undecided
    } else if first_on_second < second_on_first {
        DuelWinner::First
    } else if first_on_second > second_on_first {
        DuelWinner::Second
    } else {
        DuelWinner::Tie
    };
    Ok(GenerativeAdversarialMetric {
        first_on_test,
        second_on_test,
        first_on_second,
        second_on_first,
        r_test,
        r_samples: ratio(first_on_second, second_on_first),
        winner,
    })
}

/// The share of outputs above the threshold, those at it counted half.
pub(super) fn called_real<'a>(outputs: impl IntoIterator<Item = &'a f64>, threshold: f64) -> f64 {
    let (mut halves, mut count) = (0_u64, 0_u64);
    for &output in outputs {
        count += 1;
        halves += 2 * u64::from(output > threshold) + u64::from(output == threshold);
    }
    halves as f64 / (2 * count) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn duel(
        outputs: [&[f64]; 4],
        tolerance: f64,
    ) -> Result<GenerativeAdversarialMetric, ValidationError> {
        let [first_on_test, second_on_test, first_on_second, second_on_first] = outputs;
        let outputs =
            DuelOutputs { first_on_test, second_on_test, first_on_second, second_on_first };
        let settings = DuelSettings { tolerance, ..DuelSettings::default() };
        generative_adversarial_metric(outputs, &settings)
    }

    #[test]
    fn the_model_whose_discriminator_is_fooled_less_wins() {
        let test: &[f64] = &[0.9, 0.2, 0.7, 0.8];
        let (rarely, often): (&[f64], &[f64]) = (&[0.1, 0.2, 0.6, 0.3], &[0.6, 0.5, 0.7, 0.4]);
        let found = duel([test, test, rarely, often], 0.1).expect("valid");
        assert_eq!((found.r_test, found.first_on_test), (Some(1.0), 0.25));
        assert_eq!((found.first_on_second, found.second_on_first), (0.25, 0.625));
        assert_eq!((found.r_samples, found.winner), (Some(0.4), DuelWinner::First));
        let found = duel([test, test, often, rarely], 0.1).expect("valid");
        assert_eq!((found.r_samples, found.winner), (Some(2.5), DuelWinner::Second));
        let found = duel([test, test, often, often], 0.1).expect("valid");
        assert_eq!(found.winner, DuelWinner::Tie);
    }

    #[test]
    fn without_equal_discriminators_nobody_wins() {
        let (sharp, blunt): (&[f64], &[f64]) = (&[0.9, 0.9, 0.2, 0.9], &[0.9, 0.1, 0.2, 0.9]);
        let samples: [&[f64]; 2] = [&[0.1, 0.6], &[0.7, 0.6]];
        for (first, second) in [(sharp, blunt), (blunt, sharp)] {
            let found = duel([first, second, samples[0], samples[1]], 0.5).expect("valid");
            assert_eq!(found.winner, DuelWinner::Undecided);
            // r_test = 1/2 or 2: within a factor of 2.
            let found = duel([first, second, samples[0], samples[1]], 1.0).expect("valid");
            assert_eq!(found.winner, DuelWinner::First);
        }
    }

    #[test]
    fn no_errors_leave_the_ratios_out() {
        let right: &[f64] = &[0.9, 0.9];
        let found = duel([right, right, &[0.9, 0.1], &[0.1, 0.1]], 0.1).expect("valid");
        assert_eq!((found.r_test, found.r_samples), (None, None));
        assert_eq!(found.winner, DuelWinner::Second);
        let found = duel([&[0.9, 0.1], right, &[0.9], &[0.1]], 0.1).expect("valid");
        assert_eq!(found.winner, DuelWinner::Undecided);
    }

    #[test]
    fn outputs_that_cannot_be_compared_are_refused() {
        let good: &[f64] = &[0.9];
        assert!(duel([&[], good, good, good], 0.1).is_err());
        assert!(duel([good, good, &[f64::NAN], good], 0.1).is_err());
        assert!(duel([good, &[0.9, 0.8], good, good], 0.1).is_err());
        assert!(duel([good, good, good, good], -0.1).is_err());
    }
}
