use std::f64::consts::SQRT_2;

use statrs::function::erf::erfc_inv;
use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur, ln_gamma};

/// The confidence level of one standard deviation of a normal distribution, erf(1/√2).
pub const ONE_SIGMA: f64 = 0.682_689_492_137_085_9;

/// The central confidence interval of a Poisson mean after `count` entries (Garwood, Biometrika 28
/// (1936) 437), as it is drawn as the error bar of a bin:
///
/// [½ χ²_{α/2}(2 n), ½ χ²_{1−α/2}(2 n + 2)], α = 1 − `level`
///
/// with the quantiles χ²_p(ndf). The lower end is 0 for no entries. It covers the true mean at
/// least as often as `level` says. Counts need not be whole. A count that is negative or not a
/// number, or a level outside (0, 1), gives NaN.
///
/// ```
/// use validation::tests::{ONE_SIGMA, garwood_interval};
/// let (low, high) = garwood_interval(0.0, ONE_SIGMA);
/// assert!(low == 0.0 && (high - 1.841_021_645_009_264).abs() < 1e-12);
/// ```
pub fn garwood_interval(count: f64, level: f64) -> (f64, f64) {
    if !(count >= 0.0 && count.is_finite() && level > 0.0 && level < 1.0) {
        return (f64::NAN, f64::NAN);
    }
    let tail = 0.5 * (1.0 - level);
    // ½ χ²_p(2 n) is the quantile of the gamma distribution of shape n.
    let low = if count > 0.0 { gamma_quantile(count, tail, Tail::Lower) } else { 0.0 };
    (low, gamma_quantile(count + 1.0, tail, Tail::Upper))
}

/// [`garwood_interval`] of a weighted bin with the sum of weights w and their squared sum s²: the
/// bin is taken as n = w² / s² entries, each of the weight t = s² / w, and the interval of n is
/// multiplied by t (Bohm and Zech, arXiv:1309.1287). Without weights it is
/// the interval itself.
///
/// An empty bin (s² = 0) has no weight of its own; it gets `empty_weight`, for which the mean
/// Σ w² / Σ w of the histogram is a good choice, and 1 is right without weights: (0, 1.84). A bin in
/// which negative weights prevail or cancel is not Poisson; it gets w ± s times the normal quantile
/// of the level.
pub fn garwood_interval_weighted(
    sum: f64,
    variance: f64,
    empty_weight: f64,
    level: f64,
) -> (f64, f64) {
    if variance == 0.0 && sum == 0.0 {
        let (low, high) = garwood_interval(0.0, level);
        return (low * empty_weight, high * empty_weight);
    }
    if !(variance > 0.0 && level > 0.0 && level < 1.0) {
        return (f64::NAN, f64::NAN);
    }
    if sum <= 0.0 {
        let half = normal_quantile(0.5 * (1.0 - level)) * variance.sqrt();
        return (sum - half, sum + half);
    }
    let weight = variance / sum;
    let (low, high) = garwood_interval(sum / weight, level);
    (low * weight, high * weight)
}

#[derive(Clone, Copy, PartialEq)]
enum Tail {
    Lower,
    Upper,
}

/// The number of standard deviations above which a normal distribution has the probability `tail`.
fn normal_quantile(tail: f64) -> f64 {
    SQRT_2 * erfc_inv(2.0 * tail)
}

/// Shapes above which the gamma distribution is taken from the normal one; the error is some 1e-11
/// of the quantile.
const GREAT_SHAPE: f64 = 1e6;

