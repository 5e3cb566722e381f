/// W_p^p of two samples of one quantity, ∫ |F⁻¹(q) − G⁻¹(q)|^p dq over 0 < q < 1: for as many
/// values on both sides the mean of |a_i − b_i|^p in sorted order. Its p-th root is the Wasserstein
/// distance.
///
/// ```
/// use validation::metrics::transport::wasserstein_of_sorted;
/// assert_eq!(wasserstein_of_sorted(&[0.0, 1.0, 3.0], &[5.0, 6.0, 8.0], 1), 5.0);
/// assert_eq!(wasserstein_of_sorted(&[0.0], &[1.0, 3.0], 2), 5.0);
/// ```
///
/// # Shapes
/// `first`: `[n]`, `second`: `[m]`, sorted. Of an empty sample it is NaN.
pub fn wasserstein_of_sorted(first: &[f64], second: &[f64], order: u32) -> f64 {
    let cost = |a: f64, b: f64| {
        let distance = (a - b).abs();
        match order {
            1 => distance,
            2 => distance * distance,
            _ => distance.powi(i32::try_from(order).unwrap_or(i32::MAX)),
        }
    };
    if first.is_empty() || second.is_empty() {
        return f64::NAN;
    }
    if first.len() == second.len() {
        let total: f64 = first.iter().zip(second).map(|(&a, &b)| cost(a, b)).sum();
        return total / first.len() as f64;
    }
    // Quantiles in units of 1 / (n m): value i of the first is that of i m to (i + 1) m.
    let (n, m) = (first.len() as u128, second.len() as u128);
    let (mut i, mut j, mut at, mut total) = (0, 0, 0, 0.0);
    while at < n * m {
        let next = ((i + 1) * m).min((j + 1) * n);
        total += (next - at) as f64 * cost(first[i as usize], second[j as usize]);
        i += u128::from(next == (i + 1) * m);
        j += u128::from(next == (j + 1) * n);
        at = next;
    }
    total / (n as f64 * m as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(-5.0..5.0_f64, 1..20).prop_map(|mut values| {
            values.sort_by(f64::total_cmp);
            values
        })
    }

    fn repeated(values: &[f64], times: usize) -> Vec<f64> {
        values.iter().flat_map(|&value| std::iter::repeat_n(value, times)).collect()
    }

    proptest! {
        #[test]
        fn it_is_symmetric_and_repetitions_change_nothing(
            a in sample(), b in sample(), order in 1..4_u32,
        ) {
            let found = wasserstein_of_sorted(&a, &b, order);
            let swapped = wasserstein_of_sorted(&b, &a, order);
            prop_assert!((found - swapped).abs() <= 1e-12 * found);
            // As many values on both sides: the other way through the function.
            let (x, y) = (repeated(&a, b.len()), repeated(&b, a.len()));
            prop_assert!((wasserstein_of_sorted(&x, &y, order) - found).abs() <= 1e-12 * found);
            prop_assert_eq!(wasserstein_of_sorted(&a, &a, order), 0.0);
        }

        #[test]
        fn a_mean_is_moved_no_cheaper_than_by_its_difference(a in sample(), b in sample()) {
            let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
            prop_assert!(wasserstein_of_sorted(&a, &b, 1) >= (mean(&a) - mean(&b)).abs() - 1e-12);
        }
    }
}
