//! What a critic and the generator are trained for, one objective a file.

mod relativistic_paired;
mod wasserstein;

use serde::{Deserialize, Serialize};

use crate::compute::Tensor;

/// The adversarial objective of one critic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    Wasserstein,
    RelativisticPaired,
}

impl Objective {
    /// What the critic minimises, without its penalty.
    ///
    /// # Shapes
    /// `real`, `fake`: `[events, 1]`, event by event at the same condition. The loss: `[1]`.
    pub fn critic_loss(self, real: Tensor<2>, fake: Tensor<2>) -> Tensor<1> {
        match self {
            Self::Wasserstein => wasserstein::critic_loss(real, fake),
            Self::RelativisticPaired => relativistic_paired::critic_loss(real, fake),
        }
    }

    /// What the generator minimises.
    pub fn generator_loss(self, real: Tensor<2>, fake: Tensor<2>) -> Tensor<1> {
        match self {
            Self::Wasserstein => wasserstein::generator_loss(fake),
            Self::RelativisticPaired => relativistic_paired::generator_loss(real, fake),
        }
    }

    /// Whether the generator's loss looks at real events at all.
    pub fn pairs_with_real(self) -> bool {
        matches!(self, Self::RelativisticPaired)
    }
}

/// softplus(x) = ln(1 + eˣ), without overflow: max(x, 0) + ln(1 + e^−|x|).
fn softplus(x: Tensor<2>) -> Tensor<2> {
    burn::tensor::activation::relu(x.clone()) + (-x.abs()).exp().log1p()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, scalar};

    fn column(values: [f32; 3]) -> Tensor<2> {
        matrix(values.to_vec(), 3, 1, &cpu())
    }

    #[test]
    fn wasserstein_losses_are_differences_of_means() {
        let (real, fake) = (column([1.0, 2.0, 6.0]), column([0.5, 0.5, 2.0]));
        let critic = Objective::Wasserstein.critic_loss(real.clone(), fake.clone());
        assert_eq!(scalar(critic), 1.0 - 3.0);
        assert_eq!(scalar(Objective::Wasserstein.generator_loss(real, fake)), -1.0);
    }

    #[test]
    fn relativistic_losses_are_softplus_of_the_pair_difference() {
        let (real, fake) = (column([1.0, 0.0, 80.0]), column([0.0, 0.0, -80.0]));
        let expected = ((1.0 + (-1.0_f64).exp()).ln() + 2.0_f64.ln()) / 3.0;
        let critic = scalar(Objective::RelativisticPaired.critic_loss(real.clone(), fake.clone()));
        approx::assert_relative_eq!(critic, expected, epsilon = 1e-6);
        let expected = ((1.0 + 1.0_f64.exp()).ln() + 2.0_f64.ln() + 160.0) / 3.0;
        let generator = scalar(Objective::RelativisticPaired.generator_loss(real, fake));
        approx::assert_relative_eq!(generator, expected, epsilon = 1e-4);
    }
}
