//! Garwood's interval of a Poisson count.

use statrs::distribution::{Continuous, ContinuousCDF, Gamma};

/// Probability within one standard deviation of a normal distribution.
const COVERAGE: f64 = 0.682_689_492_137_085_9;

/// The central interval of the mean of a Poisson distribution of which `count` was seen, with the
/// coverage of one standard deviation.
///
/// From the quantiles q of χ²: low = q(α/2; 2n)/2, high = q(1 − α/2; 2n + 2)/2 with 1 − α = 68.27 %;
/// low is 0 for n = 0. F. Garwood, Biometrika 28 (1936) 437.
pub(super) fn poisson_interval(count: f64) -> (f64, f64) {
    let tail = 0.5 * (1.0 - COVERAGE);
    let low = if count > 0.0 { gamma_quantile(count, tail) } else { 0.0 };
    (low, gamma_quantile(count + 1.0, 1.0 - tail))
}

/// The quantile of a gamma distribution of unit rate, by Newton's method from Wilson and
/// Hilferty's approximation.
fn gamma_quantile(shape: f64, probability: f64) -> f64 {
    let sign = if probability < 0.5 { -1.0 } else { 1.0 };
    // One standard deviation, as the tail is that of one.
    let cube = 1.0 - 1.0 / (9.0 * shape) + sign / (3.0 * shape.sqrt());
    let mut quantile = shape * cube.max(0.1).powi(3);
    let Ok(gamma) = Gamma::new(shape, 1.0) else { return f64::NAN };
    for _ in 0..20 {
        let step = (gamma.cdf(quantile) - probability) / gamma.pdf(quantile);
        quantile = (quantile - step).max(0.1 * quantile);
        if step.abs() <= 1e-12 * quantile {
            break;
        }
    }
    quantile
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_chi_square_quantiles() {
        // scipy 1.17.1: chi2.ppf(t, 2 n) / 2 and chi2.ppf(1 - t, 2 n + 2) / 2, t = (1 - 0.6827) / 2.
        let expected = [
            (0.0, 0.0, 1.841_021_645_009_263_4),
            (1.0, 0.172_753_779_023_449_96, 3.299_526_559_115_855),
            (3.0, 1.367_295_313_890_434, 5.918_185_832_883_396),
            (100.0, 90.016_745_177_113_4, 111.033_360_941_149_67),
            (25_000.0, 24_841.887_171_381_528, 25_159.115_991_477_18),
        ];
        for (count, low, high) in expected {
            let found = poisson_interval(count);
            approx::assert_relative_eq!(found.0, low, max_relative = 1e-9);
            approx::assert_relative_eq!(found.1, high, max_relative = 1e-9);
        }
    }
}
