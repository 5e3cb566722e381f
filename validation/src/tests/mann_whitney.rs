use std::f64::consts::SQRT_2;

use super::Abstention;
use super::union::{Step, is_constant, walk};
use super::weighted_sample::{Sizes, WeightedSample, sorted};

/// Steps, min(n, m) n m, up to which the p-value is exact where no values are equal.
const EXACT_STEPS: f64 = 1e6;

/// What the Mann–Whitney U test found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MannWhitney {
    /// Pairs (x, y) with x > y, and half of those with x = y; with weights, of n m effective pairs.
    pub u: f64,
    /// U / (n m), the area under the ROC curve: P(x > y) + ½ P(x = y), ½ if neither sample tends
    /// to greater values.
    pub auc: f64,
    /// Probability of an AUC as far from ½, to either side, if both samples have one distribution.
    pub p_value: f64,
}

/// The two-sided Mann–Whitney U test (Ann. Math. Stat. 18 (1947) 50),
///
/// U = Σ_ij 1(x_i > y_j) + ½ 1(x_i = y_j)
///
/// over the values x of the first and y of the second sample. Where no values are equal and the
/// samples are small, min(n, m) n m ≤ 10⁶, the p-value is exact. Else it is the normal one, with
/// the variance n m / 12 (n + m + 1 − Σ (t³ − t) / ((n + m)(n + m − 1))) for groups of t equal
/// values, and with the correction ½ for continuity.
///
/// ```
/// let found = validation::tests::mann_whitney(&[1.0, 4.0, 5.0], &[2.0, 3.0]).unwrap();
/// assert_eq!((found.u, found.p_value), (4.0, 0.8));
/// ```
///
/// # Shapes
/// `a`: `[n]`, `b`: `[m]`, in any order.
///
/// # Errors
/// Abstains for fewer than two events, and values that are not finite or all the same.
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Result<MannWhitney, Abstention> {
    let (a, b) = (sorted(a), sorted(b));
    let plain = |values| WeightedSample { values, weights: None };
    mann_whitney_weighted(plain(&a), plain(&b))
}

/// [`mann_whitney`] with weights: each pair counts w_i w_j / (W_a W_b) in the AUC, and the p-value
/// is the normal one with the effective counts (Σ w)² / Σ w² for n and m. It is an approximation
/// for weights that do not depend on the value, and with negative weights no more than an
/// indication: the AUC may then leave [0, 1].
///
/// # Shapes
/// `values` sorted, with `weights` in the same order.
///
/// # Errors
/// As [`mann_whitney`], and for sums of weights that are not positive.
pub fn mann_whitney_weighted(
    a: WeightedSample<'_>,
    b: WeightedSample<'_>,
) -> Result<MannWhitney, Abstention> {
    let (a, b) = (a.simplified(), b.simplified());
    let sizes = Sizes::of(a, b)?;
    if is_constant(a, b) {
        return Err(Abstention::Constant);
    }
    let mut wins = Wins::default();
    walk(a, b, &sizes, |step| wins.step(step));
    Ok(wins.test(&sizes, a.weights.is_none() && b.weights.is_none()))
}

/// Pairs counted along a walk.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wins {
    /// Σ w_i w_j (1(x_i > y_j) + ½ 1(x_i = y_j)), twice.
    pairs: f64,
    /// Σ (t³ − t).
    ties: f64,
}

impl Wins {
    #[inline]
    pub(super) fn step(&mut self, step: &Step) {
        self.pairs += step.first * (step.second_below + step.second_at);
        self.ties += step.pooled * (step.pooled * step.pooled - 1.0);
    }

    pub(super) fn auc(self, sizes: &Sizes) -> f64 {
        0.5 * self.pairs / sizes.product()
    }

    pub(super) fn test(self, sizes: &Sizes, unweighted: bool) -> MannWhitney {
        let (n, m) = (sizes.first_count, sizes.second_count);
        // Without weights the factor is 1, and U exact.
        let u = 0.5 * self.pairs * (n * m / sizes.product());
        let auc = self.auc(sizes);
        let greater = u.max(n * m - u);
        let p_value = if unweighted && self.ties == 0.0 && n.min(m) * n * m <= EXACT_STEPS {
            2.0 * exact_tail(greater as usize, n as usize, m as usize)
        } else {
            let all = n + m;
            let variance = n * m / 12.0 * (all + 1.0 - self.ties / (all * (all - 1.0)));
            let z = (greater - 0.5 * n * m - 0.5) / variance.sqrt();
            libm::erfc(z / SQRT_2)
        };
        MannWhitney { u, auc, p_value: p_value.min(1.0) }
    }
}

