//! Penalties on a critic's gradient with respect to the event, one a file. None needs
//! second-order differentiation: ∇ₓD is built from the layers' own vjp.

mod gradient_penalty;
mod zero_centred;

use serde::{Deserialize, Serialize};

pub use gradient_penalty::interpolate;

use crate::compute::Tensor;

/// How a critic is kept smooth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Penalty {
    /// λ E (‖∇ₓD‖ − 1)² on lines between real and generated events (WGAN-GP, two-sided).
    GradientPenalty { weight: f64 },
    /// γ/2 (E ‖∇ₓD(real)‖² + E ‖∇ₓD(generated)‖²) (R₁ and R₂); γ falls geometrically from `weight`
    /// to `final_weight` over the first two thirds of the training.
    ZeroCentred { weight: f64, final_weight: f64 },
}

/// The share of the training after which γ has reached its final value.
const ANNEALED_AT: f64 = 2.0 / 3.0;

impl Penalty {
    /// λ or γ at `progress`, the share of the training that is done.
    pub fn weight_at(&self, progress: f64) -> f64 {
        match *self {
            Self::GradientPenalty { weight } => weight,
            Self::ZeroCentred { weight, final_weight } => {
                weight * (final_weight / weight).powf((progress / ANNEALED_AT).min(1.0))
            }
        }
    }

    /// The penalty itself, without its weight.
    ///
    /// # Shapes
    /// `gradient`: `[events, features]`; at interpolated events for the gradient penalty, at real
    /// and generated events one after the other for the zero-centred one. The penalty: `[1]`.
    pub fn of_gradient(&self, gradient: Tensor<2>) -> Tensor<1> {
        match self {
            Self::GradientPenalty { .. } => gradient_penalty::two_sided(gradient),
            Self::ZeroCentred { .. } => zero_centred::r1_and_r2(gradient),
        }
    }
}

/// ‖g‖² of every event, `[events, 1]`.
fn squared_norm(gradient: Tensor<2>) -> Tensor<2> {
    gradient.square().sum_dim(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, scalar};

    #[test]
    fn penalties_of_known_gradients() {
        // Norms 5 and 1.
        let gradient = matrix(vec![3.0, 4.0, 0.0, -1.0], 2, 2, &cpu());
        let two_sided = Penalty::GradientPenalty { weight: 10.0 };
        approx::assert_relative_eq!(
            scalar(two_sided.of_gradient(gradient.clone())),
            8.0,
            epsilon = 1e-6
        );
        // Half of E over one real (25) and one generated (1) event.
        let zero_centred = Penalty::ZeroCentred { weight: 1.0, final_weight: 0.1 };
        approx::assert_relative_eq!(
            scalar(zero_centred.of_gradient(gradient)),
            13.0,
            epsilon = 1e-6
        );
    }

    #[test]
    fn a_gradient_of_zero_has_a_finite_penalty() {
        let gradient = matrix(vec![0.0; 4], 2, 2, &cpu());
        let penalty = Penalty::GradientPenalty { weight: 10.0 }.of_gradient(gradient);
        approx::assert_relative_eq!(scalar(penalty), 1.0, epsilon = 1e-5);
    }

    #[test]
    fn the_zero_centred_weight_is_annealed() {
        let penalty = Penalty::ZeroCentred { weight: 1.0, final_weight: 0.01 };
        approx::assert_relative_eq!(penalty.weight_at(0.0), 1.0);
        approx::assert_relative_eq!(penalty.weight_at(1.0 / 3.0), 0.1, epsilon = 1e-12);
        approx::assert_relative_eq!(penalty.weight_at(1.0), 0.01, epsilon = 1e-12);
    }
}
