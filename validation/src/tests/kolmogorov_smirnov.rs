use std::f64::consts::PI;

use super::union::Step;
use super::weighted_sample::{Sizes, WeightedSample, sorted};

/// What the two-sample Kolmogorov–Smirnov test found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KolmogorovSmirnov {
    /// D, from 0 (the same) to 1 (disjoint).
    pub distance: f64,
    /// Probability of a greater distance, if both samples have one distribution.
    pub p_value: f64,
}

/// The unbinned two-sample Kolmogorov–Smirnov test,
///
/// D = sup_x |F_a(x) − F_b(x)|
///
/// with the empirical distribution functions F, which jump together where values are equal. The
/// p-value is Kolmogorov's limit Q(√(n m / (n + m)) D), Q(λ) = 2 Σ_k (−1)^(k−1) exp(−2 k² λ²)
/// (Smirnov 1948): exact for large samples of a continuous quantity, too great where values are
/// equal.
///
/// An empty sample is at distance 1 from any other, and at 0 from an empty one.
///
/// ```
/// let found = validation::tests::kolmogorov_smirnov(&[1.0, 2.0, 3.0, 4.0], &[3.0, 4.0, 5.0]);
/// assert!((found.distance - 0.5).abs() < 1e-15);
/// ```
///
/// # Shapes
/// `a`: `[n]`, `b`: `[m]`, in any order.
pub fn kolmogorov_smirnov(a: &[f64], b: &[f64]) -> KolmogorovSmirnov {
    kolmogorov_smirnov_sorted(&sorted(a), &sorted(b))
}

/// [`kolmogorov_smirnov`] of samples that are already sorted by `f64::total_cmp`.
pub fn kolmogorov_smirnov_sorted(a: &[f64], b: &[f64]) -> KolmogorovSmirnov {
    let (n, m) = (a.len(), b.len());
    if n == 0 || m == 0 {
        let distance = if n == m { 0.0 } else { 1.0 };
        return KolmogorovSmirnov { distance, p_value: 1.0 };
    }
    let (mut i, mut j) = (0, 0);
    let mut greatest: u128 = 0;
    while i < n && j < m {
        let here = if a[i].total_cmp(&b[j]).is_le() { a[i] } else { b[j] };
        // `==` beside the total order joins −0 and 0.
        let passed = |value: f64| value == here || value.total_cmp(&here).is_le();
        while i < n && passed(a[i]) {
            i += 1;
        }
        while j < m && passed(b[j]) {
            j += 1;
        }
        // n m |F_a − F_b|, in whole numbers.
        greatest = greatest.max((i as u128 * m as u128).abs_diff(j as u128 * n as u128));
    }
    let distance = greatest as f64 / (n as f64 * m as f64);
    let effective = (n as f64 * m as f64 / (n as f64 + m as f64)).sqrt();
    KolmogorovSmirnov { distance, p_value: kolmogorov_tail(effective * distance) }
}

/// [`kolmogorov_smirnov_sorted`] with weights: F(x) = Σ_{x_i ≤ x} w_i / Σ w, and in the p-value the
/// effective counts (Σ w)² / Σ w² in place of n and m. A sample whose weights do not have a
/// positive sum is taken as empty. With negative weights F may fall; the p-value is then no more
/// than an indication.
///
/// # Shapes
/// `values` sorted by `f64::total_cmp`, with `weights` in the same order.
pub fn kolmogorov_smirnov_weighted(
    a: WeightedSample<'_>,
    b: WeightedSample<'_>,
) -> KolmogorovSmirnov {
    if a.weights.is_none() && b.weights.is_none() {
        return kolmogorov_smirnov_sorted(a.values, b.values);
    }
    let (total_a, total_b) = (a.total(), b.total());
    if total_a <= 0.0 || total_b <= 0.0 {
        let distance = if total_a <= 0.0 && total_b <= 0.0 { 0.0 } else { 1.0 };
        return KolmogorovSmirnov { distance, p_value: 1.0 };
    }
    let (n, m) = (a.values.len(), b.values.len());
    let (mut i, mut j) = (0, 0);
    let (mut below_a, mut below_b, mut greatest) = (0.0, 0.0, 0.0_f64);
    while i < n || j < m {
        let here = match (a.values.get(i), b.values.get(j)) {
            (Some(&x), Some(&y)) => {
                if x.total_cmp(&y).is_le() {
                    x
                } else {
                    y
                }
            }
            (Some(&x), None) => x,
            (None, Some(&y)) => y,
            (None, None) => break,
        };
        let passed = |value: f64| value == here || value.total_cmp(&here).is_le();
        while i < n && passed(a.values[i]) {
            below_a += a.weight(i);
            i += 1;
        }
        while j < m && passed(b.values[j]) {
            below_b += b.weight(j);
            j += 1;
        }
        greatest = greatest.max((below_a / total_a - below_b / total_b).abs());
    }
    let (n, m) = (a.effective_count(), b.effective_count());
    let effective = (n * m / (n + m)).sqrt();
    KolmogorovSmirnov { distance: greatest, p_value: kolmogorov_tail(effective * greatest) }
}

/// The greatest difference along a walk over the sorted union of two samples.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct GreatestDifference(f64);

impl GreatestDifference {
    #[inline]
    pub(super) fn step(&mut self, step: &Step) {
        self.0 = self.0.max(step.at.abs());
    }

    /// D. Without weights all sums are whole numbers, and the quotient is rounded once.
    pub(super) fn distance(self, sizes: &Sizes) -> f64 {
        self.0 / sizes.product()
    }
}

