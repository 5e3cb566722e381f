//! Two isotropic normal densities in the plane, what is fitted to them, and divergences by sums
//! over a grid.

use std::f64::consts::TAU;

use super::quadrature::Grid;
use crate::gan::objectives::Divergence;

/// An isotropic normal distribution in the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Isotropic {
    pub mean: [f64; 2],
    /// Standard deviation along each axis.
    pub deviation: f64,
}

impl Isotropic {
    pub(super) fn density(&self, [x, y]: [f64; 2]) -> f64 {
        let square = (x - self.mean[0]).powi(2) + (y - self.mean[1]).powi(2);
        let variance = self.deviation * self.deviation;
        (-0.5 * square / variance).exp() / (TAU * variance)
    }

    /// From the mean and the logarithm of the deviation.
    pub(super) fn from_parameters([x, y, log_deviation]: [f64; 3]) -> Self {
        Self { mean: [x, y], deviation: log_deviation.exp() }
    }

    pub(super) fn parameters(&self) -> [f64; 3] {
        [self.mean[0], self.mean[1], self.deviation.ln()]
    }
}

/// The parts of the mixture, with their weights.
pub(super) const MIXTURE: [(f64, Isotropic); 2] = [
    (2.0 / 3.0, Isotropic { mean: [-1.5, -0.5], deviation: 0.8 }),
    (1.0 / 3.0, Isotropic { mean: [2.0, 1.0], deviation: 0.6 }),
];

/// The Gaussian with the mean and the mean variance of the mixture: the one with the least
/// KL(mixture ‖ Gaussian).
pub(super) fn moments() -> Isotropic {
    let mean = [0, 1].map(|i| MIXTURE.iter().map(|(w, part)| w * part.mean[i]).sum::<f64>());
    let variance: f64 = MIXTURE
        .iter()
        .map(|(weight, part)| {
            let apart = (part.mean[0] - mean[0]).powi(2) + (part.mean[1] - mean[1]).powi(2);
            weight * (part.deviation.powi(2) + 0.5 * apart)
        })
        .sum();
    Isotropic { mean, deviation: variance.sqrt() }
}

/// Points of the plane with the mixture's probabilities.
#[derive(Debug)]
pub(super) struct Plane {
    pub points: Vec<[f64; 2]>,
    /// Area of a cell.
    pub area: f64,
    pub mixture: Vec<f64>,
}

/// A density that a float cannot tell from 0 is this, so that ratios stay finite.
const LEAST: f64 = 1e-300;

impl Plane {
    pub(super) fn new() -> Self {
        let axis = Grid::new(-8.0, 8.0, 80);
        let points: Vec<[f64; 2]> =
            axis.points.iter().flat_map(|x| axis.points.iter().map(|y| [*x, *y])).collect();
        let density = |point: &[f64; 2]| -> f64 {
            MIXTURE.iter().map(|(weight, part)| weight * part.density(*point)).sum()
        };
        let mixture = points.iter().map(density).collect();
        Self { points, area: axis.step * axis.step, mixture }
    }

    /// D_f(mixture ‖ q) = ∫ q f(p / q), with the f of the objectives.
    pub(super) fn divergence(&self, divergence: Divergence, q: &Isotropic) -> f64 {
        let cells = self.points.iter().zip(&self.mixture);
        let sum: f64 = cells
            .map(|(point, p)| {
                let q = q.density(*point).max(LEAST);
                q * divergence.f(p.max(LEAST) / q)
            })
            .sum();
        sum * self.area
    }
}

/// E k(x, y) of x and y with these distributions, k = exp(−|x − y|² / 2 b²).
fn mean_kernel(bandwidth: f64, a: &Isotropic, b: &Isotropic) -> f64 {
    let total = bandwidth.powi(2) + a.deviation.powi(2) + b.deviation.powi(2);
    let square = (a.mean[0] - b.mean[0]).powi(2) + (a.mean[1] - b.mean[1]).powi(2);
    bandwidth.powi(2) / total * (-0.5 * square / total).exp()
}

/// The squared maximum mean discrepancy of the mixture and q with a Gaussian kernel.
pub(super) fn discrepancy(bandwidth: f64, q: &Isotropic) -> f64 {
    let kernel = |a: &Isotropic, b: &Isotropic| mean_kernel(bandwidth, a, b);
    let cross: f64 = MIXTURE.iter().map(|(weight, part)| weight * kernel(part, q)).sum();
    let own: f64 = MIXTURE
        .iter()
        .flat_map(|(w, a)| MIXTURE.iter().map(move |(v, b)| w * v * kernel(a, b)))
        .sum();
    kernel(q, q) - 2.0 * cross + own
}
