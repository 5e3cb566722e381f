use std::f64::consts::PI;

use statrs::consts::EULER_MASCHERONI;
use statrs::function::gamma::digamma;

use super::Abstention;
use super::anderson_darling_limit::{LIMIT_VARIANCE, anderson_darling_limit_tail};
use super::union::{Step, is_constant, walk};
use super::weighted_sample::{Sizes, WeightedSample, sorted};

/// What the two-sample Anderson–Darling test found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AndersonDarling {
    /// A², whose mean is 1 if both samples have one distribution.
    pub a_squared: f64,
    /// (A² − 1) / σ with the standard deviation σ of A² for the sizes of the samples: the statistic
    /// that SciPy's `anderson_ksamp` gives.
    pub standardised: f64,
    /// Probability of a greater A², if both samples have one distribution.
    pub p_value: f64,
}

/// The two-sample Anderson–Darling test in the version for equal values of Scholz and Stephens
/// (J. Am. Stat. Assoc. 82 (1987) 918, eq. 7, for k = 2),
///
/// A² = (N − 1) n m Σ_j (l_j / N) (F_j − G_j)² / (B_j (N − B_j) − N l_j / 4)
///
/// over the distinct values j of the N = n + m pooled ones: l_j of them are equal, and F, G and B
/// count half of those: F_j is the share of the first sample below j and half of that at j, B_j the
/// number of all values below and half of l_j. It sees the tails of the distributions better than
/// the Kolmogorov–Smirnov test does.
///
/// The p-value is that of 1 + σ_∞ (A² − 1) / σ in the distribution to which A² tends for large
/// samples (see [`anderson_darling_limit_tail`]). Unlike the fit to seven tabulated points that SciPy uses it does
/// not end at 0.001 and 0.25; between them the two differ by some percent of the p-value.
///
/// # Shapes
/// `a`: `[n]`, `b`: `[m]`, in any order.
///
/// # Errors
/// Abstains for fewer than two events, and values that are not finite or all the same.
pub fn anderson_darling(a: &[f64], b: &[f64]) -> Result<AndersonDarling, Abstention> {
    let (a, b) = (sorted(a), sorted(b));
    let plain = |values| WeightedSample { values, weights: None };
    anderson_darling_weighted(plain(&a), plain(&b))
}

/// [`anderson_darling`] with weights: F and G are weighted shares, and n and m the effective counts
/// (Σ w)² / Σ w², of which each value has its share. The p-value is then that of samples of as many
/// events without weights: good for weights that do not depend on the value, an approximation else.
///
/// # Shapes
/// `values` sorted, with `weights` in the same order.
///
/// # Errors
/// As [`anderson_darling`]; also for negative weights, with which the weight 1 / (B (N − B)) of a
/// difference has no bound, and for sums of weights that are not positive.
pub fn anderson_darling_weighted(
    a: WeightedSample<'_>,
    b: WeightedSample<'_>,
) -> Result<AndersonDarling, Abstention> {
    let sizes = Sizes::of(a, b)?;
    if is_constant(a, b) {
        return Err(Abstention::Constant);
    }
    if a.has_negative_weights() || b.has_negative_weights() {
        return Err(Abstention::NegativeWeights);
    }
    let mut sum = SquaredDifferences::new(&sizes);
    walk(a, b, &sizes, |step| sum.step(step));
    Ok(sum.test(&sizes))
}

/// Σ l (F − G)² / (B (N − B) − N l / 4) along a walk, in the walk's unit.
#[derive(Debug, Clone, Copy)]
pub(super) struct SquaredDifferences {
    sum: f64,
    pooled: f64,
}

impl SquaredDifferences {
    pub(super) fn new(sizes: &Sizes) -> Self {
        Self { sum: 0.0, pooled: sizes.pooled() }
    }

    #[inline]
    pub(super) fn step(&mut self, step: &Step) {
        let here = step.pooled;
        let middle = step.pooled_below + 0.5 * here;
        let difference = 0.5 * (step.below + step.at);
        let variance = middle * (self.pooled - middle) - 0.25 * self.pooled * here;
        // A value of weight 0 below all others has no variance, and adds nothing.
        self.sum += here * difference * difference / variance.max(f64::MIN_POSITIVE);
    }

    pub(super) fn a_squared(self, sizes: &Sizes) -> f64 {
        let (n, m, all) = (sizes.first_count, sizes.second_count, self.pooled);
        let unit = sizes.product();
        (all - 1.0) / all * n * m * (self.sum / unit / unit)
    }

