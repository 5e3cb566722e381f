use crate::nn::{Module, Parameter};

/// An exponential moving average of a module's parameters: θ̄ ← β θ̄ + (1 − β) θ.
///
/// β rises from 0 at the start, β(k) = min(decay, 1 − 1 / (1 + k / 20)), so that the average does
/// not remember the untrained network.
#[derive(Debug, Clone)]
pub struct MovingAverage<M> {
    module: M,
    decay: f64,
}

const WARM_UP_ITERATIONS: f64 = 20.0;

impl<M: Module> MovingAverage<M> {
    pub fn new(module: &M, decay: f64) -> Self {
        Self { module: module.clone(), decay }
    }

    pub fn module(&self) -> &M {
        &self.module
    }

    pub fn module_mut(&mut self) -> &mut M {
        &mut self.module
    }

    /// Takes up the parameters after `iterations` updates of the network.
    pub fn update(&mut self, current: &M, iterations: u64) {
        let warm_up = 1.0 - 1.0 / (1.0 + iterations as f64 / WARM_UP_ITERATIONS);
        let share = 1.0 - self.decay.min(warm_up);
        let mut values: Vec<Parameter> = Vec::new();
        current.clone().for_each_parameter(&mut |_, parameter| values.push(parameter.clone()));
        let mut values = values.into_iter();
        self.module.for_each_parameter(&mut |_, average| {
            let current = values.next().expect("both have the same parameters").flat();
            let old = average.flat();
            average.set_flat(old.clone() + (current - old) * share);
        });
    }
}
