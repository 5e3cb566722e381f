use crate::compute::{Gradients, Tensor, scalar};
use crate::nn::Module;

/// The gradient of a loss for each parameter of a module, in the module's order; none where the
/// loss does not depend on it.
#[derive(Debug, Clone)]
pub struct ParameterGradients(Vec<Option<Tensor<1>>>);

impl ParameterGradients {
    /// What `tracked`, a copy of a module in a graph, has received.
    pub fn of<M: Module>(tracked: &M, gradients: &Gradients) -> Self {
        let mut all = Vec::new();
        tracked.clone().for_each_parameter(&mut |_, parameter| {
            all.push(parameter.gradient(gradients));
        });
        Self(all)
    }

    pub fn iter(&self) -> impl Iterator<Item = Option<&Tensor<1>>> {
        self.0.iter().map(Option::as_ref)
    }

    pub(super) fn into_values(self) -> Vec<Option<Tensor<1>>> {
        self.0
    }

    /// The sum of both, parameter by parameter: gradients of batches that make up one step.
    pub fn plus(self, other: Self) -> Self {
        let sum = |pair: (Option<Tensor<1>>, Option<Tensor<1>>)| match pair {
            (Some(a), Some(b)) => Some(a + b),
            (a, b) => a.or(b),
        };
        Self(self.0.into_iter().zip(other.0).map(sum).collect())
    }

    pub fn scale(self, factor: f64) -> Self {
        Self(self.0.into_iter().map(|g| g.map(|g| g * factor)).collect())
    }

    /// The norm over all parameters together, `[1]`, on the device.
    pub fn squared_norm(&self) -> Option<Tensor<1>> {
        self.0
            .iter()
            .flatten()
            .map(|gradient| gradient.clone().square().sum())
            .reduce(|sum, square| sum + square)
    }

    /// Scales all gradients by min(1, largest / ‖g‖), ‖g‖ over all parameters together
    /// (arXiv:1211.5063).
    pub fn clip(self, largest_norm: f64) -> Self {
        let Some(square) = self.squared_norm() else { return self };
        let norm = scalar(square).sqrt();
        if norm > largest_norm { self.scale(largest_norm / norm) } else { self }
    }
}
