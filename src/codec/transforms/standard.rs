use serde::{Deserialize, Serialize};

use super::error::{BadParameter, BadValue};
use super::moments::{DeviationSettings, Moments, check_count, check_deviations};
use super::step::{Fitting, Step, Transform};

/// Standard scores: x → (x − μ) / σ, with mean and standard deviation of each column over the
/// training sample. A constant column has σ = 1.
///
/// Zero does not stay zero. Decoding gives what was encoded within 2⁻²³ (|x| + |μ|).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    /// `[columns]`: μ
    mean: Vec<f64>,
    /// `[columns]`: σ
    deviation: Vec<f64>,
}

impl Standard {
    /// `[columns]`
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// `[columns]`
    pub fn deviation(&self) -> &[f64] {
        &self.deviation
    }
}

impl Step for Standard {
    fn check(&self) -> Result<(), BadParameter> {
        check_deviations(&self.deviation)
    }

    fn width_after(&self, width: usize) -> Result<usize, BadParameter> {
        check_count("mean", self.mean.len(), width)?;
        check_count("deviation", self.deviation.len(), width)?;
        Ok(width)
    }

    fn encode(
        &self,
        _: f64,
        values: &mut Vec<f64>,
        _: &mut dyn FnMut() -> f32,
    ) -> Result<(), BadValue> {
        for ((x, mean), deviation) in values.iter_mut().zip(&self.mean).zip(&self.deviation) {
            *x = (*x - mean) / deviation;
        }
        Ok(())
    }

    fn decode(&self, _: f64, values: &mut Vec<f64>) {
        for ((y, mean), deviation) in values.iter_mut().zip(&self.mean).zip(&self.deviation) {
            *y = mean + *y * deviation;
        }
    }
}

pub(super) struct FittingStandard {
    settings: DeviationSettings,
    moments: Moments,
}

impl FittingStandard {
    pub fn new(settings: &DeviationSettings, columns: usize) -> Self {
        Self { settings: settings.clone(), moments: Moments::new(columns) }
    }
}

impl Fitting for FittingStandard {
    fn observe(&mut self, values: &[f64]) {
        self.moments.observe(values);
    }

    fn finish(self: Box<Self>) -> Transform {
        Transform::Standard(Standard {
            mean: self.moments.mean().to_vec(),
            deviation: self.moments.deviation(&self.settings),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::laws::{back, fit, network};
    use super::*;

    fn fitted(columns: usize, values: &[f64]) -> Transform {
        fit(FittingStandard::new(&DeviationSettings::default(), columns), values)
    }

    #[test]
    fn scores_of_a_small_sample() {
        let step = fitted(2, &[1.0, 5.0, 3.0, 5.0]);
        assert_eq!(network(step.step(), 1.0, &[3.0, 5.0]), [1.0, 0.0]);
        assert_eq!(network(step.step(), 1.0, &[2.0, 7.0]), [0.0, 2.0]);
    }

    proptest! {
        #[test]
        fn decoding_gives_what_was_encoded(
            values in prop::collection::vec(-1e5_f32..1e5, 2..50),
            offset in -1e6_f32..1e6,
        ) {
            let values: Vec<f32> = values.iter().map(|x| x + offset).collect();
            let step = fitted(1, &values.iter().map(|x| f64::from(*x)).collect::<Vec<_>>());
            let Transform::Standard(Standard { mean, .. }) = &step else { unreachable!() };
            for x in values {
                let decoded = back(step.step(), 1.0, &[x])[0];
                let bound = 2.0_f64.powi(-23) * (f64::from(x.abs()) + mean[0].abs());
                prop_assert!((f64::from(decoded) - f64::from(x)).abs() <= bound);
            }
        }
    }
}
