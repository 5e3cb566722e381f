use serde::{Deserialize, Serialize};

use super::error::{BadParameter, BadValue};
use super::step::Step;

/// The logarithm of what is not negative: x → ln(1 + x / offset), back by offset (eʸ − 1).
///
/// Below `offset` it is nearly linear, above it logarithmic. A negative y, which a network may make,
/// decodes to zero.
///
/// Zero stays zero. Decoding gives what was encoded within (2 + y) 2⁻²³ of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logarithm {
    /// Where the scale goes over from linear to logarithmic, in the units of x; above 0.
    pub offset: f64,
}

impl Step for Logarithm {
    fn check(&self) -> Result<(), BadParameter> {
        let valid = self.offset > 0.0 && self.offset.is_finite();
        BadParameter::unless(valid, "offset", self.offset, "a positive finite number")
    }

    fn encode(
        &self,
        _: f64,
        values: &mut Vec<f64>,
        _: &mut dyn FnMut() -> f32,
    ) -> Result<(), BadValue> {
        BadValue::if_negative(values)?;
        values.iter_mut().for_each(|x| *x = libm::log1p(*x / self.offset));
        Ok(())
    }

    fn decode(&self, _: f64, values: &mut Vec<f64>) {
        for y in values {
            *y = if *y < 0.0 { 0.0 } else { self.offset * libm::expm1(*y) };
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::laws::{back, network, relative_error};
    use super::*;

    #[test]
    fn logarithms_of_known_numbers() {
        let step = Logarithm { offset: 2.0 };
        let expected = [0.0, std::f32::consts::LN_2, 6.0 * std::f32::consts::LN_10];
        approx::assert_relative_eq!(
            network(&step, 1.0, &[0.0, 2.0, 2e6 - 2.0]).as_slice(),
            expected.as_slice(),
            max_relative = 2e-7
        );
    }

    #[test]
    fn negative_values_are_refused_and_negative_outputs_are_zero() {
        let step = Logarithm { offset: 1.0 };
        let bad = step.encode(1.0, &mut vec![0.0, 1.0, -1e-9], &mut || 0.5).expect_err("negative");
        assert_eq!((bad.column, bad.value), (2, -1e-9));
        let mut values = vec![-3.0];
        step.decode(1.0, &mut values);
        assert_eq!(values, [0.0]);
    }

    #[test]
    fn offsets_must_be_positive() {
        for offset in [0.0, -1.0, f64::INFINITY, f64::NAN] {
            assert!(Logarithm { offset }.check().is_err());
        }
    }

    proptest! {
        #[test]
        fn decoding_gives_what_was_encoded(x in 0.0_f32..1e7, log_offset in -6.0..6.0_f64) {
            let step = Logarithm { offset: 10.0_f64.powf(log_offset) };
            let y = f64::from(network(&step, 1.0, &[x])[0]);
            let decoded = back(&step, 1.0, &[x, 0.0]);
            prop_assert!(relative_error(x, decoded[0]) <= (2.0 + y) * 2.0_f64.powi(-23));
            prop_assert_eq!(decoded[1], 0.0);
        }
    }
}
