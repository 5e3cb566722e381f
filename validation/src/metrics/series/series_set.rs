use ndarray::{Array3, ArrayView3, Axis};

use super::SeriesScaling;
use crate::ValidationError;
use crate::metrics::checks::problem_of;

/// Time series of equal length: finite, at least one series, two steps and one feature.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesSet {
    label: String,
    /// `[series, steps, features]`
    values: Array3<f64>,
}

impl SeriesSet {
    /// Takes over `values`; `label` names the sample in messages.
    ///
    /// # Shapes
    /// `values`: `[series, steps, features]`.
    ///
    /// # Errors
    /// No series, fewer than two steps, no feature, or a value that is not finite.
    pub fn new<T: Copy + Into<f64>>(
        label: &str,
        values: ArrayView3<'_, T>,
    ) -> Result<Self, ValidationError> {
        let (series, steps, features) = values.dim();
        if series == 0 {
            let purpose = format!("a set of series of `{label}`");
            return Err(ValidationError::TooFewEvents { purpose, found: 0, needed: 1 });
        }
        if steps < 2 || features == 0 {
            let problem = format!("has {steps} steps of {features} features, needs 2 and 1");
            return Err(problem_of(label, problem));
        }
        let values: Array3<f64> = values.mapv(Into::into);
        if let Some(((series, step, feature), value)) =
            values.indexed_iter().find(|(_, value)| !value.is_finite())
        {
            let problem = format!("has {value} in series {series}, step {step}, feature {feature}");
            return Err(problem_of(label, problem));
        }
        Ok(Self { label: label.to_owned(), values })
    }

    pub fn label(&self) -> &str {
        &self.label
    }

    pub fn series(&self) -> usize {
        self.values.dim().0
    }

    pub fn steps(&self) -> usize {
        self.values.dim().1
    }

    pub fn features(&self) -> usize {
        self.values.dim().2
    }

    /// `[series, steps, features]`
    pub fn view(&self) -> ArrayView3<'_, f64> {
        self.values.view()
    }

    /// Both, each feature taken from its least to its greatest value in `self` to 0 to 1 if so
    /// wanted; a feature that is constant in `self` is only moved to 0.
    pub(super) fn scaled_with(
        &self,
        other: &Self,
        scaling: SeriesScaling,
    ) -> Result<(Array3<f64>, Array3<f64>), ValidationError> {
        if (other.steps(), other.features()) != (self.steps(), self.features()) {
            return Err(ValidationError::Shape {
                found_events: other.steps(),
                found_values: other.features(),
                events: self.steps(),
                values: self.features(),
            });
        }
        let (mut first, mut second) = (self.values.clone(), other.values.clone());
        if scaling == SeriesScaling::None {
            return Ok((first, second));
        }
        for feature in 0..self.features() {
            let values = self.values.index_axis(Axis(2), feature);
            let least = values.fold(f64::INFINITY, |least, &value| least.min(value));
            let greatest = values.fold(f64::NEG_INFINITY, |greatest, &value| greatest.max(value));
            let width = if greatest > least { greatest - least } else { 1.0 };
            for set in [&mut first, &mut second] {
                set.index_axis_mut(Axis(2), feature).mapv_inplace(|value| (value - least) / width);
            }
        }
        Ok((first, second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr3;

    #[test]
    fn features_are_taken_to_the_ranges_of_the_first() {
        let first = SeriesSet::new("a", arr3(&[[[2.0, 5.0], [4.0, 5.0]]]).view()).expect("valid");
        let second = SeriesSet::new("b", arr3(&[[[3.0, 6.0], [8.0, 5.0]]]).view()).expect("valid");
        let (first, second) =
            first.scaled_with(&second, SeriesScaling::RangeOfReal).expect("alike");
        assert_eq!(first, arr3(&[[[0.0, 0.0], [1.0, 0.0]]]));
        assert_eq!(second, arr3(&[[[0.5, 1.0], [3.0, 0.0]]]));
    }

    #[test]
    fn what_are_no_series_is_refused() {
        assert!(SeriesSet::new("a", Array3::<f64>::zeros((0, 3, 1)).view()).is_err());
        assert!(SeriesSet::new("a", Array3::<f64>::zeros((2, 1, 1)).view()).is_err());
        assert!(SeriesSet::new("a", Array3::<f64>::zeros((2, 3, 0)).view()).is_err());
        let refused = SeriesSet::new("a", arr3(&[[[0.0], [f64::NAN]]]).view()).expect_err("NaN");
        assert_eq!(refused.to_string(), "sample `a` has NaN in series 0, step 1, feature 0");
        let short = SeriesSet::new("a", Array3::<f64>::zeros((2, 3, 1)).view()).expect("valid");
        let long = SeriesSet::new("a", Array3::<f64>::zeros((2, 4, 1)).view()).expect("valid");
        assert!(short.scaled_with(&long, SeriesScaling::None).is_err());
    }
}

#[cfg(test)]
pub(super) mod examples {
    use super::*;
    use crate::random::{Purpose, generator, uniform};

    const STEPS: usize = 24;
    const FEATURES: usize = 5;

    /// sin(frequency · step + phase) as (· + 1) / 2, each feature with its own frequency and phase,
    /// both uniform in 0 to 0.1 (the sines of TimeGAN's code).
    pub(crate) fn sines(seed: u64, series: usize) -> SeriesSet {
        let mut random = generator(seed, Purpose::PathLength);
        let mut values = Array3::zeros((series, STEPS, FEATURES));
        for mut series in values.outer_iter_mut() {
            for mut feature in series.columns_mut() {
                let (frequency, phase) = (0.1 * uniform(&mut random), 0.1 * uniform(&mut random));
                for (step, value) in feature.iter_mut().enumerate() {
                    *value = ((frequency * step as f64 + phase).sin() + 1.0) / 2.0;
                }
            }
        }
        SeriesSet::new("sines", values.view()).expect("valid")
    }

    /// Uniform where the sines are.
    pub(crate) fn noise(seed: u64, series: usize) -> SeriesSet {
        let mut random = generator(seed, Purpose::PathLength);
        let values =
            Array3::from_shape_fn((series, STEPS, FEATURES), |_| 0.5 + 0.5 * uniform(&mut random));
        SeriesSet::new("noise", values.view()).expect("valid")
    }
}
