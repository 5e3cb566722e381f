use serde::{Deserialize, Serialize};

use super::error::{BadParameter, BadValue};
use super::step::Step;

/// Uniform dequantisation of counts and other values that come in steps (arXiv:1511.01844, section
/// 3.1): k · width → (k + u) · width with u uniform in [0, 1), back by rounding down to a multiple
/// of `width`. Values below zero, which a network may make, decode to zero.
///
/// The noise stays off the edges of a step by 2⁻¹² + k 2⁻²⁰ of it (half of it at most), so that
/// 32-bit network units do not round a value into the next step. Without noise, u is 1/2.
///
/// Zero decodes to zero, but is not encoded as zero. Decoding gives what was encoded exactly, up to
/// k = 2²², as long as the steps that follow keep values apart that differ by the stated margin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dequantise {
    /// The step of the values, 1 for counts; above 0.
    pub width: f64,
}

/// How far a value may be from a multiple of the width, for 32-bit rounding: 2⁻²² of it.
const TOLERANCE: f64 = 1.0 / 4_194_304.0;
const FIXED_MARGIN: f64 = 1.0 / 4_096.0;
const RELATIVE_MARGIN: f64 = 1.0 / 1_048_576.0;

impl Step for Dequantise {
    fn check(&self) -> Result<(), BadParameter> {
        let valid = self.width > 0.0 && self.width.is_finite();
        BadParameter::unless(valid, "width", self.width, "a positive finite number")
    }

    fn encode(
        &self,
        _: f64,
        values: &mut Vec<f64>,
        noise: &mut dyn FnMut() -> f32,
    ) -> Result<(), BadValue> {
        for (column, x) in values.iter_mut().enumerate() {
            let steps = *x / self.width;
            let whole = steps.round();
            if whole < 0.0 || (steps - whole).abs() > TOLERANCE * whole {
                let expected = format!("a multiple of {}, not below 0", self.width);
                return Err(BadValue { column, value: *x, expected });
            }
            let margin = (FIXED_MARGIN + whole * RELATIVE_MARGIN).min(0.5);
            let u = margin + f64::from(noise()) * (1.0 - 2.0 * margin);
            *x = (whole + u) * self.width;
        }
        Ok(())
    }

    fn decode(&self, _: f64, values: &mut Vec<f64>) {
        for y in values {
            *y = if *y < 0.0 { 0.0 } else { (*y / self.width).floor() * self.width };
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::laws::network;
    use super::*;

    #[test]
    fn counts_are_moved_to_the_middle_without_noise_and_anywhere_with_it() {
        let step = Dequantise { width: 1.0 };
        assert_eq!(network(&step, 1.0, &[0.0, 7.0]), [0.5, 7.5]);
        let mut values = vec![3.0, 3.0];
        let mut draws = [0.25_f32, 0.75].into_iter();
        step.encode(1.0, &mut values, &mut || draws.next().expect("two values")).expect("counts");
        approx::assert_abs_diff_eq!(values.as_slice(), [3.25, 3.75].as_slice(), epsilon = 2e-4);
    }

    #[test]
    fn what_is_no_multiple_is_refused_by_column() {
        let step = Dequantise { width: 0.5 };
        for wrong in [0.3, -0.5, 1e-9] {
            let bad =
                step.encode(1.0, &mut vec![1.5, wrong], &mut || 0.5).expect_err("no multiple");
            assert_eq!((bad.column, bad.value), (1, wrong));
        }
    }

    #[test]
    fn negative_outputs_are_zero() {
        let mut values = vec![-0.3, 0.999, 1.0];
        Dequantise { width: 1.0 }.decode(1.0, &mut values);
        assert_eq!(values, [0.0, 0.0, 1.0]);
    }

    proptest! {
        #[test]
        fn decoding_gives_the_count_whatever_the_noise(
            count in prop_oneof![0_u32..20, 0_u32..4_194_304],
            u in prop_oneof![Just(0.0_f32), Just(1.0 - f32::EPSILON / 2.0), 0.0_f32..1.0],
            width in prop_oneof![Just(1.0_f64), 1e-3..1e3_f64],
        ) {
            let step = Dequantise { width };
            let x = (f64::from(count) * width) as f32;
            let mut values = vec![f64::from(x)];
            step.encode(1.0, &mut values, &mut || u).expect("a multiple");
            values[0] = f64::from(values[0] as f32);
            step.decode(1.0, &mut values);
            prop_assert_eq!(values[0] as f32, x);
        }
    }
}
