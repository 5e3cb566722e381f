use crate::compute::{Tensor, changed_on_host, is_cpu};
use crate::nn::{Module, Parameter};
use crate::simd::{Level, Vectorised};

/// An exponential moving average of a module's parameters: θ̄ ← β θ̄ + (1 − β) θ. Buffers are taken
/// as they are.
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
            // Running means, and the singular vectors of spectral normalisation, belong together.
            if !average.is_trained() {
                average.set_flat(current);
                return;
            }
            let old = average.take_flat();
            average.set_flat(moved(old, current, share));
        });
    }
}

/// old + (current − old) · share.
fn moved(old: Tensor<1>, current: Tensor<1>, share: f64) -> Tensor<1> {
    if !is_cpu(&old.device()) {
        return old.clone() + (current - old) * share;
    }
    let share = share as f32;
    let current = current.into_data();
    changed_on_host(old, |old| {
        let current = current.as_slice().expect("parameters are 32-bit floats");
        Level::best().run(Moved { old, current, share });
    })
}

struct Moved<'a> {
    old: &'a mut [f32],
    current: &'a [f32],
    share: f32,
}

impl Vectorised for Moved<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (old, current) in self.old.iter_mut().zip(self.current) {
            *old += (current - *old) * self.share;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::cpu;
    use crate::nn::{Dense, Initialisation};
    use crate::random::{Purpose, Streams};

    fn linear(stream: u64) -> Dense {
        let mut normals = Streams::new(1, Purpose::Initialisation).normals(stream);
        Dense::new(2, 1, Initialisation::He, &mut normals, &cpu())
    }

    fn first_weight(mut module: Dense) -> f32 {
        let mut first = None;
        Module::for_each_parameter(&mut module, &mut |_, parameter| {
            first.get_or_insert(parameter.to_host()[0]);
        });
        first.expect("there is a weight")
    }

    #[test]
    fn the_average_moves_by_one_minus_decay_after_the_warm_up() {
        let (old, new) = (linear(0), linear(1));
        let mut average = MovingAverage::new(&old, 0.9);
        // 1 − 1 / (1 + 1 / 20) = 1 / 21 at the first update.
        average.update(&new, 1);
        let after_one = first_weight(old) / 21.0 + first_weight(new.clone()) * 20.0 / 21.0;
        approx::assert_relative_eq!(
            first_weight(average.module().clone()),
            after_one,
            max_relative = 1e-5
        );
        average.update(&new, 100_000);
        let expected = 0.9 * after_one + 0.1 * first_weight(new);
        approx::assert_relative_eq!(
            first_weight(average.module().clone()),
            expected,
            max_relative = 1e-5
        );
    }
}