/// The x below (or above) which the gamma distribution of this shape has the probability `p`, by
/// Newton steps within a bracket.
fn gamma_quantile(shape: f64, p: f64, tail: Tail) -> f64 {
    if shape > GREAT_SHAPE {
        // Wilson and Hilferty 1931.
        let sign = if tail == Tail::Lower { -1.0 } else { 1.0 };
        let root = 1.0 - 1.0 / (9.0 * shape) + sign * normal_quantile(p) / (3.0 * shape.sqrt());
        return shape * root.powi(3);
    }
    // Positive where x is too great.
    let excess = |x: f64| match tail {
        Tail::Lower => checked_gamma_lr(shape, x).map_or(f64::NAN, |found| found - p),
        Tail::Upper => checked_gamma_ur(shape, x).map_or(f64::NAN, |found| p - found),
    };
    let (mut low, mut high) = (0.0, shape + 1.0);
    while excess(high) < 0.0 {
        low = high;
        high *= 2.0;
    }
    let mut x = 0.5 * (low + high);
    // Bisection alone needs about a thousand steps for the smallest numbers there are.
    for _ in 0..2000 {
        let found = excess(x);
        if found > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let density = ((shape - 1.0) * x.ln() - x - ln_gamma(shape)).exp();
        let newton = x - found / density;
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - x).abs() <= 4.0 * f64::EPSILON * next {
            return next;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod unit_tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_weighted_bin_is_scaled_from_its_effective_entries() {
        // 5 entries of weight 0.4.
        let (low, high) = garwood_interval(5.0, ONE_SIGMA);
        let found = garwood_interval_weighted(2.0, 0.8, 1.0, ONE_SIGMA);
        approx::assert_relative_eq!(found.0, 0.4 * low, max_relative = 1e-12);
        approx::assert_relative_eq!(found.1, 0.4 * high, max_relative = 1e-12);
        let (low, high) = garwood_interval_weighted(0.0, 0.0, 0.25, ONE_SIGMA);
        assert_eq!((low, high), (0.0, 0.25 * garwood_interval(0.0, ONE_SIGMA).1));
    }

    #[test]
    fn negative_sums_have_normal_errors() {
        let (low, high) = garwood_interval_weighted(-3.0, 4.0, 1.0, ONE_SIGMA);
        approx::assert_relative_eq!(low, -5.0, max_relative = 1e-9);
        approx::assert_relative_eq!(high, -1.0, max_relative = 1e-9);
        let (low, high) = garwood_interval_weighted(0.0, 4.0, 1.0, 0.95);
        approx::assert_relative_eq!(high, 2.0 * 1.959_963_984_540_054, max_relative = 1e-9);
        assert_eq!(low, -high);
    }

    #[test]
    fn great_counts_go_on_smoothly() {
        for tail in [Tail::Lower, Tail::Upper] {
            let below = gamma_quantile(GREAT_SHAPE, 0.16, tail);
            let above = gamma_quantile(GREAT_SHAPE * (1.0 + 1e-12), 0.16, tail);
            approx::assert_relative_eq!(below, above, max_relative = 1e-10);
        }
        let (low, high) = garwood_interval(1e300, ONE_SIGMA);
        assert!(low <= high && high.is_finite());
    }

    #[test]
    fn nonsense_gives_no_interval() {
        for (count, level) in
            [(-1.0, 0.68), (f64::NAN, 0.68), (f64::INFINITY, 0.5), (1.0, 0.0), (1.0, 1.0)]
        {
            let (low, high) = garwood_interval(count, level);
            assert!(low.is_nan() && high.is_nan(), "{count} {level}");
        }
        assert!(garwood_interval_weighted(1.0, -1.0, 1.0, 0.68).0.is_nan());
        assert!(garwood_interval_weighted(1.0, f64::NAN, 1.0, 0.68).0.is_nan());
        for (sum, level) in [(1.0, 1.5), (-1.0, 1.5), (-1.0, 0.0), (-1.0, -0.5)] {
            assert!(garwood_interval_weighted(sum, 1.0, 1.0, level).0.is_nan(), "{sum} {level}");
        }
    }

    proptest! {
        #[test]
        fn the_ends_leave_half_of_the_rest_on_either_side(
            count in 0..200_u32, level in 0.01..0.999_f64,
        ) {
            let (low, high) = garwood_interval(f64::from(count), level);
            prop_assert!(low <= f64::from(count) && f64::from(count) <= high);
            // P(≤ count) at the upper end and P(≥ count) at the lower one, by summing.
            let poisson = |mean: f64, up_to: u32| {
                let mut term = (-mean).exp();
                let mut sum = 0.0;
                for k in 0..=up_to {
                    sum += term;
                    term *= mean / f64::from(k + 1);
                }
                sum
            };
            let tail = 0.5 * (1.0 - level);
            prop_assert!((poisson(high, count) - tail).abs() < 1e-9);
            if count > 0 {
                prop_assert!((1.0 - poisson(low, count - 1) - tail).abs() < 1e-9);
            }
        }
    }
}
