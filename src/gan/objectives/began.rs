use serde::{Deserialize, Serialize};

use crate::compute::Tensor;

/// BEGAN (arXiv:1703.10717): the critic is an autoencoder D of what it sees, with the loss
/// L(v) = |v − D(v)|^η, averaged over the values of an event.
///
/// The critic minimises L(x) − k L(G(z)), the generator L(G(z)), and k keeps the two in proportion:
/// k ← clip(k + λ (γ L(x) − L(G(z))), 0, 1), from k = 0. The measure of convergence is
/// L(x) + |γ L(x) − L(G(z))| (equations 3 and 4 there).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Began {
    /// γ, the ratio of both losses that is held: less for less variety.
    pub diversity: f64,
    /// λ, the step of k.
    pub proportional_gain: f64,
    /// η, 1 or 2.
    pub exponent: u32,
}

impl Default for Began {
    fn default() -> Self {
        Self { diversity: 0.5, proportional_gain: 0.001, exponent: 1 }
    }
}

impl Began {
    /// L(v), `[events, 1]`.
    ///
    /// # Shapes
    /// `seen`, `rebuilt`: `[events, values]`.
    pub(super) fn reconstruction(&self, seen: Tensor<2>, rebuilt: Tensor<2>) -> Tensor<2> {
        let difference = seen - rebuilt;
        let power = if self.exponent == 2 { difference.square() } else { difference.abs() };
        power.mean_dim(1)
    }

    /// k after a step with mean losses L(x) and L(G(z)).
    pub fn next_equilibrium(&self, k: f64, real: f64, fake: f64) -> f64 {
        let next = k + self.proportional_gain * (self.diversity * real - fake);
        if next.is_finite() { next.clamp(0.0, 1.0) } else { k }
    }

    /// L(x) + |γ L(x) − L(G(z))|.
    pub fn convergence(&self, real: f64, fake: f64) -> f64 {
        real + (self.diversity * real - fake).abs()
    }
}
