/// The Jensen–Shannon divergence of two histograms, each normalised to 1, in bits:
///
/// JS = ½ KL(p ‖ m) + ½ KL(q ‖ m), m = (p + q) / 2
///
/// (Lin, IEEE Trans. Inf. Theory 37 (1991) 145), from 0 for the same shape to 1 for shapes that
/// nowhere overlap. Other conventions: times ln 2 it is in nats, and without the halves, as some
/// write it, it is twice as great, from 0 to 2 bits. SciPy's `jensenshannon` with base 2 is √JS.
///
/// An empty histogram is taken to overlap with no other: 1, and 0 between two empty ones. A bin in
/// which negative weights prevail counts as empty.
///
/// ```
/// // ½ log₂(4/3) + ½ (½ log₂(2/3) + ½ log₂ 2)
/// let js = validation::tests::jensen_shannon(&[1.0, 0.0], &[1.0, 1.0]);
/// assert!((js - 0.311_278_124_459_132_84).abs() < 1e-15);
/// ```
///
/// # Shapes
/// Each argument is `[bins]`, counts or sums of weights. Bins beyond the shorter argument are
/// ignored.
pub fn jensen_shannon(first: &[f64], second: &[f64]) -> f64 {
    let (total_first, total_second) = (total(first), total(second));
    if !(total_first > 0.0 && total_second > 0.0) {
        return if total_first == total_second { 0.0 } else { 1.0 };
    }
    let sum: f64 = first
        .iter()
        .zip(second)
        .map(|(&a, &b)| {
            let (p, q) = (a.max(0.0) / total_first, b.max(0.0) / total_second);
            let middle = 0.5 * (p + q);
            information(p, middle) + information(q, middle)
        })
        .sum();
    (0.5 * sum).clamp(0.0, 1.0)
}

/// The Kullback–Leibler divergence of two histograms, each normalised to 1, in bits:
///
/// KL(p ‖ q) = Σ p log₂(p / q)
///
/// It is infinite if the second histogram has an empty bin where the first has entries. An empty
/// first histogram has no shape: 0. Times ln 2 it is in nats.
///
/// ```
/// use validation::tests::kullback_leibler;
/// assert_eq!(kullback_leibler(&[1.0, 0.0], &[1.0, 1.0]), 1.0);
/// assert_eq!(kullback_leibler(&[1.0, 1.0], &[1.0, 0.0]), f64::INFINITY);
/// ```
///
/// # Shapes
/// Each argument is `[bins]`, counts or sums of weights. Bins beyond the shorter argument are
/// ignored.
pub fn kullback_leibler(first: &[f64], second: &[f64]) -> f64 {
    let (total_first, total_second) = (total(first), total(second));
    if total_first <= 0.0 {
        return 0.0;
    }
    if total_second <= 0.0 {
        return f64::INFINITY;
    }
    let pairs = first.iter().zip(second);
    let sum: f64 = pairs
        .map(|(&a, &b)| information(a.max(0.0) / total_first, b.max(0.0) / total_second))
        .sum();
    sum.max(0.0)
}

fn total(bins: &[f64]) -> f64 {
    bins.iter().map(|bin| bin.max(0.0)).sum()
}

/// p log₂(p / q), and 0 for p = 0.
fn information(p: f64, q: f64) -> f64 {
    if p > 0.0 { p * (p / q).log2() } else { 0.0 }
}

#[cfg(test)]
mod unit_tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn disjoint_and_empty_histograms() {
        assert_eq!(jensen_shannon(&[4.0, 0.0], &[0.0, 9.0]), 1.0);
        assert_eq!(jensen_shannon(&[4.0, 1.0], &[0.0, 0.0]), 1.0);
        assert_eq!(jensen_shannon(&[0.0, 0.0], &[0.0, 0.0]), 0.0);
        assert_eq!(
            jensen_shannon(&[3.0, -1.0, 1.0], &[1.0, 2.0, 1.0]),
            jensen_shannon(&[3.0, 0.0, 1.0], &[1.0, 2.0, 1.0])
        );
        assert_eq!(kullback_leibler(&[0.0, 0.0], &[1.0, 0.0]), 0.0);
        assert_eq!(kullback_leibler(&[1.0, 0.0], &[0.0, 0.0]), f64::INFINITY);
        assert_eq!(kullback_leibler(&[1.0, -1.0], &[0.0, 3.0]), f64::INFINITY);
    }

    fn counts() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec((0..50u32).prop_map(f64::from), 12)
    }

    proptest! {
        #[test]
        fn it_is_symmetric_bounded_and_zero_for_the_same_shape(a in counts(), b in counts()) {
            let found = jensen_shannon(&a, &b);
            prop_assert!((found - jensen_shannon(&b, &a)).abs() < 1e-15);
            prop_assert!((0.0..=1.0).contains(&found));
            let scaled: Vec<f64> = a.iter().map(|count| 3.0 * count).collect();
            prop_assert!(jensen_shannon(&a, &scaled) < 1e-15);
            prop_assert!(kullback_leibler(&a, &b) >= 0.0);
            prop_assert!(kullback_leibler(&a, &scaled) < 1e-14);
            let bins = |counts: &[f64]| counts.iter().sum::<f64>();
            if bins(&a) > 0.0 && bins(&b) > 0.0 {
                // ½ KL(p ‖ m) + ½ KL(q ‖ m)
                let middle: Vec<f64> = a.iter().zip(&b)
                    .map(|(x, y)| x / bins(&a) + y / bins(&b)).collect();
                let expected = (kullback_leibler(&a, &middle) + kullback_leibler(&b, &middle)) / 2.0;
                prop_assert!((found - expected).abs() < 1e-14);
            }
        }
    }
}
