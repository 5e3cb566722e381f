use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::pairwise::squared_distance;

/// Events of both samples among which all distances are taken; of more events, so many at equal
/// steps.
const EVENTS: usize = 2000;

/// The median of |x − y| over all pairs of different events of both samples together: the usual
/// bandwidth σ of a Gaussian kernel (Gretton et al. 2012, section 8). Of more than 2,000 events,
/// 2,000 at equal steps are taken.
///
/// ```
/// use ndarray::arr2;
/// use validation::metrics::{FeatureMatrix, kernels::median_distance};
/// let first = FeatureMatrix::new("first", arr2(&[[0.0], [1.0]]).view())?;
/// let second = FeatureMatrix::new("second", arr2(&[[3.0]]).view())?;
/// assert_eq!(median_distance(&first, &second)?, 2.0); // of 1, 2 and 3
/// # Ok::<(), validation::ValidationError>(())
/// ```
///
/// # Errors
/// Different features, or a median of 0.
pub fn median_distance(
    first: &FeatureMatrix,
    second: &FeatureMatrix,
) -> Result<f64, ValidationError> {
    first.check_same_features(second)?;
    let total = first.events() + second.events();
    let taken = total.min(EVENTS);
    let event = |number: usize| {
        let number = number * total / taken;
        match number.checked_sub(first.events()) {
            None => first.event(number),
            Some(number) => second.event(number),
        }
    };
    let mut squares: Vec<f64> = (0..taken)
        .flat_map(|i| (0..i).map(move |j| squared_distance(event(i), event(j))))
        .collect();
    let middle = squares.len() / 2;
    let (below, &mut upper, _) = squares.select_nth_unstable_by(middle, f64::total_cmp);
    let median = if (taken * (taken - 1) / 2).is_multiple_of(2) {
        let lower = below.iter().copied().fold(0.0, f64::max);
        0.5 * (lower.sqrt() + upper.sqrt())
    } else {
        upper.sqrt()
    };
    if median > 0.0 {
        return Ok(median);
    }
    Err(ValidationError::Sample {
        label: second.label().to_owned(),
        problem: "and the reference have equal events in most pairs: no width of a kernel follows"
            .to_owned(),
    })
}
