use serde::{Deserialize, Serialize};

use super::objectives::weighted_mean;
use super::observables::Observable;
use crate::codec::{LabelNumber, Labels};
use crate::compute::Tensor;

/// A distance of two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegressionLoss {
    /// |a − t|
    Absolute,
    /// 100 |a − t| / max(|t|, 10⁻⁷)
    AbsolutePercentage,
    /// (a − t)²
    Squared,
}

const SMALLEST_TARGET: f64 = 1e-7;

impl RegressionLoss {
    /// Event by event.
    ///
    /// # Shapes
    /// `[events, numbers]`, averaged over the numbers: `[events, 1]`.
    pub fn of(self, found: Tensor<2>, target: Tensor<2>) -> Tensor<2> {
        let difference = found - target.clone();
        let losses = match self {
            Self::Absolute => difference.abs(),
            Self::AbsolutePercentage => {
                difference.abs() / target.abs().clamp_min(SMALLEST_TARGET) * 100.0
            }
            Self::Squared => difference.square(),
        };
        losses.mean_dim(1)
    }
}

/// A head of a critic that tells a condition of the events that it sees, real or generated, as in
/// CLIC's 3DGAN (arXiv:1912.06794): it learns from both, and the generator, too, is to make events
/// of which it tells the right one. The target is the condition over the largest of its range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auxiliary {
    /// The condition's name; a number.
    pub condition: String,
    pub loss: RegressionLoss,
    /// Its share of the critic's and the generator's loss.
    pub weight: f64,
}

/// A term of the generator's loss by which an observable of a generated event is that of the real
/// one at the same condition, without a network, as 3DGAN's energy sum and angle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matching {
    pub observable: Observable,
    pub loss: RegressionLoss,
    /// Its share of the generator's loss.
    pub weight: f64,
}

/// Where a condition stands among the labels, and how it is read back from them.
#[derive(Debug, Clone, Copy)]
pub(super) struct ConditionTarget(LabelNumber);

impl ConditionTarget {
    /// None if there is no such number.
    pub(super) fn new(labels: &Labels, condition: &str) -> Option<Self> {
        labels.number(condition).map(Self)
    }

    /// The condition over the largest of its range.
    ///
    /// # Shapes
    /// `label`: `[events, labels]`; the target: `[events, 1]`.
    pub(super) fn of(&self, label: &Tensor<2>) -> Tensor<2> {
        let LabelNumber { column, minimum, maximum, logarithmic } = self.0;
        // From −1 … 1 to 0 … 1.
        let share = (label.clone().narrow(1, column, 1) + 1.0) * 0.5;
        if logarithmic {
            ((share - 1.0) * (maximum / minimum).ln()).exp()
        } else {
            (share * (maximum - minimum) + minimum) / maximum
        }
    }
}

/// The weighted mean of what heads have found wrong.
///
/// # Shapes
/// `found`: `[events, heads]`, one after the other; `label`: `[events, labels]`; `weights`:
/// `[events, 1]`. The loss: `[1]`, none without heads.
pub(super) fn auxiliary_loss(
    heads: &[(Auxiliary, ConditionTarget)],
    found: &Tensor<2>,
    label: &Tensor<2>,
    weights: Option<&Tensor<2>>,
) -> Option<Tensor<1>> {
    heads
        .iter()
        .enumerate()
        .map(|(i, (head, target))| {
            let losses = head.loss.of(found.clone().narrow(1, i, 1), target.of(label));
            weighted_mean(losses, weights) * head.weight
        })
        .reduce(|sum, loss| sum + loss)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::codec::LabelRanges;
    use crate::compute::{cpu, matrix, to_host};

    #[test]
    fn conditions_are_read_back_from_their_labels() {
        let detector = detectors::builtin("clic-ecal-51").expect("built in");
        let labels = Labels::new(&detector, &LabelRanges::new());
        for condition in detector.conditions() {
            let (low, high) = labels
                .ranges()
                .find(|(name, ..)| *name == condition.name)
                .map(|(_, low, high, _)| (low, high))
                .expect("a number");
            let middle = 0.3 * low + 0.7 * high;
            let mut conditions =
                array![[0.0; 8]].slice_move(ndarray::s![.., ..detector.condition_width()]);
            for other in detector.conditions() {
                let range = labels.ranges().find(|(name, ..)| *name == other.name);
                conditions[[0, other.first_column]] = range.map_or(0.0, |range| range.1);
            }
            conditions[[0, condition.first_column]] = middle;
            let label = labels.encode_all(conditions.view());
            let label = matrix(label.iter().copied().collect(), 1, labels.width(), &cpu());
            let target = ConditionTarget::new(&labels, &condition.name).expect("a number");
            approx::assert_relative_eq!(
                f64::from(to_host(target.of(&label))[0]),
                middle / high,
                max_relative = 1e-5
            );
        }
        assert!(ConditionTarget::new(&labels, "colour").is_none());
    }

    #[test]
    fn losses_of_known_numbers() {
        let found = || matrix(vec![1.0, 3.0], 1, 2, &cpu());
        let target = || matrix(vec![2.0, 5.0], 1, 2, &cpu());
        let of = |loss: RegressionLoss| to_host(loss.of(found(), target()))[0];
        assert_eq!(of(RegressionLoss::Absolute), 1.5);
        assert_eq!(of(RegressionLoss::Squared), 2.5);
        approx::assert_relative_eq!(of(RegressionLoss::AbsolutePercentage), 45.0, epsilon = 1e-4);
    }
}
