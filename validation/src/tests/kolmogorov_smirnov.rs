use std::f64::consts::PI;

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
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
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
