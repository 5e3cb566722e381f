use serde::{Deserialize, Serialize};

use super::error::{BadParameter, BadValue};
use super::moments::{DeviationSettings, Moments, check_count, check_deviations};
use super::step::{Fitting, Step, Transform};

/// Values over their standard deviation: x → x / σ, for columns whose zeros mean "nothing there".
/// The deviation is that from the mean, over the training sample; a constant column has σ = 1.
///
/// Zero stays zero. Decoding gives what was encoded within 2⁻²² of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviationOnly {
    /// `[columns]`: σ
    deviation: Vec<f64>,
}

impl DeviationOnly {
    /// `[columns]`
    pub fn deviation(&self) -> &[f64] {
        &self.deviation
    }
}

impl Step for DeviationOnly {
    fn check(&self) -> Result<(), BadParameter> {
        check_deviations(&self.deviation)
    }

    fn width_after(&self, width: usize) -> Result<usize, BadParameter> {
        check_count("deviation", self.deviation.len(), width)?;
        Ok(width)
    }

    fn encode(
        &self,
        _: f64,
        values: &mut Vec<f64>,
        _: &mut dyn FnMut() -> f32,
    ) -> Result<(), BadValue> {
        values.iter_mut().zip(&self.deviation).for_each(|(x, deviation)| *x /= deviation);
        Ok(())
    }

    fn decode(&self, _: f64, values: &mut Vec<f64>) {
        values.iter_mut().zip(&self.deviation).for_each(|(y, deviation)| *y *= deviation);
    }
}

pub(super) struct FittingDeviation {
    settings: DeviationSettings,
    moments: Moments,
}

impl FittingDeviation {
    pub fn new(settings: &DeviationSettings, columns: usize) -> Self {
        Self { settings: settings.clone(), moments: Moments::new(columns) }
    }
}

impl Fitting for FittingDeviation {
    fn observe(&mut self, values: &[f64]) {
        self.moments.observe(values);
    }

    fn finish(self: Box<Self>) -> Transform {
        Transform::DeviationOnly(DeviationOnly {
            deviation: self.moments.deviation(&self.settings),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::laws::{back, fit, network, relative_error};
    use super::*;

    fn fitted(columns: usize, values: &[f64]) -> Transform {
        fit(FittingDeviation::new(&DeviationSettings::default(), columns), values)
    }

    #[test]
    fn values_are_divided_and_not_moved() {
        let step = fitted(2, &[0.0, 0.0, 4.0, 0.0]);
        assert_eq!(network(step.step(), 1.0, &[4.0, 0.0]), [2.0, 0.0]);
    }

    proptest! {
        #[test]
        fn decoding_gives_what_was_encoded(
            values in prop::collection::vec(prop_oneof![Just(0.0_f32), -1e5_f32..1e5], 2..50),
        ) {
            let step = fitted(1, &values.iter().map(|x| f64::from(*x)).collect::<Vec<_>>());
            for x in values {
                let decoded = back(step.step(), 1.0, &[x])[0];
                prop_assert!(relative_error(x, decoded) <= 2.0_f64.powi(-22));
                prop_assert_eq!(x == 0.0, decoded == 0.0);
            }
        }
    }
}
