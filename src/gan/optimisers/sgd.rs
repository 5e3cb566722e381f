use super::optimiser::Rule;
use crate::compute::Tensor;

/// Stochastic gradient descent with momentum: m ← μ m + g, θ ← θ − α m.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sgd {
    pub rate: f64,
    /// μ
    pub momentum: f64,
}

impl Rule for Sgd {
    fn slots(&self) -> usize {
        usize::from(self.momentum > 0.0)
    }

    fn on_host(&self, values: &mut [f32], slots: &mut [&mut [f32]], gradient: &[f32]) {
        let (rate, momentum) = (self.rate as f32, self.momentum as f32);
        match slots {
            [velocity] => {
                for i in 0..gradient.len() {
                    velocity[i] = momentum * velocity[i] + gradient[i];
                    values[i] -= rate * velocity[i];
                }
            }
            _ => values.iter_mut().zip(gradient).for_each(|(value, g)| *value -= rate * g),
        }
    }

    fn on_device(
        &self,
        values: Tensor<1>,
        mut slots: Vec<Tensor<1>>,
        gradient: Tensor<1>,
    ) -> (Tensor<1>, Vec<Tensor<1>>) {
        match slots.pop() {
            Some(velocity) => {
                let velocity = velocity * self.momentum + gradient;
                (values - velocity.clone() * self.rate, vec![velocity])
            }
            None => (values - gradient * self.rate, slots),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::optimiser::three_steps;
    use super::*;

    #[test]
    fn both_paths_agree_with_the_sum_by_hand() {
        // Velocities with μ = 0.5: (0.3, 0.15, -0.625) and (-4, -1, 1.5).
        let rule = Sgd { rate: 0.1, momentum: 0.5 };
        for found in three_steps(|_| Box::new(rule)) {
            approx::assert_relative_eq!(found.as_slice(), &[1.0175, -1.65][..], epsilon = 1e-6);
        }
        let plain = Sgd { rate: 0.1, momentum: 0.0 };
        for found in three_steps(|_| Box::new(plain)) {
            approx::assert_relative_eq!(found.as_slice(), &[1.04, -1.9][..], epsilon = 1e-6);
        }
    }
}
