use super::optimiser::Rule;
use crate::compute::Tensor;
use crate::simd::{Level, Vectorised};

/// Adam (arXiv:1412.6980, algorithm 1):
///
/// m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²,
/// θ ← θ − α √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε √(1 − β₂ᵗ)).
#[derive(Debug, Clone, Copy)]
pub(super) struct Adam {
    betas: [f64; 2],
    /// α √(1 − β₂ᵗ) / (1 − β₁ᵗ)
    rate: f64,
    /// ε √(1 − β₂ᵗ)
    epsilon: f64,
}

impl Adam {
    /// The rule of step `step`, counted from 1.
    pub(super) fn at_step(step: u64, rate: f64, betas: [f64; 2], epsilon: f64) -> Self {
        let steps = i32::try_from(step).unwrap_or(i32::MAX);
        let correction = (1.0 - betas[1].powi(steps)).sqrt();
        Self {
            betas,
            rate: rate * correction / (1.0 - betas[0].powi(steps)),
            epsilon: epsilon * correction,
        }
    }
}

impl Rule for Adam {
    fn slots(&self) -> usize {
        2
    }

    fn on_host(&self, values: &mut [f32], slots: &mut [&mut [f32]], gradient: &[f32]) {
        let [first, second] = slots else { unreachable!("there are two slots") };
        Level::best().run(AdamStep { rule: *self, values, first, second, gradient });
    }

    fn on_device(
        &self,
        values: Tensor<1>,
        slots: Vec<Tensor<1>>,
        gradient: Tensor<1>,
    ) -> (Tensor<1>, Vec<Tensor<1>>) {
        let [b1, b2] = self.betas;
        let [first, second] =
            <[Tensor<1>; 2]>::try_from(slots).expect("there are two slots, one a moment");
        let first = first * b1 + gradient.clone() * (1.0 - b1);
        let second = second * b2 + gradient.square() * (1.0 - b2);
        let change = first.clone() / (second.clone().sqrt() + self.epsilon) * self.rate;
        (values - change, vec![first, second])
    }
}

/// The step of some values.
struct AdamStep<'a> {
    rule: Adam,
    values: &'a mut [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    gradient: &'a [f32],
}

impl Vectorised for AdamStep<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let [b1, b2] = self.rule.betas.map(|beta| beta as f32);
        let [c1, c2] = self.rule.betas.map(|beta| (1.0 - beta) as f32);
        let (rate, epsilon) = (self.rule.rate as f32, self.rule.epsilon as f32);
        let slots = self.first.iter_mut().zip(self.second);
        for ((value, (first, second)), g) in self.values.iter_mut().zip(slots).zip(self.gradient) {
            *first = b1 * *first + c1 * g;
            *second = b2 * *second + c2 * (g * g);
            *value -= rate * *first / (second.sqrt() + epsilon);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::optimiser::three_steps;
    use super::*;

    #[test]
    fn both_paths_agree_with_pytorch() {
        // torch.optim.Adam(lr=0.1, betas=(0.5, 0.9)) of PyTorch 2 in float64.
        let expected = [0.929_930_8_f32, -1.909_971_8];
        for found in three_steps(|step| Box::new(Adam::at_step(step, 0.1, [0.5, 0.9], 1e-8))) {
            approx::assert_relative_eq!(found.as_slice(), &expected[..], max_relative = 1e-6);
        }
    }
}
