use super::optimiser::Rule;
use crate::compute::Tensor;
use crate::simd::{Level, Vectorised};

/// RMSProp (Hinton, lecture 6e, 2012): v ← ρ v + (1 − ρ) g², θ ← θ − α g / (√v + ε).
#[derive(Debug, Clone, Copy)]
pub(super) struct RmsProp {
    pub rate: f64,
    /// ρ
    pub decay: f64,
    pub epsilon: f64,
}

impl Rule for RmsProp {
    fn slots(&self) -> usize {
        1
    }

    fn on_host(&self, values: &mut [f32], slots: &mut [&mut [f32]], gradient: &[f32]) {
        let [square] = slots else { unreachable!("there is one slot") };
        Level::best().run(RmsPropStep { rule: *self, values, square, gradient });
    }

    fn on_device(
        &self,
        values: Tensor<1>,
        mut slots: Vec<Tensor<1>>,
        gradient: Tensor<1>,
    ) -> (Tensor<1>, Vec<Tensor<1>>) {
        let square = slots.pop().expect("there is one slot") * self.decay
            + gradient.clone().square() * (1.0 - self.decay);
        let change = gradient / (square.clone().sqrt() + self.epsilon) * self.rate;
        (values - change, vec![square])
    }
}

/// The step of some values.
struct RmsPropStep<'a> {
    rule: RmsProp,
    values: &'a mut [f32],
    square: &'a mut [f32],
    gradient: &'a [f32],
}

impl Vectorised for RmsPropStep<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (decay, rest) = (self.rule.decay as f32, (1.0 - self.rule.decay) as f32);
        let (rate, epsilon) = (self.rule.rate as f32, self.rule.epsilon as f32);
        for ((value, square), g) in self.values.iter_mut().zip(self.square).zip(self.gradient) {
            *square = decay * *square + rest * (g * g);
            *value -= rate * g / (square.sqrt() + epsilon);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::optimiser::three_steps;
    use super::*;

    #[test]
    fn both_paths_agree_with_pytorch() {
        // torch.optim.RMSprop(lr=0.1, alpha=0.9) of PyTorch 2 in float64.
        let expected = [0.978_813_3_f32, -1.914_008_9];
        let rule = RmsProp { rate: 0.1, decay: 0.9, epsilon: 1e-8 };
        for found in three_steps(|_| Box::new(rule)) {
            approx::assert_relative_eq!(found.as_slice(), &expected[..], max_relative = 1e-6);
        }
    }
}
