use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::ValidationError;

/// Events with a class each.
#[derive(Debug, Clone, Copy)]
pub struct Labelled<'a> {
    /// What the events are called in an error.
    pub name: &'a str,
    /// `[events, features]`
    pub features: ArrayView2<'a, f64>,
    /// From 0. `[events]`
    pub labels: &'a [usize],
}

impl Labelled<'_> {
    /// # Errors
    /// No events, a number of labels or features that does not fit, or a feature that is not
    /// finite.
    pub(super) fn check(&self, features: usize) -> Result<(), ValidationError> {
        let problem =
            |problem: String| Err(ValidationError::Sample { label: self.name.to_owned(), problem });
        if self.labels.is_empty() || self.features.nrows() == 0 {
            return Err(ValidationError::TooFewEvents {
                purpose: format!("sample `{}`", self.name),
                found: 0,
                needed: 1,
            });
        }
        if self.labels.len() != self.features.nrows() {
            let (labels, events) = (self.labels.len(), self.features.nrows());
            return problem(format!("has {labels} labels for {events} events"));
        }
        if self.features.ncols() != features {
            let found = self.features.ncols();
            return problem(format!("has {found} features, expected {features}"));
        }
        if self.features.iter().any(|value| !value.is_finite()) {
            return problem("has features that are not finite".to_owned());
        }
        Ok(())
    }
}

/// A share of events with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accuracy {
    pub value: f64,
    /// √(a (1 − a) / n).
    pub error: f64,
    pub events: usize,
}

impl Accuracy {
    /// Of so many right answers among `events`, of which there is at least one.
    pub(super) fn of(right: usize, events: usize) -> Self {
        let value = right as f64 / events as f64;
        Self { value, error: (value * (1.0 - value) / events as f64).sqrt(), events }
    }

    /// The share of labels that are guessed.
    pub(super) fn of_labels(guessed: &[usize], labels: &[usize]) -> Self {
        let right = guessed.iter().zip(labels).filter(|(guess, label)| guess == label).count();
        Self::of(right, labels.len())
    }
}

/// Mean and standard deviation (with n) of each training feature; a constant feature keeps its
/// scale.
#[derive(Debug, Clone)]
pub(super) struct Standardisation {
    mean: Array1<f64>,
    deviation: Array1<f64>,
}

impl Standardisation {
    /// # Shapes
    /// `features`: `[events, features]`, at least one event.
    pub(super) fn of(features: ArrayView2<'_, f64>) -> Self {
        let count = features.nrows() as f64;
        let mean = features.sum_axis(Axis(0)) / count;
        let squares = (&features - &mean).mapv(|difference| difference * difference);
        let deviation = (squares.sum_axis(Axis(0)) / count).mapv(f64::sqrt);
        let negligible = mean.mapv(|mean: f64| 1e-12 * mean.abs());
        let deviation = ndarray::Zip::from(&deviation)
            .and(&negligible)
            .map_collect(|&deviation, &least| if deviation <= least { 1.0 } else { deviation });
        Self { mean, deviation }
    }

    pub(super) fn apply(&self, features: ArrayView2<'_, f64>) -> Array2<f64> {
        (&features - &self.mean) / &self.deviation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn events_that_do_not_fit_are_refused_by_name() {
        let features = array![[1.0, 2.0], [3.0, f64::NAN]];
        let of =
            |labels: &'static [usize]| Labelled { name: "real", features: features.view(), labels };
        let error = |labels, width| of(labels).check(width).expect_err("is refused").to_string();
        assert_eq!(error(&[0], 2), "sample `real` has 1 labels for 2 events");
        assert_eq!(error(&[0, 1], 3), "sample `real` has 2 features, expected 3");
        assert_eq!(error(&[0, 1], 2), "sample `real` has features that are not finite");
        assert_eq!(error(&[], 2), "sample `real` has 0 events, needs at least 1");
    }

    #[test]
    fn constants_stay_and_others_get_deviation_1() {
        let features = array![[1.0, 5.0], [3.0, 5.0]];
        let standardised = Standardisation::of(features.view()).apply(features.view());
        assert_eq!(standardised, array![[-1.0, 0.0], [1.0, 0.0]]);
    }
}