    pub(super) fn standardised(self, sizes: &Sizes) -> f64 {
        (self.a_squared(sizes) - 1.0) / variance(sizes).sqrt()
    }

    pub(super) fn test(self, sizes: &Sizes) -> AndersonDarling {
        let standardised = self.standardised(sizes);
        AndersonDarling {
            a_squared: self.a_squared(sizes),
            standardised,
            p_value: anderson_darling_limit_tail(1.0 + standardised * LIMIT_VARIANCE.sqrt()),
        }
    }
}

/// The variance of A² for two samples of one continuous distribution (Scholz and Stephens, for
/// k = 2). Its sums are closed: h = Σ_{i<N} 1/i, and the double sum
/// g = Σ_{i≤N−2} Σ_{i<j<N} 1/((N − i) j) = Σ_{i<N} 1/i² − 2 h / N, which also have a value for
/// effective counts that are not whole.
fn variance(sizes: &Sizes) -> f64 {
    let all = sizes.pooled();
    let inverse = 1.0 / sizes.first_count + 1.0 / sizes.second_count;
    let h = digamma(all) + EULER_MASCHERONI;
    let g = PI * PI / 6.0 - trigamma(all) - 2.0 * h / all;
    let a = (4.0 * g - 6.0) + (10.0 - 6.0 * g) * inverse;
    let b = 12.0 * g - 22.0 + 8.0 * h + (2.0 * g - 14.0 * h - 4.0) * inverse;
    let c = 36.0 * h + 4.0 + (2.0 * h - 6.0) * inverse;
    let d = 24.0;
    let powers = ((a * all + b) * all + c) * all + d;
    powers / ((all - 1.0) * (all - 2.0) * (all - 3.0))
}

/// ψ′(x) = Σ_{i≥0} 1/(x + i)², for positive x.
fn trigamma(x: f64) -> f64 {
    // Ten terms, and Stirling's series for the rest (Abramowitz and Stegun 6.4.12).
    let ahead: f64 = (0..10).map(|i| (x + f64::from(i)).powi(-2)).sum();
    let y = 1.0 / (x + 10.0);
    let z = y * y;
    let series = [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0];
    let rest = series.iter().rev().fold(0.0, |sum, coefficient| (sum + coefficient) * z);
    ahead + y + 0.5 * z + rest * y
}

#[cfg(test)]
mod unit_tests {
    use super::super::effective_count;
    use super::super::test_samples::{sample, weights};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_closed_sums_are_the_double_sum() {
        for count in [4_u32, 5, 11, 60] {
            let all = f64::from(count);
            let h: f64 = (1..count).map(|i| 1.0 / f64::from(i)).sum();
            let g: f64 = (1..=count - 2)
                .flat_map(|i| (i + 1..count).map(move |j| (i, j)))
                .map(|(i, j)| 1.0 / (f64::from(count - i) * f64::from(j)))
                .sum();
            approx::assert_relative_eq!(digamma(all) + EULER_MASCHERONI, h, max_relative = 1e-13);
            let closed = PI * PI / 6.0 - trigamma(all) - 2.0 * h / all;
            approx::assert_relative_eq!(closed, g, max_relative = 1e-12);
        }
    }

    #[test]
    fn large_samples_have_the_variance_of_the_limit() {
        let many =
            Sizes { first_total: 1.0, second_total: 1.0, first_count: 1e9, second_count: 1e9 };
        approx::assert_relative_eq!(variance(&many), LIMIT_VARIANCE, max_relative = 1e-7);
    }

    #[test]
    fn it_abstains_where_it_is_not_defined() {
        assert_eq!(anderson_darling(&[2.0; 5], &[2.0; 5]), Err(Abstention::Constant));
        let values = [1.0, 2.0, 3.0, 4.0];
        let negative = WeightedSample { values: &values, weights: Some(&[2.0, -0.5, 2.0, 2.0]) };
        let plain = WeightedSample { values: &values, weights: None };
        for found in
            [anderson_darling_weighted(negative, plain), anderson_darling_weighted(plain, negative)]
        {
            assert_eq!(found, Err(Abstention::NegativeWeights));
        }
    }

