use ndarray::{Array2, ArrayView2, Axis};

use crate::ValidationError;

/// Events as points in a space of features: finite, at least one event and one feature.
///
/// ```
/// use ndarray::arr2;
/// use validation::metrics::FeatureMatrix;
/// let features = FeatureMatrix::new("reference", arr2(&[[1.0_f32, 2.0], [3.0, 4.0]]).view())?;
/// assert_eq!((features.events(), features.features()), (2, 2));
/// # Ok::<(), validation::ValidationError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureMatrix {
    label: String,
    /// `[events, features]`, one event after the other.
    values: Array2<f64>,
}

impl FeatureMatrix {
    /// Takes over `values`; `label` names the sample in messages.
    ///
    /// # Shapes
    /// `values`: `[events, features]`.
    ///
    /// # Errors
    /// No event, no feature, or a value that is not finite.
    pub fn new<T: Copy + Into<f64>>(
        label: &str,
        values: ArrayView2<'_, T>,
    ) -> Result<Self, ValidationError> {
        let (events, features) = values.dim();
        let problem =
            |problem: String| ValidationError::Sample { label: label.to_owned(), problem };
        if events == 0 {
            return Err(too_few("a set of features", label, 0, 1));
        }
        if features == 0 {
            return Err(problem("has no features".to_owned()));
        }
        let converted: Vec<f64> = values.iter().map(|&value| value.into()).collect();
        if let Some(position) = converted.iter().position(|value| !value.is_finite()) {
            let (event, feature) = (position / features, position % features);
            let value = converted[position];
            return Err(problem(format!("has {value} in event {event}, feature {feature}")));
        }
        let values = Array2::from_shape_vec((events, features), converted)
            .expect("as many values as the view had");
        Ok(Self { label: label.to_owned(), values })
    }

    pub fn label(&self) -> &str {
        &self.label
    }

    pub fn events(&self) -> usize {
        self.values.nrows()
    }

    pub fn features(&self) -> usize {
        self.values.ncols()
    }

    /// `[events, features]`
    pub fn view(&self) -> ArrayView2<'_, f64> {
        self.values.view()
    }

    /// The features of one event.
    pub fn event(&self, event: usize) -> &[f64] {
        let features = self.features();
        &self.as_slice()[event * features..(event + 1) * features]
    }

    /// The events of these numbers, in this order; a number may come more than once.
    ///
    /// # Panics
    /// If there is no event of a number.
    #[must_use]
    pub fn select(&self, events: &[usize]) -> Self {
        Self { label: self.label.clone(), values: self.values.select(Axis(0), events) }
    }

    /// Both, each feature over its greatest absolute value in `self`; a feature that is 0 in all
    /// events of `self` stays as it is.
    ///
    /// # Errors
    /// If the two do not have the same number of features.
    pub fn over_greatest(&self, other: &Self) -> Result<(Self, Self), ValidationError> {
        self.check_same_features(other)?;
        let greatest: Vec<f64> = self
            .values
            .columns()
            .into_iter()
            .map(|column| column.iter().fold(0.0_f64, |greatest, value| greatest.max(value.abs())))
            .map(|greatest| if greatest == 0.0 { 1.0 } else { greatest })
            .collect();
        let greatest = ndarray::aview1(&greatest);
        let divided = |of: &Self| Self { label: of.label.clone(), values: &of.values / &greatest };
        Ok((divided(self), divided(other)))
    }

    /// Both, each feature less its mean in `self` and over its standard deviation in `self` (with n
    /// in the denominator, ddof 0); a feature that is the same in all events of `self` is only
    /// centred.
    ///
    /// # Errors
    /// If the two do not have the same number of features.
    pub fn over_deviation(&self, other: &Self) -> Result<(Self, Self), ValidationError> {
        self.check_same_features(other)?;
        let events = self.events() as f64;
        let mean = self.values.sum_axis(Axis(0)) / events;
        let deviation: Vec<f64> = self
            .values
            .columns()
            .into_iter()
            .zip(&mean)
            .map(|(column, mean)| {
                let first = column[0];
                let squares: f64 = column.iter().map(|value| (value - mean).powi(2)).sum();
                // Rounding of the mean must not pass for a width.
                if column.iter().all(|&value| value == first) {
                    1.0
                } else {
                    (squares / events).sqrt()
                }
            })
            .map(|deviation| if deviation == 0.0 { 1.0 } else { deviation })
            .collect();
        let deviation = ndarray::aview1(&deviation);
        let standardised =
            |of: &Self| Self { label: of.label.clone(), values: (&of.values - &mean) / deviation };
        Ok((standardised(self), standardised(other)))
    }

    pub(crate) fn as_slice(&self) -> &[f64] {
        self.values.as_slice().expect("made in standard layout")
    }

    /// The events of both, those of `self` first.
    pub(crate) fn joined(&self, other: &Self) -> Self {
        let values = ndarray::concatenate(Axis(0), &[self.view(), other.view()])
            .expect("checked to have the same features");
        Self { label: self.label.clone(), values }
    }

    pub(crate) fn check_same_features(&self, other: &Self) -> Result<(), ValidationError> {
        if self.features() == other.features() {
            return Ok(());
        }
        Err(ValidationError::Shape {
            found_events: other.events(),
            found_values: other.features(),
            events: other.events(),
            values: self.features(),
        })
    }

    /// Abstains where there are too few events for `purpose`.
    pub(crate) fn check_events(&self, purpose: &str, needed: usize) -> Result<(), ValidationError> {
        if self.events() >= needed {
            return Ok(());
        }
        Err(too_few(purpose, &self.label, self.events(), needed))
    }
}

