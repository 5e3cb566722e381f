use serde::{Deserialize, Serialize};

use super::error::{BadParameter, BadValue};
use super::step::Step;

/// A read-out threshold: x → x if x ≥ minimum, else 0, both in encoding and in decoding.
///
/// A value at the threshold comes back from 32-bit network units just above or just below it. In
/// decoding, values less than a part in 2²⁰ below the threshold are therefore put on it, so that no
/// hit is lost, and what is decoded is 0 or at least `minimum`.
///
/// Zero stays zero. Decoding gives what was encoded where that was 0 or at least `minimum`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// In the units of the values at this step; above 0. Taken as the nearest 32-bit number.
    pub minimum: f64,
}

/// Far above the rounding of a few steps, far below any detector's knowledge of its threshold.
const MARGIN: f64 = 1.0 / 1_048_576.0;

impl Threshold {
    fn rounded(&self) -> f64 {
        f64::from(self.minimum as f32)
    }

    /// What is decoded is 0 below the first of these, and at least the second from there on.
    pub fn decoding_limits(&self) -> [f64; 2] {
        let minimum = self.rounded();
        [minimum * (1.0 - MARGIN), minimum]
    }
}

impl Step for Threshold {
    fn check(&self) -> Result<(), BadParameter> {
        let valid = self.rounded() > 0.0 && self.rounded().is_finite();
        BadParameter::unless(valid, "minimum", self.minimum, "a positive finite 32-bit number")
    }

    fn encode(
        &self,
        _: f64,
        values: &mut Vec<f64>,
        _: &mut dyn FnMut() -> f32,
    ) -> Result<(), BadValue> {
        let minimum = self.rounded();
        values.iter_mut().filter(|x| **x < minimum).for_each(|x| *x = 0.0);
        Ok(())
    }

    fn decode(&self, _: f64, values: &mut Vec<f64>) {
        let [lowest, minimum] = self.decoding_limits();
        for x in values.iter_mut().filter(|x| **x < minimum) {
            *x = if *x < lowest { 0.0 } else { minimum };
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::laws::{back, network};
    use super::*;

    #[test]
    fn only_hits_at_or_above_the_threshold_pass() {
        let step = Threshold { minimum: 0.1 };
        assert_eq!(network(&step, 1.0, &[0.1, 0.099_999, 5.0, -3.0]), [0.1, 0.0, 5.0, 0.0]);
    }

    #[test]
    fn decoded_values_a_rounding_below_the_threshold_are_put_on_it() {
        let step = Threshold { minimum: 1.0 };
        let mut values = vec![1.0 - 1e-7, 1.0 - 1e-5, 1.0 + 1e-7, -2.0];
        step.decode(1.0, &mut values);
        assert_eq!(values, [1.0, 0.0, 1.0 + 1e-7, 0.0]);
    }

    #[test]
    fn thresholds_must_be_positive() {
        for minimum in [0.0, -1.0, 1e-60, 1e60, f64::NAN] {
            assert!(Threshold { minimum }.check().is_err());
        }
    }

    proptest! {
        #[test]
        fn decoding_gives_what_passed(x in -10.0_f32..10.0, minimum in 1e-3..5.0_f64) {
            let expected = if x >= minimum as f32 { x } else { 0.0 };
            prop_assert_eq!(back(&Threshold { minimum }, 1.0, &[x]), [expected]);
        }
    }
}
