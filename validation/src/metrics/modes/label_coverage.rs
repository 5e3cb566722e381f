use serde::{Deserialize, Serialize};

use super::{ShareDivergences, share_divergences};
use crate::ValidationError;
use crate::metrics::checks::problem_of;

/// Which classes the events are in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelCoverage {
    /// Classes with at least one event.
    pub found: usize,
    /// Of all classes.
    pub classes: usize,
    pub divergences: ShareDivergences,
}

/// Classes found among the labels that a classifier gives the generated events, and the divergence
/// of their shares from those `expected`: equal ones where `None`. With 1,000 classes of three
/// stacked digits it is the benchmark of Metz et al. (arXiv:1611.02163), Srivastava et al.
/// (arXiv:1705.07761) and Lin et al. (arXiv:1712.04086), who label 26,000 events and give
/// KL(generated ‖ training).
///
/// # Shapes
/// `labels`: `[events]`, each below `classes`; `expected`: `[classes]`.
///
/// # Errors
/// No labels, a label that is no class, or expected shares that are no distribution.
pub fn label_coverage(
    labels: &[usize],
    classes: usize,
    expected: Option<&[f64]>,
) -> Result<LabelCoverage, ValidationError> {
    let mut counts = vec![0; classes];
    for (event, &label) in labels.iter().enumerate() {
        let Some(count) = counts.get_mut(label) else {
            let problem = format!("has class {label} in event {event}, of {classes} classes");
            return Err(problem_of("labels", problem));
        };
        *count += 1;
    }
    let equal = vec![1.0 / classes as f64; classes];
    let divergences = share_divergences(&counts, expected.unwrap_or(&equal))?;
    let found = counts.iter().filter(|&&count| count > 0).count();
    Ok(LabelCoverage { found, classes, divergences })
}

/// The class of an image of several stacked digits, the first the most significant: 123 for 1, 2, 3.
///
/// ```
/// assert_eq!(validation::metrics::modes::stacked_label(&[1, 2, 3]), 123);
/// ```
pub fn stacked_label(digits: &[usize]) -> usize {
    digits.iter().fold(0, |label, digit| 10 * label + digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, generator, uniform};

    #[test]
    fn a_perfect_sample_of_stacked_digits_is_at_the_floor() {
        let mut random = generator(5, Purpose::PathLength);
        let mut digit = || (10.0 * uniform(&mut random)) as usize;
        let labels: Vec<usize> =
            (0..26_000).map(|_| stacked_label(&[digit(), digit(), digit()])).collect();
        let found = label_coverage(&labels, 1000, None).expect("valid");
        assert_eq!((found.found, found.classes), (1000, 1000));
        // 999 / 52,000, with a standard deviation of √1998 / 52,000.
        let divergence = found.divergences.generated_to_expected.expect("finite");
        assert!((divergence - 0.0192).abs() < 4.0 * 8.6e-4, "{divergence}");
    }

    #[test]
    fn shares_may_be_expected_to_differ() {
        let found = label_coverage(&[0, 0, 0, 1], 3, Some(&[0.75, 0.25, 0.0])).expect("valid");
        assert_eq!(found.found, 2);
        assert_eq!(found.divergences.generated_to_expected, Some(0.0));
        assert!(label_coverage(&[3], 3, None).is_err());
        assert!(label_coverage(&[], 3, None).is_err());
        assert!(label_coverage(&[], 0, None).is_err());
    }
}