pub(crate) fn too_few(purpose: &str, label: &str, found: usize, needed: usize) -> ValidationError {
    ValidationError::TooFewEvents { purpose: format!("{purpose} of `{label}`"), found, needed }
}

/// Both have the same features and enough events for `purpose`.
pub(crate) fn check_pair(
    first: &FeatureMatrix,
    second: &FeatureMatrix,
    purpose: &str,
    needed: usize,
) -> Result<(), ValidationError> {
    first.check_same_features(second)?;
    first.check_events(purpose, needed)?;
    second.check_events(purpose, needed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn what_cannot_be_compared_is_refused_by_name() {
        let refused = |values: Array2<f64>| {
            FeatureMatrix::new("generated", values.view()).expect_err("refused").to_string()
        };
        assert_eq!(
            refused(arr2(&[[1.0, 2.0], [3.0, f64::NAN]])),
            "sample `generated` has NaN in event 1, feature 1"
        );
        assert_eq!(refused(Array2::zeros((3, 0))), "sample `generated` has no features");
        assert_eq!(
            refused(Array2::zeros((0, 3))),
            "a set of features of `generated` has 0 events, needs at least 1"
        );
    }

    #[test]
    fn features_are_divided_by_the_greatest_of_the_first() {
        let first = FeatureMatrix::new("a", arr2(&[[1.0, -4.0, 0.0], [2.0, 2.0, 0.0]]).view());
        let second = FeatureMatrix::new("b", arr2(&[[4.0, 4.0, 4.0]]).view());
        let (first, second) = (first.expect("valid"), second.expect("valid"));
        let (first, second) = first.over_greatest(&second).expect("the same features");
        assert_eq!(first.view(), arr2(&[[0.5, -1.0, 0.0], [1.0, 0.5, 0.0]]));
        assert_eq!(second.view(), arr2(&[[2.0, 1.0, 4.0]]));
    }

    #[test]
    fn features_are_standardised_by_the_first_and_constant_ones_only_centred() {
        let first = FeatureMatrix::new("a", arr2(&[[1.0, 0.1], [3.0, 0.1], [5.0, 0.1]]).view());
        let second = FeatureMatrix::new("b", arr2(&[[3.0, 1.1]]).view());
        let (first, second) = (first.expect("valid"), second.expect("valid"));
        let (first, second) = first.over_deviation(&second).expect("the same features");
        let width = (8.0_f64 / 3.0).sqrt();
        assert!((first.view()[(2, 0)] - 2.0 / width).abs() < 1e-15);
        assert!(second.view()[(0, 0)].abs() < 1e-15 && (second.view()[(0, 1)] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_view_in_any_order_of_axes_is_the_same_matrix() {
        let values = arr2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        let transposed = values.t().to_owned();
        let matrix = FeatureMatrix::new("a", transposed.t()).expect("valid");
        assert_eq!(matrix.event(1), [4.0, 5.0, 6.0]);
        assert_eq!(matrix.select(&[1, 1]).view(), arr2(&[[4.0, 5.0, 6.0], [4.0, 5.0, 6.0]]));
    }
}
