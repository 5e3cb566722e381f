//! Normal densities, and sums over equidistant points in place of integrals: for functions that
//! fall off as a normal density does, the sum is exact to many digits.

use std::f64::consts::{SQRT_2, TAU};

/// A normal distribution.
#[derive(Debug, Clone, Copy)]
pub(super) struct Normal {
    pub mean: f64,
    /// Standard deviation.
    pub deviation: f64,
}

impl Normal {
    pub(super) const fn new(mean: f64, deviation: f64) -> Self {
        Self { mean, deviation }
    }

    pub(super) fn density(&self, x: f64) -> f64 {
        let z = (x - self.mean) / self.deviation;
        (-0.5 * z * z).exp() / (TAU.sqrt() * self.deviation)
    }

    /// P(X ≤ x)
    pub(super) fn distribution(&self, x: f64) -> f64 {
        0.5 * libm::erfc((self.mean - x) / (SQRT_2 * self.deviation))
    }

    /// The quantiles of (i + ½) / n, rising, by bisection.
    pub(super) fn quantiles(&self, n: usize) -> Vec<f64> {
        let standard = Self::new(0.0, 1.0);
        let quantile = |share: f64| {
            let (mut low, mut high) = (-10.0, 10.0);
            for _ in 0..60 {
                let middle = 0.5 * (low + high);
                if standard.distribution(middle) < share { low = middle } else { high = middle }
            }
            self.mean + self.deviation * 0.5 * (low + high)
        };
        (0..n).map(|i| quantile((i as f64 + 0.5) / n as f64)).collect()
    }
}

/// Equidistant points from `low` to `high`, both included.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    pub points: Vec<f64>,
    pub step: f64,
}

impl Grid {
    pub(super) fn new(low: f64, high: f64, intervals: usize) -> Self {
        let step = (high - low) / intervals as f64;
        Self { points: (0..=intervals).map(|i| low + step * i as f64).collect(), step }
    }

    /// density · step: probabilities of the points.
    pub(super) fn probabilities(&self, density: impl Fn(f64) -> f64) -> Vec<f64> {
        self.points.iter().map(|x| density(*x) * self.step).collect()
    }

    /// The points with their values, as a line of a figure.
    pub(super) fn curve(&self, of: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        self.points.iter().map(|x| (*x, of(*x))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_integrals() {
        let normal = Normal::new(0.7, 1.3);
        let grid = Grid::new(-12.0, 12.0, 192);
        let probabilities = grid.probabilities(|x| normal.density(x));
        let moment = |power: i32| -> f64 {
            let values = grid.points.iter().zip(&probabilities);
            values.map(|(x, p)| p * (x - 0.7).powi(power)).sum()
        };
        approx::assert_abs_diff_eq!(moment(0), 1.0, epsilon = 1e-12);
        approx::assert_abs_diff_eq!(moment(1), 0.0, epsilon = 1e-12);
        approx::assert_abs_diff_eq!(moment(2), 1.69, epsilon = 1e-12);
    }

    #[test]
    fn quantiles_are_the_inverse_of_the_distribution() {
        let normal = Normal::new(-2.0, 0.5);
        for (i, quantile) in normal.quantiles(7).into_iter().enumerate() {
            let share = normal.distribution(quantile);
            approx::assert_abs_diff_eq!(share, (i as f64 + 0.5) / 7.0, epsilon = 1e-12);
        }
        // Φ(1.96) = 0.975002104851780 (any table)
        let found = Normal::new(0.0, 1.0).distribution(1.96);
        approx::assert_abs_diff_eq!(found, 0.975_002_104_851_78, epsilon = 1e-14);
    }
}
