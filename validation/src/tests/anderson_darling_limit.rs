use std::f64::consts::{FRAC_PI_2, PI};

/// The variance 2 (π² − 9) / 3 of the limit; its mean is 1.
pub(super) const LIMIT_VARIANCE: f64 = 2.0 * (PI * PI - 9.0) / 3.0;

/// Below it the limit is less probable than rounding errors.
const LEAST: f64 = 0.02;

/// P(A² > x) in the limit of large samples, in which A² is distributed as Σ_j Z_j² / (j (j + 1))
/// with independent standard normal Z_j (Anderson and Darling, Ann. Math. Stat. 23 (1952) 193, who
/// found it for one sample; by Scholz and Stephens it is that of two samples too).
///
/// By Smirnov's formula for such sums
///
/// P(A² > x) = 1/π Σ_{k≥1} (−1)^(k+1) ∫ e^(−u x / 2) / (u √|D(u)|) du,
///
/// each integral from (2k − 1) 2k to 2k (2k + 1), with
/// D(u) = Π_j (1 − u / (j (j + 1))) = −cos(π/2 √(1 + 4 u)) / (π u). The first term dominates, so
/// that small probabilities are exact too. D is 0 at both ends of an integral; Chebyshev's nodes
/// take the root singularity there into their weights.
pub fn anderson_darling_limit_tail(x: f64) -> f64 {
    if x.is_nan() {
        return f64::NAN;
    }
    if x < LEAST {
        return 1.0;
    }
    // The integrand falls from the lower end over the length 2 / x.
    let nodes = 32 + (4.0 * x.min(1e6).sqrt()) as u32;
    let mut sum: f64 = 0.0;
    for k in 1.. {
        let (low, high) = (f64::from((2 * k - 1) * 2 * k), f64::from(2 * k * (2 * k + 1)));
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        let term: f64 = (0..nodes)
            .map(|node| {
                let angle = PI * (f64::from(node) + 0.5) / f64::from(nodes);
                let u = middle - half * angle.cos();
                let determinant = (FRAC_PI_2 * (1.0 + 4.0 * u).sqrt()).cos().abs() / (PI * u);
                (-0.5 * u * x).exp() / (u * determinant.sqrt()) * half * angle.sin()
            })
            .sum();
        let term = term / f64::from(nodes);
        sum += if k % 2 == 1 { term } else { -term };
        if term <= 1e-17 * sum.abs() {
            break;
        }
    }
    sum.clamp(0.0, 1.0)
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn it_is_what_the_characteristic_function_says() {
        // By Gil-Pelaez' inversion of Π (1 − 2 i t / (j (j + 1)))^(−1/2), summed with NumPy 2.4.6
        // to some 1e-9.
        for (x, expected) in [
            (0.3, 0.938_157_637),
            (0.7, 0.558_823_204),
            (1.248, 0.249_950_505),
            (2.492, 0.050_022_186),
            (3.878_125, 0.010_000_000),
            (6.0, 0.000_967_452),
        ] {
            approx::assert_abs_diff_eq!(anderson_darling_limit_tail(x), expected, epsilon = 2e-9);
        }
        assert_eq!(
            (anderson_darling_limit_tail(-1.0), anderson_darling_limit_tail(0.0)),
            (1.0, 1.0)
        );
        assert!(
            anderson_darling_limit_tail(f64::NAN).is_nan()
                && anderson_darling_limit_tail(1e9) == 0.0
        );
    }

    #[test]
    fn it_falls_from_one_with_the_mean_and_variance_of_the_sum() {
        // E A² = ∫ P(A² > x) dx and E A⁴ = ∫ 2 x P(A² > x) dx.
        let step = 1e-3;
        let (mut mean, mut square, mut last) = (0.0, 0.0, 1.0);
        for i in 0..60_000 {
            let x = (f64::from(i) + 0.5) * step;
            let tail = anderson_darling_limit_tail(x);
            assert!(tail <= last + 1e-13, "P({x}) = {tail}");
            last = tail;
            mean += step * tail;
            square += step * 2.0 * x * tail;
        }
        approx::assert_abs_diff_eq!(mean, 1.0, epsilon = 1e-6);
        approx::assert_abs_diff_eq!(square - mean * mean, LIMIT_VARIANCE, epsilon = 1e-5);
    }
}
