//! Series of steps as matrices: by events, `[events, steps × features]`, as layers pass them on,
//! and by steps, `[steps × events, features]`, in which each step is a block of rows.

use crate::compute::Tensor;

/// Checks that features are those of steps: their number, and the features of each.
pub(in crate::nn) fn check_steps(input: &[usize]) -> Result<[usize; 2], String> {
    match *input {
        [steps, features] if steps > 0 => Ok([steps, features]),
        _ => Err(format!(
            "stands behind features of shape {input:?}, expected [steps, features]; a layer \
             `reshape` makes them"
        )),
    }
}

/// Steps and features of a shape that [`check_steps`] has seen.
pub(in crate::nn) fn steps_of(shape: &[usize]) -> [usize; 2] {
    shape.try_into().expect("blueprints check the rank")
}

/// # Shapes
/// `[events, steps × features]` to `[steps × events, features]`.
pub(super) fn by_steps(x: Tensor<2>, steps: usize) -> Tensor<2> {
    let [events, width] = x.dims();
    let features = width / steps;
    x.reshape([events, steps, features]).swap_dims(0, 1).reshape([steps * events, features])
}

/// # Shapes
/// `[steps × events, features]` to `[events, steps × features]`.
pub(super) fn by_events(x: Tensor<2>, steps: usize) -> Tensor<2> {
    let [rows, features] = x.dims();
    let events = rows / steps;
    x.reshape([steps, events, features]).swap_dims(0, 1).reshape([events, steps * features])
}

/// The steps one by one. They are halved again and again: the gradient of a part is as large as
/// what it was cut from, so that cutting one step after the other would cost steps² of memory
/// traffic, and this costs steps · log(steps).
///
/// # Shapes
/// `[steps × events, features]` to steps times `[events, features]`.
pub(super) fn split(x: Tensor<2>, steps: usize) -> Vec<Tensor<2>> {
    fn halve(x: Tensor<2>, steps: usize, events: usize, parts: &mut Vec<Tensor<2>>) {
        if steps == 1 {
            parts.push(x);
            return;
        }
        let first = steps / 2;
        halve(x.clone().narrow(0, 0, first * events), first, events, parts);
        let rest = steps - first;
        halve(x.narrow(0, first * events, rest * events), rest, events, parts);
    }
    let events = x.dims()[0] / steps;
    let mut parts = Vec::with_capacity(steps);
    halve(x, steps, events, &mut parts);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, to_host};

    #[test]
    fn series_are_turned_and_cut_and_put_back() {
        // Two events of three steps of two features.
        let values: Vec<f32> = (0..12).map(|i| i as f32).collect();
        let turned = by_steps(matrix(values.clone(), 2, 6, &cpu()), 3);
        assert_eq!(to_host(turned.clone()), [0., 1., 6., 7., 2., 3., 8., 9., 4., 5., 10., 11.]);
        let parts: Vec<Vec<f32>> = split(turned.clone(), 3).into_iter().map(to_host).collect();
        assert_eq!(parts, [[0., 1., 6., 7.], [2., 3., 8., 9.], [4., 5., 10., 11.]]);
        assert_eq!(to_host(by_events(turned, 3)), values);
    }

    #[test]
    fn only_steps_are_steps() {
        assert_eq!(check_steps(&[24, 5]), Ok([24, 5]));
        let refused = check_steps(&[120]).expect_err("flat");
        assert!(refused.contains("[120], expected [steps, features]"), "{refused}");
    }
}
