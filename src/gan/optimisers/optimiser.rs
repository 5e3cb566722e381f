use std::collections::BTreeMap;

use burn::DispatchDevice;
use burn::tensor::TensorData;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::adam::Adam;
use super::gradients::ParameterGradients;
use super::rmsprop::RmsProp;
use super::sgd::Sgd;
use crate::compute::{Device, Tensor, changed_on_host, seen_on_host, to_host};
use crate::gan::schedule::Schedule;
use crate::nn::{Module, Parameter};

/// An optimiser in the settings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum OptimiserSettings {
    /// arXiv:1412.6980
    Adam {
        learning_rate: Schedule,
        #[serde(default = "beta1")]
        beta1: f64,
        #[serde(default = "beta2")]
        beta2: f64,
        #[serde(default = "epsilon")]
        epsilon: f64,
    },
    /// Hinton's lecture 6e of the course "Neural networks for machine learning" (2012).
    Rmsprop {
        learning_rate: Schedule,
        #[serde(default = "decay")]
        decay: f64,
        #[serde(default = "epsilon")]
        epsilon: f64,
    },
    /// Stochastic gradient descent, with momentum.
    Sgd {
        learning_rate: Schedule,
        #[serde(default)]
        momentum: f64,
    },
}

fn beta1() -> f64 {
    0.9
}

fn beta2() -> f64 {
    0.999
}

fn epsilon() -> f64 {
    1e-8
}

fn decay() -> f64 {
    0.9
}

impl OptimiserSettings {
    pub fn learning_rate(&self) -> &Schedule {
        match self {
            Self::Adam { learning_rate, .. }
            | Self::Rmsprop { learning_rate, .. }
            | Self::Sgd { learning_rate, .. } => learning_rate,
        }
    }

    /// # Errors
    /// The key that is out of its range, and why, as a fragment of a sentence.
    pub fn check(&self) -> Result<(), String> {
        self.learning_rate().check(10.0).map_err(|problem| format!("learning_rate: {problem}"))?;
        let within = |name: &str, value: f64, most: f64| {
            if (0.0..=most).contains(&value) {
                Ok(())
            } else {
                Err(format!("{name}: {value}, expected 0 to {most}"))
            }
        };
        match *self {
            Self::Adam { beta1, beta2, epsilon, .. } => {
                within("beta1", beta1, 0.9999)?;
                within("beta2", beta2, 0.999_999)?;
                within("epsilon", epsilon, 1.0)
            }
            Self::Rmsprop { decay, epsilon, .. } => {
                within("decay", decay, 0.999_999)?;
                within("epsilon", epsilon, 1.0)
            }
            Self::Sgd { momentum, .. } => within("momentum", momentum, 0.9999),
        }
    }
}

/// The change of one parameter in one step.
pub(super) trait Rule: Sync {
    /// Running averages that each parameter has.
    fn slots(&self) -> usize;

    /// Moves `values` against `gradient`. All slices are of the same length; there are
    /// [`Self::slots`] of `slots`.
    fn on_host(&self, values: &mut [f32], slots: &mut [&mut [f32]], gradient: &[f32]);

    /// The same as tensor operations: the new values and slots.
    fn on_device(
        &self,
        values: Tensor<1>,
        slots: Vec<Tensor<1>>,
        gradient: Tensor<1>,
    ) -> (Tensor<1>, Vec<Tensor<1>>);
}

/// An optimiser and its running averages.
#[derive(Debug, Clone)]
pub struct Optimiser {
    settings: OptimiserSettings,
    steps: u64,
    /// Running averages of every parameter by name.
    slots: BTreeMap<String, Vec<Tensor<1>>>,
}

/// What is written to a checkpoint: the steps taken, and the running averages of every parameter
/// by name.
#[derive(Debug, Clone, Default)]
pub struct OptimiserState {
    pub steps: u64,
    pub slots: Vec<(String, Vec<Vec<f32>>)>,
}

/// Values that are moved at once: they and their slots stay in the cache of a core.
const PARALLEL_CHUNK: usize = 4_096;
/// A task for another thread costs more than to move fewer.
const CHUNKS_A_TASK: usize = 8;

impl Optimiser {
    pub fn new(settings: OptimiserSettings) -> Self {
        Self { settings, steps: 0, slots: BTreeMap::new() }
    }

    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Running averages that each parameter has.
    pub fn slot_count(&self) -> usize {
        self.rule(0.0).slots()
    }

    /// Moves the parameters of `module` against the gradients. A parameter without a gradient, or
    /// one that is not trained, stays as it is.
    pub fn step<M: Module>(
        &mut self,
        module: &mut M,
        gradients: ParameterGradients,
        learning_rate: f64,
    ) {
        self.steps += 1;
        let rule = self.rule(learning_rate);
        let mut gradients = gradients.into_values().into_iter();
        module.for_each_parameter(&mut |name, parameter| {
            let gradient = gradients.next().expect("there is a place for each parameter");
            if let Some(gradient) = gradient.filter(|_| parameter.is_trained()) {
                let slots = self
                    .slots
                    .remove(name)
                    .unwrap_or_else(|| (0..rule.slots()).map(|_| gradient.zeros_like()).collect());
                let slots = update(&*rule, parameter, slots, gradient);
                self.slots.insert(name.to_owned(), slots);
            }
        });
    }

