use std::collections::BTreeMap;

use burn::DispatchDevice;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::compute::{Device, Gradients, Tensor, to_host};
use crate::nn::{Module, Parameter};

/// Exponential decay rates of the moments.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Betas {
    pub first: f64,
    pub second: f64,
}

/// Adam (arXiv:1412.6980, algorithm 1) over the named parameters of a module.
///
/// m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²,
/// θ ← θ − α √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε √(1 − β₂ᵗ)).
///
/// On the CPU the whole update is one pass over host memory; elsewhere it is tensor operations.
#[derive(Debug, Clone)]
pub struct Adam {
    betas: Betas,
    steps: u64,
    moments: BTreeMap<String, Moments>,
}

/// Name of a parameter, and its first and second moment on the host.
pub type NamedMoments = (String, Vec<f32>, Vec<f32>);

#[derive(Debug, Clone)]
struct Moments {
    first: Tensor<1>,
    second: Tensor<1>,
}

const EPSILON: f64 = 1e-8;
const PARALLEL_CHUNK: usize = 16_384;

impl Adam {
    pub fn new(betas: Betas) -> Self {
        Self { betas, steps: 0, moments: BTreeMap::new() }
    }

    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Moves the parameters of `module` against the gradients that `tracked`, a copy of it in a
    /// graph, has received. A parameter without a gradient stays as it is.
    pub fn step<M: Module>(
        &mut self,
        module: &mut M,
        tracked: &M,
        gradients: &Gradients,
        learning_rate: f64,
    ) {
        self.steps += 1;
        let mut by_name = BTreeMap::new();
        tracked.clone().for_each_parameter(&mut |name, parameter| {
            by_name.insert(name.to_owned(), parameter.gradient(gradients));
        });
        module.for_each_parameter(&mut |name, parameter| {
            if let Some(gradient) = by_name.remove(name).flatten() {
                self.update(name, parameter, gradient, learning_rate);
            }
        });
    }

    fn update(&mut self, name: &str, parameter: &mut Parameter, gradient: Tensor<1>, rate: f64) {
        let steps = i32::try_from(self.steps).unwrap_or(i32::MAX);
        let correction = (1.0 - self.betas.second.powi(steps)).sqrt();
        let update = Update {
            betas: self.betas,
            rate: rate * correction / (1.0 - self.betas.first.powi(steps)),
            epsilon: EPSILON * correction,
        };
        let moments = self.moments.remove(name).unwrap_or_else(|| Moments {
            first: gradient.zeros_like(),
            second: gradient.zeros_like(),
        });
        let device = gradient.device();
        let (values, moments) = match device {
            DispatchDevice::Flex(_) => update.on_host(parameter.flat(), gradient, moments, &device),
            #[allow(unreachable_patterns, reason = "the only device without the `cuda` feature")]
            _ => update.on_device(parameter.flat(), gradient, moments),
        };
        parameter.set_flat(values);
        self.moments.insert(name.to_owned(), moments);
    }

    /// The state, to be written to a checkpoint: the steps taken, and first and second moment of
    /// every parameter by name.
    pub fn state(&self) -> (u64, Vec<NamedMoments>) {
        let moments = self.moments.iter().map(|(name, moments)| {
            (name.clone(), to_host(moments.first.clone()), to_host(moments.second.clone()))
        });
        (self.steps, moments.collect())
    }

    /// Goes on from a state.
    pub fn restore(&mut self, steps: u64, moments: Vec<NamedMoments>, device: &Device) {
        let tensor = |values: Vec<f32>| Tensor::<1>::from_floats(values.as_slice(), device);
        self.steps = steps;
        self.moments = moments
            .into_iter()
            .map(|(name, first, second)| {
                (name, Moments { first: tensor(first), second: tensor(second) })
            })
            .collect();
    }
}

struct Update {
    betas: Betas,
    rate: f64,
    epsilon: f64,
}

impl Update {
    fn on_device(
        &self,
        values: Tensor<1>,
        gradient: Tensor<1>,
        moments: Moments,
    ) -> (Tensor<1>, Moments) {
        let Betas { first, second } = self.betas;
        let first = moments.first * first + gradient.clone() * (1.0 - first);
        let second = moments.second * second + gradient.square() * (1.0 - second);
        let change = first.clone() / (second.clone().sqrt() + self.epsilon) * self.rate;
        (values - change, Moments { first, second })
    }

    fn on_host(
        &self,
        values: Tensor<1>,
        gradient: Tensor<1>,
        moments: Moments,
        device: &Device,
    ) -> (Tensor<1>, Moments) {
        let (b1, b2) = (self.betas.first as f32, self.betas.second as f32);
        let (c1, c2) = ((1.0 - self.betas.first) as f32, (1.0 - self.betas.second) as f32);
        let (rate, epsilon) = (self.rate as f32, self.epsilon as f32);
        let gradient = to_host(gradient);
        let mut values = to_host(values);
        let mut first = to_host(moments.first);
        let mut second = to_host(moments.second);
        let chunk = PARALLEL_CHUNK;
        (values.par_chunks_mut(chunk), first.par_chunks_mut(chunk), second.par_chunks_mut(chunk))
            .into_par_iter()
            .zip(gradient.par_chunks(chunk))
            .for_each(|((values, first, second), gradient)| {
                for i in 0..gradient.len() {
                    let g = gradient[i];
                    first[i] = b1 * first[i] + c1 * g;
                    second[i] = b2 * second[i] + c2 * (g * g);
                    values[i] -= rate * first[i] / (second[i].sqrt() + epsilon);
                }
            });
        let tensor = |values: Vec<f32>| {
            let size = values.len();
            Tensor::<1>::from_data(burn::tensor::TensorData::new(values, [size]), device)
        };
        (tensor(values), Moments { first: tensor(first), second: tensor(second) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::cpu;

    /// Three steps of PyTorch 2's `torch.optim.Adam(lr=0.1, betas=(0.5, 0.9))` from θ = (1, −2) with
    /// gradients (0.3, −4), (0, 1), (−0.7, 2), in float64.
    const TORCH: [f32; 2] = [0.929_930_8, -1.909_971_8];
    const GRADIENTS: [[f32; 2]; 3] = [[0.3, -4.0], [0.0, 1.0], [-0.7, 2.0]];

    fn three_steps(on_host: bool) -> Vec<f32> {
        let device = cpu();
        let tensor = |values: [f32; 2]| Tensor::<1>::from_floats(values, &device);
        let mut values = tensor([1.0, -2.0]);
        let mut moments = Moments { first: tensor([0.0; 2]), second: tensor([0.0; 2]) };
        let betas = Betas { first: 0.5, second: 0.9 };
        for (step, gradient) in GRADIENTS.into_iter().enumerate() {
            let steps = step as i32 + 1;
            let correction = (1.0 - betas.second.powi(steps)).sqrt();
            let update = Update {
                betas,
                rate: 0.1 * correction / (1.0 - betas.first.powi(steps)),
                epsilon: EPSILON * correction,
            };
            (values, moments) = if on_host {
                update.on_host(values, tensor(gradient), moments, &device)
            } else {
                update.on_device(values, tensor(gradient), moments)
            };
        }
        to_host(values)
    }

    #[test]
    fn both_paths_agree_with_pytorch() {
        for on_host in [true, false] {
            approx::assert_relative_eq!(
                three_steps(on_host).as_slice(),
                TORCH.as_slice(),
                max_relative = 1e-6
            );
        }
    }
}
