use ndarray::{ArrayView2, Axis, s};
use serde::{Deserialize, Serialize};

use super::class_probabilities::marginal;
use super::{ClassProbabilities, negative_entropy};
use crate::ValidationError;
use crate::metrics::checks::setting;
use crate::random::{Purpose, generator, permutation};

/// The Inception score with any classifier,
///
/// IS = exp E_x KL(p(y|x) ‖ p(y)), p(y) = E_x p(y|x)
///
/// (Salimans et al., arXiv:1606.03498), between 1 and the number of classes. Of all events at once;
/// see [`inception_score_in_splits`] for the figure that is usually published. 0 · ln 0 counts as
/// 0, and p(y) is above 0 wherever a p(y|x) is, so that it is finite for any probabilities.
pub fn inception_score(probabilities: &ClassProbabilities) -> f64 {
    score(probabilities.view())
}

/// Mean and deviation of the Inception scores of parts of a sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitInceptionScore {
    pub mean: f64,
    /// Of the population of the splits (ddof 0).
    pub deviation: f64,
    /// Of each split.
    pub scores: Vec<f64>,
}

/// The [`inception_score`] of each of `splits` parts, of which the i-th has the events ⌊i N / splits⌋
/// to ⌊(i + 1) N / splits⌋ − 1, each with its own p(y): as torch-fidelity does it with 10. Small
/// parts lower the score, since their p(y) follows their own events.
///
/// With a `seed` the events are dealt at random; without, they are taken in order.
///
/// # Errors
/// No split, or fewer events than splits.
pub fn inception_score_in_splits(
    probabilities: &ClassProbabilities,
    splits: usize,
    seed: Option<u64>,
) -> Result<SplitInceptionScore, ValidationError> {
    if splits == 0 {
        return Err(setting("splits", splits, "at least 1"));
    }
    let events = probabilities.events();
    if events < splits {
        let purpose = format!("an Inception score of `{}` in splits", probabilities.label());
        return Err(ValidationError::TooFewEvents { purpose, found: events, needed: splits });
    }
    let dealt = seed.map(|seed| {
        let order = permutation(events, &mut generator(seed, Purpose::ScoreSplits));
        probabilities.view().select(Axis(0), &order)
    });
    let values = dealt.as_ref().map_or(probabilities.view(), |dealt| dealt.view());
    let scores: Vec<f64> = (0..splits)
        .map(|split| {
            score(values.slice(s![split * events / splits..(split + 1) * events / splits, ..]))
        })
        .collect();
    let mean = scores.iter().sum::<f64>() / splits as f64;
    let variance = scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / splits as f64;
    Ok(SplitInceptionScore { mean, deviation: variance.sqrt(), scores })
}

/// E KL(p(y|x) ‖ p(y)) is the entropy of p(y) less the mean entropy of p(y|x).
fn score(values: ArrayView2<'_, f64>) -> f64 {
    let certain = negative_entropy(values.iter().copied()) / values.nrows() as f64;
    (certain - negative_entropy(marginal(values))).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, arr2};

    fn probabilities(values: &Array2<f64>) -> ClassProbabilities {
        ClassProbabilities::new("x", values.view()).expect("valid")
    }

    #[test]
    fn certain_and_even_predictions_have_as_many_classes_and_unsure_ones_one() {
        let certain = probabilities(&Array2::eye(7));
        approx::assert_relative_eq!(inception_score(&certain), 7.0, max_relative = 1e-14);
        let unsure = probabilities(&arr2(&[[0.25, 0.75], [0.25, 0.75]]));
        approx::assert_relative_eq!(inception_score(&unsure), 1.0, max_relative = 1e-14);
    }

    #[test]
    fn splits_are_of_the_events_in_order_unless_a_seed_deals_them() {
        // Seven events of three classes, one after the other: 2, 2 and 3 events in three splits.
        let events = [0, 1, 1, 1, 0, 2, 2];
        let values = Array2::from_shape_fn(
            (7, 3),
            |(event, class)| {
                if events[event] == class { 1.0 } else { 0.0 }
            },
        );
        let probabilities = probabilities(&values);
        let found = inception_score_in_splits(&probabilities, 3, None).expect("valid");
        // (2/3)^(−2/3) (1/3)^(−1/3)
        let third = (2.0_f64 / 3.0).powf(-2.0 / 3.0) * 3f64.powf(1.0 / 3.0);
        for (found, expected) in found.scores.iter().zip([2.0, 1.0, third]) {
            approx::assert_relative_eq!(*found, expected, max_relative = 1e-14);
        }
        let dealt = |seed| inception_score_in_splits(&probabilities, 3, Some(seed)).expect("valid");
        assert_eq!(dealt(1), dealt(1));
        assert!((2..20).any(|seed| dealt(seed).scores != dealt(1).scores));
        assert!(inception_score_in_splits(&probabilities, 8, None).is_err());
        assert!(inception_score_in_splits(&probabilities, 0, None).is_err());
    }
}
