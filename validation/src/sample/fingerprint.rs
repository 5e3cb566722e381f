use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

use crate::random::mixed;

/// A number of each event's values, by which equal events are found.
///
/// Each step is a bijection of the state for a given value, so that events which differ in one
/// value have different numbers; others share one with a chance of 2⁻⁶⁴.
///
/// # Shapes
/// `values`: `[events, values]`; the result: `[events]`
pub(super) fn fingerprints(values: ArrayView2<'_, f32>) -> Vec<u64> {
    values
        .axis_iter(Axis(0))
        .into_par_iter()
        .map(|event| {
            let mut number = 0_u64;
            for (place, &value) in event.iter().enumerate() {
                // Both zeros are nothing; where a value stands counts as well as what it is.
                if value != 0.0 {
                    let word = (place as u64) << 32 | u64::from(value.to_bits());
                    number = mixed(number ^ word).rotate_left(23);
                }
            }
            number
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn equal_events_have_equal_numbers_and_empty_ones_have_none() {
        let values = array![[1.0f32, 0.0, 2.0], [1.0, -0.0, 2.0], [0.0, 1.0, 2.0], [0.0, 0.0, 0.0]];
        let found = fingerprints(values.view());
        assert_eq!(found[0], found[1]);
        assert_ne!(found[0], found[2]);
        assert_eq!(found[3], 0);
    }
}
