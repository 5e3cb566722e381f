/// Keeps 0/0 away where a bin is empty in both histograms.
const TINY: f64 = 1e-16;

/// The separation power (triangular discrimination) of two histograms, each normalised to 1:
///
/// S = ½ Σ (p − q)² / (p + q + 10⁻¹⁶)
///
/// (Diefenbacher et al., arXiv:2009.03796, eq. 15), from 0 for the same shape to 1 for shapes that
/// nowhere overlap. An empty histogram is taken to overlap with no other: 1, and 0 between two
/// empty ones. A bin in which negative weights prevail counts as empty.
///
/// ```
/// let s = validation::tests::separation_power(&[1.0, 1.0, 0.0], &[0.0, 1.0, 1.0]);
/// assert!((s - 0.5).abs() < 1e-12);
/// ```
///
/// # Shapes
/// Each argument is `[bins]`, counts or sums of weights. Bins beyond the shorter argument are ignored.
pub fn separation_power(first: &[f64], second: &[f64]) -> f64 {
    let total = |bins: &[f64]| bins.iter().map(|bin| bin.max(0.0)).sum::<f64>();
    let (total_first, total_second) = (total(first), total(second));
    if total_first <= 0.0 || total_second <= 0.0 {
        return if total_first == total_second { 0.0 } else { 1.0 };
    }
    let sum: f64 = first
        .iter()
        .zip(second)
        .map(|(&a, &b)| {
            let (p, q) = (a.max(0.0) / total_first, b.max(0.0) / total_second);
            (p - q).powi(2) / (p + q + TINY)
        })
        .sum();
    0.5 * sum
}

#[cfg(test)]
mod unit_tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn disjoint_and_empty_histograms() {
        approx::assert_relative_eq!(
            separation_power(&[4.0, 0.0], &[0.0, 9.0]),
            1.0,
            max_relative = 1e-15
        );
        assert_eq!(separation_power(&[4.0, 1.0], &[0.0, 0.0]), 1.0);
        assert_eq!(separation_power(&[0.0, 0.0], &[0.0, 0.0]), 0.0);
        assert_eq!(
            separation_power(&[3.0, -1.0, 1.0], &[1.0, 2.0, 1.0]),
            separation_power(&[3.0, 0.0, 1.0], &[1.0, 2.0, 1.0])
        );
    }

    fn counts() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec((0..50u32).prop_map(f64::from), 12)
    }

    proptest! {
        #[test]
        fn it_is_symmetric_bounded_and_zero_for_the_same_shape(a in counts(), b in counts()) {
            let found = separation_power(&a, &b);
            prop_assert!((found - separation_power(&b, &a)).abs() < 1e-15);
            prop_assert!((0.0..=1.0 + 1e-12).contains(&found));
            let scaled: Vec<f64> = a.iter().map(|count| 3.0 * count).collect();
            prop_assert!(separation_power(&a, &scaled) < 1e-25);
        }
    }
}
