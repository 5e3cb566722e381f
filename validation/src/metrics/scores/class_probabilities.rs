use ndarray::{Array2, ArrayView2};

use crate::ValidationError;
use crate::metrics::checks::{check_positive, problem_of};

/// How far the probabilities of an event may be from 1 in sum: what a softmax in 32 bits leaves.
const SUM_TOLERANCE: f64 = 1e-4;

/// What a classifier makes of the events: the probability p(y|x) of each class.
///
/// ```
/// use ndarray::arr2;
/// use validation::metrics::scores::{ClassProbabilities, inception_score};
/// let probabilities = arr2(&[[1.0, 0.0], [0.0, 1.0]]);
/// let certain = ClassProbabilities::new("generated", probabilities.view())?;
/// assert!((inception_score(&certain) - 2.0).abs() < 1e-12);
/// # Ok::<(), validation::ValidationError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ClassProbabilities {
    label: String,
    /// `[events, classes]`, each row a distribution.
    values: Array2<f64>,
}

impl ClassProbabilities {
    /// Takes over `values`, each row divided by its sum; `label` names the sample in messages.
    ///
    /// # Shapes
    /// `values`: `[events, classes]`.
    ///
    /// # Errors
    /// No event, fewer than two classes, or a row that is no distribution: a value that is not
    /// finite or below 0, or a sum that differs from 1 by more than 10⁻⁴.
    pub fn new<T: Copy + Into<f64>>(
        label: &str,
        values: ArrayView2<'_, T>,
    ) -> Result<Self, ValidationError> {
        let mut values = checked_shape(label, values)?;
        for (event, mut row) in values.outer_iter_mut().enumerate() {
            if let Some((class, value)) =
                row.iter().enumerate().find(|(_, value)| !(value.is_finite() && **value >= 0.0))
            {
                let problem = format!("has probability {value} of class {class} in event {event}");
                return Err(problem_of(label, problem));
            }
            let sum = row.sum();
            if (sum - 1.0).abs() > SUM_TOLERANCE {
                let problem = format!("has probabilities with sum {sum} in event {event}, not 1");
                return Err(problem_of(label, problem));
            }
            row /= sum;
        }
        Ok(Self { label: label.to_owned(), values })
    }

    /// The softmax of each row, computed about its greatest value.
    ///
    /// # Shapes
    /// `logits`: `[events, classes]`.
    ///
    /// # Errors
    /// No event, fewer than two classes, or a logit that is not finite.
    pub fn from_logits<T: Copy + Into<f64>>(
        label: &str,
        logits: ArrayView2<'_, T>,
    ) -> Result<Self, ValidationError> {
        let mut values = checked_shape(label, logits)?;
        for (event, mut row) in values.outer_iter_mut().enumerate() {
            if let Some(value) = row.iter().find(|value| !value.is_finite()) {
                return Err(problem_of(label, format!("has logit {value} in event {event}")));
            }
            let greatest = row.fold(f64::NEG_INFINITY, |greatest, &value| greatest.max(value));
            row.mapv_inplace(|logit| (logit - greatest).exp());
            let sum = row.sum();
            row /= sum;
        }
        Ok(Self { label: label.to_owned(), values })
    }

    /// (p + ε) / (1 + ε · classes): no probability is 0, so that no divergence is infinite.
    ///
    /// # Errors
    /// An ε that is not above 0.
    pub fn smoothed(&self, epsilon: f64) -> Result<Self, ValidationError> {
        check_positive("epsilon", epsilon)?;
        let sum = 1.0 + epsilon * self.classes() as f64;
        let values = self.values.mapv(|p| (p + epsilon) / sum);
        Ok(Self { label: self.label.clone(), values })
    }

    pub fn label(&self) -> &str {
        &self.label
    }

    pub fn events(&self) -> usize {
        self.values.nrows()
    }

    pub fn classes(&self) -> usize {
        self.values.ncols()
    }

    /// `[events, classes]`
    pub fn view(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// p(y), the mean over the events.
    ///
    /// # Shapes
    /// `[classes]`
    pub fn marginal(&self) -> Vec<f64> {
        marginal(self.values.view())
    }

    /// The most probable class of each event; of equally probable ones the first.
    ///
    /// # Shapes
    /// `[events]`
    pub fn predicted_classes(&self) -> Vec<usize> {
        let greatest = |row: ndarray::ArrayView1<'_, f64>| {
            let better =
                |best: usize, class: usize| if row[class] > row[best] { class } else { best };
            (0..row.len()).fold(0, better)
        };
        self.values.outer_iter().map(greatest).collect()
    }
}