    #[test]
    fn two_different_constants_can_be_told_apart() {
        // B is 25 and 75, F − G is ½: twice 50 · ¼ / (25 · 75 − 100 · 50 / 4), times 99 · 50² / 100.
        let found = anderson_darling(&[1.0; 50], &[2.0; 50]).expect("it can be tested");
        approx::assert_relative_eq!(found.a_squared, 99.0, max_relative = 1e-12);
        assert!(found.p_value < 1e-40 && found.p_value > 0.0);
    }

    #[test]
    fn values_without_weight_change_nothing() {
        let b = WeightedSample { values: &[1.5, 2.5, 3.5], weights: None };
        let of = |values: &[f64], weights: &[f64]| {
            anderson_darling_weighted(WeightedSample { values, weights: Some(weights) }, b)
        };
        let expected = of(&[1.0, 2.0, 3.0], &[1.0, 2.0, 1.0]).expect("it can be tested");
        let found = of(&[0.5, 1.0, 2.0, 2.2, 3.0, 9.0], &[0.0, 1.0, 2.0, 0.0, 1.0, 0.0]);
        assert_eq!(found.map(|found| found.a_squared), Ok(expected.a_squared));
    }

    /// The formula of Scholz and Stephens as they wrote it, summed over the samples.
    fn as_published(a: &[f64], b: &[f64]) -> f64 {
        let mut pooled: Vec<f64> = a.iter().chain(b).copied().collect();
        pooled.sort_by(f64::total_cmp);
        let all = pooled.len() as f64;
        let count = |values: &[f64], with: fn(&f64, &f64) -> bool, x: f64| {
            values.iter().filter(|value| with(value, &x)).count() as f64
        };
        let mut distinct = pooled.clone();
        distinct.dedup();
        let mut sum = 0.0;
        for sample in [a, b] {
            let n = sample.len() as f64;
            for &x in &distinct {
                let l = count(&pooled, |v, x| v == x, x);
                let middle = count(&pooled, |v, x| v < x, x) + l / 2.0;
                let m = count(sample, |v, x| v < x, x) + count(sample, |v, x| v == x, x) / 2.0;
                sum += l / all * (all * m - n * middle).powi(2)
                    / (middle * (all - middle) - all * l / 4.0)
                    / n;
            }
        }
        (all - 1.0) / all * sum
    }

    proptest! {
        #[test]
        fn it_is_the_published_sum_and_symmetric(a in sample(), b in sample()) {
            if let Ok(found) = anderson_darling(&a, &b) {
                let expected = as_published(&a, &b);
                prop_assert!((found.a_squared - expected).abs() < 1e-10 * expected.max(1.0));
                let swapped = anderson_darling(&b, &a).unwrap();
                prop_assert!((found.a_squared - swapped.a_squared).abs() < 1e-10 * expected.max(1.0));
                prop_assert!((0.0..=1.0).contains(&found.p_value));
            }
        }

        #[test]
        fn equal_weights_change_nothing_and_two_halves_are_one_value_with_twice_the_count(
            a in sample(), b in sample(), seed in 0..1000_u64,
        ) {
            let of = |a: (&[f64], &[f64]), b: (&[f64], &[f64])| anderson_darling_weighted(
                WeightedSample { values: a.0, weights: Some(a.1) },
                WeightedSample { values: b.0, weights: Some(b.1) },
            );
            let equal = of((&a, &vec![0.3; a.len()]), (&b, &vec![7.0; b.len()]));
            if let (Ok(plain), Ok(equal)) = (anderson_darling(&a, &b), equal) {
                prop_assert!((plain.standardised - equal.standardised).abs() < 1e-9);
                prop_assert!((plain.p_value - equal.p_value).abs() < 1e-9);
            }
            let (w, v) = (weights(a.len(), seed), weights(b.len(), seed + 1));
            let twice = |values: &[f64]| -> Vec<f64> { values.iter().flat_map(|&x| [x, x]).collect() };
            let halves = |weights: &[f64]| -> Vec<f64> {
                weights.iter().flat_map(|&w| [w / 2.0, w / 2.0]).collect()
            };
            let found = of((&a, &w), (&b, &v));
            let split = of((&twice(&a), &halves(&w)), (&twice(&b), &halves(&v)));
            if let (Ok(found), Ok(split)) = (found, split) {
                // A² / (N − 1) has only shares in it, which are the same.
                let all = effective_count(&w) + effective_count(&v);
                let expected = found.a_squared * (2.0 * all - 1.0) / (all - 1.0);
                prop_assert!((split.a_squared - expected).abs() < 1e-9 * expected.max(1.0));
            }
        }
    }
}
