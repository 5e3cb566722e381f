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
    /// Weights belong to the real events, and to the generated ones at the same conditions: the
    /// expectation over events is that of the weighted sample. They may be negative (sWeights,
    /// arXiv:physics/0402083).
    ///
    /// # Shapes
    /// `real`, `fake`, `weights`: `[events, 1]`, event by event at the same condition. The loss:
    /// `[1]`.
    pub fn critic_loss(
        self,
        real: Tensor<2>,
        fake: Tensor<2>,
        weights: Option<&Tensor<2>>,
    ) -> Tensor<1> {
        let losses = match self {
            Self::Wasserstein => wasserstein::critic_losses(real, fake),
            Self::RelativisticPaired => relativistic_paired::critic_losses(real, fake),
        };
        weighted_mean(losses, weights)
    }

    /// What the generator minimises.
    pub fn generator_loss(
        self,
        real: Tensor<2>,
        fake: Tensor<2>,
        weights: Option<&Tensor<2>>,
    ) -> Tensor<1> {
        let losses = match self {
            Self::Wasserstein => wasserstein::generator_losses(fake),
            Self::RelativisticPaired => relativistic_paired::generator_losses(real, fake),
        };
        weighted_mean(losses, weights)
    }

    /// Whether the generator's loss looks at real events at all.
    pub fn pairs_with_real(self) -> bool {
        matches!(self, Self::RelativisticPaired)
    }
}

/// Σ w x / n, or the mean without weights.
///
/// # Shapes
/// `values`, `weights`: `[events, 1]`.
pub(super) fn weighted_mean(values: Tensor<2>, weights: Option<&Tensor<2>>) -> Tensor<1> {
    match weights {
        None => values.mean(),
        Some(weights) => (values * weights.clone()).mean(),
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
        let critic = Objective::Wasserstein.critic_loss(real.clone(), fake.clone(), None);
        assert_eq!(scalar(critic), 1.0 - 3.0);
        assert_eq!(scalar(Objective::Wasserstein.generator_loss(real, fake, None)), -1.0);
    }

    #[test]
    fn relativistic_losses_are_softplus_of_the_pair_difference() {
        let (real, fake) = (column([1.0, 0.0, 80.0]), column([0.0, 0.0, -80.0]));
        let expected = ((1.0 + (-1.0_f64).exp()).ln() + 2.0_f64.ln()) / 3.0;
        let critic =
            scalar(Objective::RelativisticPaired.critic_loss(real.clone(), fake.clone(), None));
        approx::assert_relative_eq!(critic, expected, epsilon = 1e-6);
        let expected = ((1.0 + 1.0_f64.exp()).ln() + 2.0_f64.ln() + 160.0) / 3.0;
        let generator = scalar(Objective::RelativisticPaired.generator_loss(real, fake, None));
        approx::assert_relative_eq!(generator, expected, epsilon = 1e-4);
    }

    #[test]
    fn weights_count_events_and_negative_ones_take_them_away() {
        let (real, fake) = (column([1.0, 2.0, 6.0]), column([0.5, 0.5, 2.0]));
        let weights = column([1.0, 3.0, -1.0]);
        for objective in [Objective::Wasserstein, Objective::RelativisticPaired] {
            let single = |i: usize| {
                let at = |t: &Tensor<2>| t.clone().narrow(0, i, 1);
                scalar(objective.critic_loss(at(&real), at(&fake), None))
            };
            let expected = (single(0) + 3.0 * single(1) - single(2)) / 3.0;
            let found = scalar(objective.critic_loss(real.clone(), fake.clone(), Some(&weights)));
            approx::assert_relative_eq!(found, expected, epsilon = 1e-5);
        }
    }
}
