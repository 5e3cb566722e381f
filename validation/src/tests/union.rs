//! The walk over the sorted union of two samples that the one-dimensional statistics share: each
//! of them is a sum, or a maximum, over the distinct values.

use super::weighted_sample::{Sizes, WeightedSample};

/// One distinct value of the union. F_a and F_b are the distribution functions; their difference
/// is kept in units of 1 / (W_a W_b), in which it is a whole number if there are no weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// Distance from the previous distinct value; 0 for the first.
    pub width: f64,
    /// (F_a − F_b) W_a W_b between the previous value and this one.
    pub below: f64,
    /// The same at this value.
    pub at: f64,
    /// Effective entries of both samples below this value.
    pub pooled_below: f64,
    /// Effective entries of both samples at this value.
    pub pooled: f64,
    /// Σ w of the first sample at this value.
    pub first: f64,
    /// Σ w of the second sample below this value and with it.
    pub second_below: f64,
    pub second_at: f64,
}

/// Where a walk is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk {
    first_total: f64,
    second_total: f64,
    /// Effective entries for a unit of weight.
    first_scale: f64,
    second_scale: f64,
    value: f64,
    first: f64,
    second: f64,
    difference: f64,
    pooled: f64,
}

impl Walk {
    /// A walk that begins at `value`, the least of both samples.
    pub(super) fn new(sizes: &Sizes, value: f64) -> Self {
        Self {
            first_total: sizes.first_total,
            second_total: sizes.second_total,
            first_scale: sizes.first_count / sizes.first_total,
            second_scale: sizes.second_count / sizes.second_total,
            value,
            first: 0.0,
            second: 0.0,
            difference: 0.0,
            pooled: 0.0,
        }
    }

    /// Goes on to a value, at which the samples have the sums of weights `first` and `second`.
    #[inline]
    pub(super) fn step(&mut self, value: f64, first: f64, second: f64) -> Step {
        let (below, second_below, pooled_below) = (self.difference, self.second, self.pooled);
        let pooled = self.first_scale * first + self.second_scale * second;
        let width = value - self.value;
        self.value = value;
        self.first += first;
        self.second += second;
        self.pooled += pooled;
        self.difference = self.first * self.second_total - self.second * self.first_total;
        Step {
            width,
            below,
            at: self.difference,
            pooled_below,
            pooled,
            first,
            second_below,
            second_at: self.second,
        }
    }
}

/// Visits the distinct values of two sorted samples in rising order.
pub(super) fn walk(
    a: WeightedSample<'_>,
    b: WeightedSample<'_>,
    sizes: &Sizes,
    mut visit: impl FnMut(&Step),
) {
    let least = |values: &[f64]| values.first().copied().unwrap_or(f64::INFINITY);
    let mut walk = Walk::new(sizes, least(a.values).min(least(b.values)));
    each_distinct(a, b, |value, first, second| visit(&walk.step(value, first, second)));
}

/// Calls `visit` with each distinct value and the sums of weights of both samples there.
fn each_distinct(
    a: WeightedSample<'_>,
    b: WeightedSample<'_>,
    mut visit: impl FnMut(f64, f64, f64),
) {
    let (mut i, mut j) = (0, 0);
    loop {
        let here = match (a.values.get(i), b.values.get(j)) {
            (Some(&x), Some(&y)) => x.min(y),
            (Some(&x), None) => x,
            (None, Some(&y)) => y,
            (None, None) => break,
        };
        let (mut first, mut second) = (0.0, 0.0);
        while a.values.get(i).is_some_and(|&value| value == here) {
            first += a.weight(i);
            i += 1;
        }
        while b.values.get(j).is_some_and(|&value| value == here) {
            second += b.weight(j);
            j += 1;
        }
        visit(here, first, second);
    }
}

/// Whether all values of two sorted samples are the same.
pub(super) fn is_constant(a: WeightedSample<'_>, b: WeightedSample<'_>) -> bool {
    let mut values = [a.values, b.values].into_iter().flat_map(|v| [v.first(), v.last()]).flatten();
    let first = values.next();
    values.all(|value| Some(value) == first)
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn a_walk_stops_once_at_each_distinct_value() {
        let a = WeightedSample { values: &[0.0, 1.0, 1.0], weights: Some(&[2.0, 1.0, 1.0]) };
        let b = WeightedSample { values: &[-2.0, -0.0, 3.0], weights: None };
        let sizes = Sizes::of(a, b).expect("they can be compared");
        let mut steps = Vec::new();
        walk(a, b, &sizes, |step| steps.push(*step));
        // W_a = 4 with 16/6 effective entries; W_b = 3.
        let scale = 16.0 / 6.0 / 4.0;
        let here = 2.0 * scale + 1.0;
        let expected = [
            (0.0, 0.0, -4.0, 0.0, 1.0, 0.0, 0.0, 1.0),
            (2.0, -4.0, -2.0, 1.0, here, 2.0, 1.0, 2.0),
            (1.0, -2.0, 4.0, 1.0 + here, 2.0 * scale, 2.0, 2.0, 2.0),
            (2.0, 4.0, 0.0, 1.0 + here + 2.0 * scale, 1.0, 0.0, 2.0, 3.0),
        ]
        .map(|(width, below, at, pooled_below, pooled, first, second_below, second_at)| Step {
            width,
            below,
            at,
            pooled_below,
            pooled,
            first,
            second_below,
            second_at,
        });
        assert_eq!(steps, expected);
        // The same from the other sample.
        let mut widths = Vec::new();
        walk(b, a, &Sizes::of(b, a).expect("they can be compared"), |step| widths.push(step.width));
        assert_eq!(widths, [0.0, 2.0, 1.0, 2.0]);
        assert!(!is_constant(a, b));
        let zeros = WeightedSample { values: &[0.0, -0.0], weights: None };
        assert!(is_constant(zeros, zeros));
        assert!(!is_constant(zeros, WeightedSample { values: &[1.0, 1.0], weights: None }));
    }
}
