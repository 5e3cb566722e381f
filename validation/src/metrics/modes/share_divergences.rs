use serde::{Deserialize, Serialize};

use crate::ValidationError;
use crate::metrics::checks::problem_of;
use crate::metrics::scores::kullback_leibler;

/// How far the generated shares of modes or classes are from what they should be, in nats.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ShareDivergences {
    /// KL(generated ‖ expected) = Σ p ln (p / q). The papers on mode collapse call this one
    /// "reverse KL"; it stays finite where modes are missing. `None` where generated events are in
    /// a mode that is expected to be empty, and it is infinite.
    pub generated_to_expected: Option<f64>,
    /// KL(expected ‖ generated) = Σ q ln (q / p); `None` where an expected mode has no generated
    /// event, and it is infinite.
    pub expected_to_generated: Option<f64>,
}

/// Both divergences between the shares of `counts` and `expected`.
///
/// Even perfect samples of N events in K equally probable modes have a KL(generated ‖ expected) of
/// (K − 1) / 2N on average: .0014 for 2,500 in 8 modes, .0048 in 25, .0192 for 26,000 in 1,000.
///
/// # Shapes
/// Both `[modes]`; `expected` sums to 1.
///
/// # Errors
/// No events, another number of modes, or expected shares that are no distribution.
pub fn share_divergences(
    counts: &[usize],
    expected: &[f64],
) -> Result<ShareDivergences, ValidationError> {
    if counts.len() != expected.len() {
        return Err(ValidationError::Shape {
            found_events: 1,
            found_values: expected.len(),
            events: 1,
            values: counts.len(),
        });
    }
    let sum: f64 = expected.iter().sum();
    if expected.iter().any(|share| !(share.is_finite() && *share >= 0.0))
        || (sum - 1.0).abs() > 1e-6
    {
        let problem = format!("has a sum of {sum} or values below 0, and is no distribution");
        return Err(problem_of("expected shares", problem));
    }
    let total: usize = counts.iter().sum();
    if total == 0 {
        let purpose = "shares of modes".to_owned();
        return Err(ValidationError::TooFewEvents { purpose, found: 0, needed: 1 });
    }
    let shares: Vec<f64> = counts.iter().map(|&count| count as f64 / total as f64).collect();
    Ok(ShareDivergences {
        generated_to_expected: kullback_leibler(&shares, expected).ok(),
        expected_to_generated: kullback_leibler(expected, &shares).ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_of_two_modes() {
        let found = share_divergences(&[3, 1], &[0.5, 0.5]).expect("valid");
        let generated = 0.75 * 1.5f64.ln() + 0.25 * 0.5f64.ln();
        let expected = 0.5 * (2.0_f64 / 3.0).ln() + 0.5 * 2f64.ln();
        approx::assert_relative_eq!(
            found.generated_to_expected.expect("finite"),
            generated,
            max_relative = 1e-14
        );
        approx::assert_relative_eq!(
            found.expected_to_generated.expect("finite"),
            expected,
            max_relative = 1e-14
        );
    }

    #[test]
    fn a_missing_mode_leaves_one_direction_and_an_excess_one_the_other() {
        let found = share_divergences(&[4, 0], &[0.5, 0.5]).expect("valid");
        approx::assert_relative_eq!(found.generated_to_expected.expect("finite"), 2f64.ln());
        assert_eq!(found.expected_to_generated, None);
        assert_eq!(
            share_divergences(&[1, 1], &[1.0, 0.0]).expect("valid").generated_to_expected,
            None
        );
    }

    #[test]
    fn what_has_no_shares_is_refused() {
        assert!(share_divergences(&[0, 0], &[0.5, 0.5]).is_err());
        assert!(share_divergences(&[1, 2], &[0.5, 0.4]).is_err());
        assert!(share_divergences(&[1, 2], &[1.0]).is_err());
    }
}