/// P(U ≥ u) for u of at least n m / 2, without equal values.
///
/// By symmetry it is P(U ≤ k) with k = n m − u. The number of ways to each U has the generating
/// function Π_{i=1}^{n} (1 − q^{m+i}) / (1 − q^i) (Mann and Whitney 1947); after each factor the
/// coefficients are divided by (m + i) / i, so that they are the probabilities for i values.
fn exact_tail(u: usize, n: usize, m: usize) -> f64 {
    let (n, m) = (n.min(m), n.max(m));
    let k = n * m - u;
    let mut ways = vec![0.0; k + 1];
    ways[0] = 1.0;
    for i in 1..=n {
        for at in (m + i..=k).rev() {
            ways[at] -= ways[at - m - i];
        }
        let share = i as f64 / (m + i) as f64;
        for at in 0..=k {
            ways[at] *= share;
            if at >= i {
                ways[at] += ways[at - i];
            }
        }
    }
    ways.iter().sum()
}

#[cfg(test)]
mod unit_tests {
    use super::super::test_samples::{repeated, sample, weights};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_samples_are_counted() {
        // Three of three above: 1 of C(6, 3) = 20 ways, on either side.
        let found = mann_whitney(&[4.0, 5.0, 6.0], &[1.0, 2.0, 3.0]).expect("it can be tested");
        assert_eq!((found.u, found.auc), (9.0, 1.0));
        approx::assert_relative_eq!(found.p_value, 0.1, max_relative = 1e-14);
        let found = mann_whitney(&[1.0, 4.0], &[2.0, 3.0]).expect("it can be tested");
        assert_eq!((found.u, found.p_value), (2.0, 1.0));
    }

    #[test]
    fn the_normal_p_value_goes_on_where_the_exact_one_ends() {
        let of = |count: i32| {
            let a: Vec<f64> = (0..count).map(|i| f64::from(i) + 0.3).collect();
            let b: Vec<f64> = (0..100).map(|i| f64::from(i) * 1.07 + 7.2).collect();
            let plain = |values| WeightedSample { values, weights: None };
            let sizes = Sizes::of(plain(&a), plain(&b)).expect("they can be compared");
            let mut wins = Wins::default();
            walk(plain(&a), plain(&b), &sizes, |step| wins.step(step));
            (wins.test(&sizes, true).p_value, wins.test(&sizes, false).p_value)
        };
        let (exact, normal) = of(100);
        assert!(exact != normal);
        approx::assert_relative_eq!(exact, normal, max_relative = 2e-2);
        // One value more than 100 · 100 · 100 steps allow.
        let (above, normal) = of(101);
        assert_eq!(above, normal);
    }

    #[test]
    fn equal_values_count_half() {
        let found = mann_whitney(&[1.0, 1.0, 2.0], &[1.0, 2.0, 2.0]).expect("it can be tested");
        // Wins of 1, 1, 2: ½, ½, 1 + 1.
        assert_eq!(found.u, 3.0);
        assert_eq!(mann_whitney(&[1.0; 3], &[1.0; 4]), Err(Abstention::Constant));
    }

    proptest! {
        #[test]
        fn the_samples_may_be_exchanged(a in sample(), b in sample()) {
            if let Ok(found) = mann_whitney(&a, &b) {
                let swapped = mann_whitney(&b, &a).unwrap();
                let all = (a.len() * b.len()) as f64;
                prop_assert!((found.u + swapped.u - all).abs() < 1e-9);
                prop_assert!((found.p_value - swapped.p_value).abs() < 1e-12);
                prop_assert!((0.0..=1.0).contains(&found.p_value));
                let counted: f64 = a.iter().flat_map(|x| b.iter().map(move |y| (x, y)))
                    .map(|(x, y)| if x > y { 1.0 } else if x == y { 0.5 } else { 0.0 }).sum();
                prop_assert!((found.u - counted).abs() < 1e-9);
            }
        }

        #[test]
        fn equal_weights_change_nothing_and_whole_ones_are_repetitions(
            a in sample(), b in sample(), seed in 0..1000_u64,
        ) {
            let of = |weights: &[f64]| mann_whitney_weighted(
                WeightedSample { values: &a, weights: Some(weights) },
                WeightedSample { values: &b, weights: None },
            );
            let plain = mann_whitney(&a, &b);
            let equal = of(&vec![0.3; a.len()]);
            if let (Ok(plain), Ok(equal)) = (plain, equal) {
                prop_assert_eq!(plain, equal);
            }
            let whole: Vec<f64> = weights(a.len(), seed).iter().map(|w| w.ceil()).collect();
            if let (Ok(found), Ok(expected)) = (of(&whole), mann_whitney(&repeated(&a, &whole), &b)) {
                prop_assert!((found.auc - expected.auc).abs() < 1e-12);
            }
        }
    }
}
