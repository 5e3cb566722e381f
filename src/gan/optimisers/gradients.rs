use crate::compute::{Gradients, Tensor, cpu, scalar};
use crate::nn::Module;

/// Keeps a norm of 0 finite.
const SMALL_NORM: f64 = 1e-30;

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

    /// Gradients that were found in another way, one place for each parameter and buffer in the
    /// module's order: what a [`crate::nn::Recording`] pulls back.
    pub fn from_places(places: Vec<Option<Tensor<1>>>) -> Self {
        Self(places)
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
        if square.device() != cpu() {
            return self.clip_on_device(square, largest_norm);
        }
        let norm = scalar(square).sqrt();
        if norm > largest_norm { self.scale(largest_norm / norm) } else { self }
    }

    /// The same without waiting for the norm, which on a GPU would hold up every step.
    fn clip_on_device(self, square: Tensor<1>, largest_norm: f64) -> Self {
        let factor = (square.sqrt() + SMALL_NORM).recip() * largest_norm;
        let factor = factor.clamp_max(1.0);
        Self(self.0.into_iter().map(|g| g.map(|g| g * factor.clone())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::to_host;

    fn gradients(values: &[f32]) -> ParameterGradients {
        let tensor = |values: &[f32]| Some(Tensor::<1>::from_floats(values, &cpu()));
        ParameterGradients(vec![tensor(&values[..1]), None, tensor(&values[1..])])
    }

    /// ‖(3, 0, 4)‖ = 5.
    #[test]
    fn both_ways_clip_alike() {
        for (values, largest, expected) in [
            ([3.0, 0.0, 4.0], 1.0, [0.6, 0.0, 0.8]),
            ([3.0, 0.0, 4.0], 6.0, [3.0, 0.0, 4.0]),
            ([0.0, 0.0, 0.0], 1.0, [0.0, 0.0, 0.0]),
        ] {
            let on_host = gradients(&values).clip(largest);
            let square = gradients(&values).squared_norm().expect("there are gradients");
            let on_device = gradients(&values).clip_on_device(square, largest);
            for found in [on_host, on_device] {
                let found: Vec<f32> = found.iter().flatten().cloned().flat_map(to_host).collect();
                approx::assert_relative_eq!(found.as_slice(), &expected[..], max_relative = 1e-6);
            }
        }
    }
}
