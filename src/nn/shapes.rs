//! Shapes of images `[channels, rows, columns]` and grids `[channels, depth, rows, columns]`.

use super::layer::feature_count;
use crate::compute::Tensor;

/// Features as channels that repeat over the places of an image or grid; flat features are
/// channels of one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Channels {
    pub count: usize,
    pub places: usize,
}

impl Channels {
    pub fn of(shape: &[usize]) -> Self {
        Self { count: shape[0], places: feature_count(&shape[1..]) }
    }

    /// Mean over events and places.
    ///
    /// # Shapes
    /// `[events, features]` to `[1, channels]`.
    pub fn mean(self, x: Tensor<2>) -> Tensor<2> {
        let mean = x.mean_dim(0);
        if self.places == 1 {
            return mean;
        }
        mean.reshape([self.count, self.places]).mean_dim(1).reshape([1, self.count])
    }

    /// One number of each channel at all of its places.
    ///
    /// # Shapes
    /// `[1, channels]` to `[1, features]`.
    pub fn spread(self, values: Tensor<2>) -> Tensor<2> {
        if self.places == 1 {
            return values;
        }
        let [events, _] = values.dims();
        values
            .reshape([events * self.count, 1])
            .repeat_dim(1, self.places)
            .reshape([events, self.count * self.places])
    }
}

/// Features behind a layer, or weights of it, beyond which a mistake in the settings is more likely
/// than a wish. Products of two such numbers do not overflow.
const LARGEST: usize = 1 << 28;

/// Checks the product of `factors`, which counts what `what` says.
pub(super) fn check_count(what: &str, factors: &[usize]) -> Result<(), String> {
    let count = factors.iter().try_fold(1_usize, |count, &factor| count.checked_mul(factor));
    match count {
        Some(count) if count <= LARGEST => Ok(()),
        _ => Err(format!("has more than {LARGEST} {what}")),
    }
}

/// Checks that features are those of an image or grid; the number of its axes.
pub(super) fn axes_of(input: &[usize]) -> Result<usize, String> {
    match input.len() {
        3 | 4 => Ok(input.len() - 1),
        _ => Err(format!(
            "stands behind features of shape {input:?}, expected [channels, rows, columns] or \
             [channels, depth, rows, columns]; a layer `reshape` makes them"
        )),
    }
}

/// One number for each axis: those given, or `default` for all if there are none.
pub(super) fn per_axis(
    key: &str,
    values: &[usize],
    axes: usize,
    default: usize,
) -> Result<Vec<usize>, String> {
    if let Some(value) = values.iter().find(|value| **value > LARGEST) {
        return Err(format!("has `{key}` with {value}, expected {LARGEST} at most"));
    }
    match values.len() {
        0 => Ok(vec![default; axes]),
        n if n == axes => Ok(values.to_vec()),
        _ => Err(format!("has `{key}` = {values:?}, expected {axes} numbers, one for each axis")),
    }
}

/// As [`per_axis`], with at least 1 on each axis.
pub(super) fn positive_per_axis(
    key: &str,
    values: &[usize],
    axes: usize,
    default: usize,
) -> Result<Vec<usize>, String> {
    if values.contains(&0) {
        return Err(format!("has `{key}` = {values:?}, expected at least 1 on each axis"));
    }
    per_axis(key, values, axes, default)
}

/// `[channels, depth, rows, columns]`; an image is a grid of depth 1.
pub(super) fn grid(shape: &[usize]) -> [usize; 4] {
    match *shape {
        [channels, rows, columns] => [channels, 1, rows, columns],
        [channels, depth, rows, columns] => [channels, depth, rows, columns],
        _ => unreachable!("blueprints check the rank"),
    }
}

/// Numbers of two or three axes as those of three: an image has one of depth, with `one`.
pub(super) fn on_grid(values: &[usize], one: usize) -> [usize; 3] {
    match *values {
        [rows, columns] => [one, rows, columns],
        [depth, rows, columns] => [depth, rows, columns],
        _ => unreachable!("blueprints check the rank"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, to_host};

    #[test]
    fn channels_are_averaged_over_events_and_places_and_spread_over_places() {
        let channels = Channels::of(&[2, 1, 2]);
        let x = matrix(vec![1.0, 2.0, 10.0, 20.0, 3.0, 4.0, 30.0, 40.0], 2, 4, &cpu());
        let mean = channels.mean(x);
        assert_eq!(to_host(mean.clone()), [2.5, 25.0]);
        assert_eq!(to_host(channels.spread(mean)), [2.5, 2.5, 25.0, 25.0]);
    }
}