/// Means of the columns.
pub(super) fn marginal(values: ArrayView2<'_, f64>) -> Vec<f64> {
    let events = values.nrows() as f64;
    values.columns().into_iter().map(|column| column.sum() / events).collect()
}

fn checked_shape<T: Copy + Into<f64>>(
    label: &str,
    values: ArrayView2<'_, T>,
) -> Result<Array2<f64>, ValidationError> {
    if values.nrows() == 0 {
        let purpose = format!("class probabilities of `{label}`");
        return Err(ValidationError::TooFewEvents { purpose, found: 0, needed: 1 });
    }
    if values.ncols() < 2 {
        return Err(problem_of(label, format!("has {} classes, not two or more", values.ncols())));
    }
    Ok(values.mapv(Into::into))
}

/// The share of each class among events with these labels, as p_train(y) in
/// [`am_score`](super::am_score).
///
/// # Shapes
/// `labels`: `[events]`; the result is `[classes]`.
///
/// # Errors
/// No label, or one that is not below `classes`.
pub fn class_shares(labels: &[usize], classes: usize) -> Result<Vec<f64>, ValidationError> {
    if labels.is_empty() {
        let purpose = "shares of classes".to_owned();
        return Err(ValidationError::TooFewEvents { purpose, found: 0, needed: 1 });
    }
    let mut shares = vec![0.0; classes];
    for (event, &label) in labels.iter().enumerate() {
        let Some(share) = shares.get_mut(label) else {
            let problem = format!("has class {label} in event {event}, of {classes} classes");
            return Err(problem_of("labels", problem));
        };
        *share += 1.0;
    }
    for share in &mut shares {
        *share /= labels.len() as f64;
    }
    Ok(shares)
}

/// Whether `shares` are a distribution over the classes of `probabilities`.
pub(super) fn check_shares(
    shares: &[f64],
    probabilities: &ClassProbabilities,
) -> Result<(), ValidationError> {
    if shares.len() != probabilities.classes() {
        return Err(ValidationError::Shape {
            found_events: 1,
            found_values: shares.len(),
            events: 1,
            values: probabilities.classes(),
        });
    }
    let sum: f64 = shares.iter().sum();
    let valid = shares.iter().all(|share| share.is_finite() && *share >= 0.0);
    if !valid || (sum - 1.0).abs() > SUM_TOLERANCE {
        let problem = format!("has shares {shares:?} with sum {sum}, not a distribution");
        return Err(problem_of("training classes", problem));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    fn refused(values: Array2<f64>) -> String {
        ClassProbabilities::new("generated", values.view()).expect_err("refused").to_string()
    }

    #[test]
    fn rows_that_are_no_distribution_are_refused_by_event() {
        assert_eq!(
            refused(arr2(&[[0.5, 0.5], [0.5, 0.25]])),
            "sample `generated` has probabilities with sum 0.75 in event 1, not 1"
        );
        assert_eq!(
            refused(arr2(&[[1.5, -0.5]])),
            "sample `generated` has probability -0.5 of class 1 in event 0"
        );
        assert_eq!(
            refused(arr2(&[[f64::NAN, 0.5]])),
            "sample `generated` has probability NaN of class 0 in event 0"
        );
        assert_eq!(refused(arr2(&[[1.0]])), "sample `generated` has 1 classes, not two or more");
        assert!(refused(Array2::zeros((0, 3))).ends_with("has 0 events, needs at least 1"));
    }

    #[test]
    fn a_softmax_of_great_logits_is_the_softmax() {
        let logits = arr2(&[[1000.0_f32, 1000.0, -1000.0], [0.0, 0.0, 0.0]]);
        let found = ClassProbabilities::from_logits("x", logits.view()).expect("valid");
        let third = 1.0 / 3.0;
        assert_eq!(found.view(), arr2(&[[0.5, 0.5, 0.0], [third, third, third]]));
        assert_eq!(found.predicted_classes(), [0, 0]);
        let smooth = found.smoothed(0.5).expect("valid");
        approx::assert_relative_eq!(smooth.view()[(0, 0)], 0.4, max_relative = 1e-15);
        assert!(found.smoothed(0.0).is_err());
    }

    #[test]
    fn shares_of_labels() {
        assert_eq!(class_shares(&[0, 2, 2, 0], 3).expect("valid"), [0.5, 0.0, 0.5]);
        assert!(class_shares(&[3], 3).is_err() && class_shares(&[], 3).is_err());
    }
}
