//! Samples for property tests.

use proptest::prelude::*;

/// 2 to 40 sorted values, often equal ones.
pub(super) fn sample() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![(-8..8i32).prop_map(f64::from), -9.0..9.0_f64], 2..40)
        .prop_map(|mut values| {
            values.sort_by(f64::total_cmp);
            values
        })
}

/// Positive weights of very different sizes, by an integer recipe.
pub(super) fn weights(count: usize, seed: u64) -> Vec<f64> {
    (0..count as u64).map(|i| 0.1 + ((i + 1) * (seed + 7) * 7919 % 97) as f64 / 10.0).collect()
}

pub(super) fn weighted_mean(values: &[f64], weights: &[f64]) -> f64 {
    let sum: f64 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    sum / weights.iter().sum::<f64>()
}

/// Each value as often as its whole-numbered weight says.
pub(super) fn repeated(values: &[f64], weights: &[f64]) -> Vec<f64> {
    let repeat = |(&value, &weight): (&f64, &f64)| std::iter::repeat_n(value, weight as usize);
    values.iter().zip(weights).flat_map(repeat).collect()
}