    fn rule(&self, rate: f64) -> Box<dyn Rule> {
        match self.settings {
            OptimiserSettings::Adam { beta1, beta2, epsilon, .. } => {
                Box::new(Adam::at_step(self.steps, rate, [beta1, beta2], epsilon))
            }
            OptimiserSettings::Rmsprop { decay, epsilon, .. } => {
                Box::new(RmsProp { rate, decay, epsilon })
            }
            OptimiserSettings::Sgd { momentum, .. } => Box::new(Sgd { rate, momentum }),
        }
    }

    pub fn state(&self) -> OptimiserState {
        let of = |(name, slots): (&String, &Vec<Tensor<1>>)| {
            (name.clone(), slots.iter().cloned().map(to_host).collect())
        };
        OptimiserState { steps: self.steps, slots: self.slots.iter().map(of).collect() }
    }

    /// Goes on from a state.
    pub fn restore(&mut self, state: OptimiserState, device: &Device) {
        let tensor = |values: Vec<f32>| Tensor::<1>::from_floats(values.as_slice(), device);
        self.steps = state.steps;
        self.slots = state
            .slots
            .into_iter()
            .map(|(name, slots)| (name, slots.into_iter().map(tensor).collect()))
            .collect();
    }
}

/// One parameter's step, on the CPU in one pass over host memory; the new slots.
fn update(
    rule: &dyn Rule,
    parameter: &mut Parameter,
    slots: Vec<Tensor<1>>,
    gradient: Tensor<1>,
) -> Vec<Tensor<1>> {
    let device = gradient.device();
    if !matches!(device, DispatchDevice::Flex(_)) {
        let (values, slots) = rule.on_device(parameter.take_flat(), slots, gradient);
        parameter.set_flat(values);
        return slots;
    }
    let mut slots: Vec<Vec<f32>> = slots.into_iter().map(to_host).collect();
    let values = changed_on_host(parameter.take_flat(), |values| {
        seen_on_host(gradient, |gradient| move_values(rule, values, &mut slots, gradient));
    });
    parameter.set_flat(values);
    let tensor = |values: Vec<f32>| {
        let size = values.len();
        Tensor::<1>::from_data(TensorData::new(values, [size]), &device)
    };
    slots.into_iter().map(tensor).collect()
}

/// The step on the host, in parallel where it is worth it.
fn move_values(rule: &dyn Rule, values: &mut [f32], slots: &mut [Vec<f32>], gradient: &[f32]) {
    let mut parts: Vec<Vec<&mut [f32]>> =
        values.chunks(PARALLEL_CHUNK).map(|_| Vec::with_capacity(slots.len())).collect();
    for slot in slots {
        for (parts, chunk) in parts.iter_mut().zip(slot.chunks_mut(PARALLEL_CHUNK)) {
            parts.push(chunk);
        }
    }
    let steps = values.par_chunks_mut(PARALLEL_CHUNK).zip(parts);
    let steps = steps.zip(gradient.par_chunks(PARALLEL_CHUNK));
    steps.with_min_len(CHUNKS_A_TASK).for_each(|((values, mut slots), gradient)| {
        rule.on_host(values, &mut slots, gradient);
    });
}

/// Shared by the tests of the rules: three steps from θ = (1, −2) with gradients (0.3, −4),
/// (0, 1), (−0.7, 2), on the host and on the device.
#[cfg(test)]
pub(super) fn three_steps(rule_at: impl Fn(u64) -> Box<dyn Rule>) -> [Vec<f32>; 2] {
    use crate::compute::cpu;
    const GRADIENTS: [[f32; 2]; 3] = [[0.3, -4.0], [0.0, 1.0], [-0.7, 2.0]];
    let device = cpu();
    let tensor = |values: &[f32]| Tensor::<1>::from_floats(values, &device);
    let slots = rule_at(1).slots();
    let mut host = (vec![1.0_f32, -2.0], vec![vec![0.0_f32; 2]; slots]);
    let mut tensors = (tensor(&[1.0, -2.0]), vec![tensor(&[0.0; 2]); slots]);
    for (gradient, step) in GRADIENTS.iter().zip(1..) {
        let rule = rule_at(step);
        let mut parts: Vec<&mut [f32]> = host.1.iter_mut().map(Vec::as_mut_slice).collect();
        rule.on_host(&mut host.0, &mut parts, gradient);
        tensors = rule.on_device(tensors.0, tensors.1, tensor(gradient));
    }
    [host.0, to_host(tensors.0)]
}