/// Kolmogorov's limit for the p-value of a distance between samples of these sizes.
pub(super) fn asymptotic_p_value(distance: f64, sizes: &Sizes) -> f64 {
    let (n, m) = (sizes.first_count, sizes.second_count);
    kolmogorov_tail((n * m / (n + m)).sqrt() * distance)
}

/// Q(λ), the probability that Kolmogorov's limit distribution exceeds λ.
fn kolmogorov_tail(lambda: f64) -> f64 {
    if lambda <= 0.0 {
        return 1.0;
    }
    // Two forms of one theta function; each converges in a few terms on its side.
    if lambda < 1.0 {
        let exponent = PI * PI / (8.0 * lambda * lambda);
        let sum: f64 = (0..6).map(|k| (-exponent * f64::from(2 * k + 1).powi(2)).exp()).sum();
        1.0 - (2.0 * PI).sqrt() / lambda * sum
    } else {
        let term = |k: i32| {
            let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
            sign * (-2.0 * f64::from(k * k) * lambda * lambda).exp()
        };
        2.0 * (1..8).map(term).sum::<f64>()
    }
}

#[cfg(test)]
mod unit_tests {
    use super::super::effective_count;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kolmogorovs_limit_is_scipys() {
        // scipy.special.kolmogorov of SciPy 1.17.1
        for (lambda, expected) in [
            (0.2, 0.999_999_999_999_495),
            (0.5, 0.963_945_243_664_875_1),
            (0.999, 0.271_073_164_115_063_94),
            (1.0, 0.269_999_671_677_354_56),
            (1.36, 0.049_485_876_755_377_876),
            (3.0, 3.045_995_948_942_526e-8),
        ] {
            approx::assert_relative_eq!(kolmogorov_tail(lambda), expected, max_relative = 1e-12);
        }
    }

    #[test]
    fn equal_values_make_one_step() {
        let found = kolmogorov_smirnov(&[1.0, 1.0, 1.0, 2.0], &[1.0, 2.0, 2.0, 2.0]);
        assert_eq!(found.distance, 0.5);
        assert_eq!(kolmogorov_smirnov(&[0.0, -0.0], &[-0.0]).distance, 0.0);
    }

    #[test]
    fn empty_samples_are_apart_from_others_only() {
        assert_eq!(kolmogorov_smirnov(&[], &[]).distance, 0.0);
        assert_eq!(kolmogorov_smirnov(&[], &[1.0]).distance, 1.0);
    }

    #[test]
    fn weights_make_steps_of_their_size() {
        let (values, weights) = ([1.0, 2.0, 3.0], [3.0, -1.0, 2.0]);
        let weighted = WeightedSample { values: &values, weights: Some(&weights) };
        let plain = WeightedSample { values: &[1.0, 2.0, 3.0, 4.0], weights: None };
        // F: 3/4, 2/4, 1, 1; G: 1/4, 2/4, 3/4, 1.
        let found = kolmogorov_smirnov_weighted(weighted, plain);
        assert_eq!(found.distance, 0.5);
        let count = 16.0 / 14.0;
        let expected = kolmogorov_tail((count * 4.0_f64 / (count + 4.0)).sqrt() * 0.5);
        approx::assert_relative_eq!(found.p_value, expected, max_relative = 1e-12);
        assert_eq!(effective_count(&[2.0; 7]), 7.0);
    }

    fn sample() -> impl Strategy<Value = Vec<f64>> {
        // Few distinct values, so that ties are common.
        prop::collection::vec((-20..20i32).prop_map(|v| f64::from(v) / 4.0), 1..60)
    }

    proptest! {
        #[test]
        fn it_is_symmetric_bounded_and_zero_for_the_same_sample(a in sample(), b in sample()) {
            let found = kolmogorov_smirnov(&a, &b);
            prop_assert_eq!(found, kolmogorov_smirnov(&b, &a));
            prop_assert!((0.0..=1.0).contains(&found.distance));
            prop_assert!((0.0..=1.0).contains(&found.p_value));
            prop_assert_eq!(kolmogorov_smirnov(&a, &a).distance, 0.0);
        }

        #[test]
        fn equal_weights_change_nothing_and_a_whole_weight_is_a_repetition(
            mut a in sample(), mut b in sample(),
        ) {
            a.sort_by(f64::total_cmp);
            b.sort_by(f64::total_cmp);
            let plain = kolmogorov_smirnov_sorted(&a, &b);
            let of = |weights: &[f64]| kolmogorov_smirnov_weighted(
                WeightedSample { values: &a, weights: Some(weights) },
                WeightedSample { values: &b, weights: None },
            );
            let equal = of(&vec![2.5; a.len()]);
            prop_assert!((equal.distance - plain.distance).abs() < 1e-12);
            prop_assert!((equal.p_value - plain.p_value).abs() < 1e-9);
            let weights: Vec<f64> = (0..a.len()).map(|i| (i % 3) as f64 + 1.0).collect();
            let repeated: Vec<f64> = a.iter().zip(&weights)
                .flat_map(|(&v, &w)| std::iter::repeat_n(v, w as usize)).collect();
            let expected = kolmogorov_smirnov_sorted(&repeated, &b).distance;
            prop_assert!((of(&weights).distance - expected).abs() < 1e-12);
        }

        #[test]
        fn it_is_the_greatest_difference_at_any_value(a in sample(), b in sample()) {
            let fraction = |values: &[f64], x: f64| {
                values.iter().filter(|&&v| v <= x).count() as f64 / values.len() as f64
            };
            let greatest = a.iter().chain(&b)
                .map(|&x| (fraction(&a, x) - fraction(&b, x)).abs())
                .fold(0.0, f64::max);
            prop_assert!((kolmogorov_smirnov(&a, &b).distance - greatest).abs() < 1e-12);
        }
    }
}
