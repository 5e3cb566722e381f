/// The p-values of many tests, adjusted by Holm's step-down procedure (Scand. J. Stat. 6 (1979)
/// 65): with the m p-values in rising order,
///
/// p̃_(i) = max_{j ≤ i} min(1, (m − j + 1) p_(j)).
///
/// Rejecting where p̃ ≤ α rejects any true hypothesis with at most the probability α, whatever the
/// dependence of the tests. Tests that abstained (NaN) stay NaN and do not count in m.
///
/// ```
/// let adjusted = validation::tests::holm(&[0.01, f64::NAN, 0.04, 0.03]);
/// assert_eq!((adjusted[0], adjusted[2], adjusted[3]), (0.03, 0.06, 0.06));
/// ```
///
/// # Shapes
/// `[tests]`, and the same.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let order = rising(p_values);
    let mut adjusted = vec![f64::NAN; p_values.len()];
    let mut greatest: f64 = 0.0;
    for (smaller, &test) in order.iter().enumerate() {
        greatest = greatest.max(((order.len() - smaller) as f64 * p_values[test]).min(1.0));
        adjusted[test] = greatest;
    }
    adjusted
}

/// The p-values of many tests, adjusted by the step-up procedure of Benjamini and Hochberg (J. R.
/// Stat. Soc. B 57 (1995) 289): with the m p-values in rising order,
///
/// p̃_(i) = min_{j ≥ i} min(1, m p_(j) / j).
///
/// Of the hypotheses with p̃ ≤ α a share of at most α is rejected wrongly, in the mean and for
/// independent or positively dependent tests: a weaker promise than that of [`holm`]. Tests that
/// abstained (NaN) stay NaN and do not count in m.
///
/// # Shapes
/// `[tests]`, and the same.
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let order = rising(p_values);
    let mut adjusted = vec![f64::NAN; p_values.len()];
    let mut least: f64 = 1.0;
    for (smaller, &test) in order.iter().enumerate().rev() {
        least = least.min(order.len() as f64 * p_values[test] / (smaller + 1) as f64);
        adjusted[test] = least;
    }
    adjusted
}

/// The numbers of the tests that did not abstain, by rising p-value.
fn rising(p_values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p_values.len()).filter(|&i| !p_values[i].is_nan()).collect();
    order.sort_by(|&i, &j| p_values[i].total_cmp(&p_values[j]));
    order
}

#[cfg(test)]
mod unit_tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_greater_p_value_never_becomes_the_smaller_one() {
        // 4 · 0.01, 3 · 0.02, max(2 · 0.022, 0.06), 0.5
        let found = holm(&[0.022, 0.01, 0.5, 0.02]);
        assert_eq!(found, [0.06, 0.04, 0.5, 0.06]);
        // 4 · 0.022 / 3, min(4 · 0.01, …), 0.5, 4 · 0.02 / 2 → that of 0.022
        let found = benjamini_hochberg(&[0.022, 0.01, 0.5, 0.02]);
        let third = 4.0 * 0.022 / 3.0;
        assert_eq!(found, [third, third, 0.5, third]);
    }

    #[test]
    fn abstentions_are_left_out() {
        assert!(holm(&[]).is_empty() && benjamini_hochberg(&[]).is_empty());
        assert!(holm(&[f64::NAN])[0].is_nan() && benjamini_hochberg(&[f64::NAN])[0].is_nan());
        let found = benjamini_hochberg(&[f64::NAN, 0.3, 0.1]);
        assert!(found[0].is_nan());
        assert_eq!(found[1..], [0.3, 0.2]);
    }

    proptest! {
        #[test]
        fn adjusted_values_keep_the_order_and_lie_between_the_raw_and_bonferronis(
            p in prop::collection::vec(0.0..=1.0_f64, 1..30),
        ) {
            let (strict, weak) = (holm(&p), benjamini_hochberg(&p));
            for i in 0..p.len() {
                let bonferroni = (p.len() as f64 * p[i]).min(1.0);
                let limits = [p[i], weak[i], strict[i], bonferroni];
                prop_assert!(limits.windows(2).all(|pair| pair[0] <= pair[1] + 1e-15));
                for j in 0..p.len() {
                    if p[i] <= p[j] {
                        prop_assert!(strict[i] <= strict[j] && weak[i] <= weak[j]);
                    }
                }
            }
        }
    }
}
