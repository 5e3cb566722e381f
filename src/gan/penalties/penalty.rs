use serde::{Deserialize, Serialize};

use super::gradient_penalty::GradientPenalty;
use super::{drift, zero_centred};
use crate::compute::Tensor;
use crate::gan::schedule::{Progress, Schedule};

/// A term that keeps a critic smooth, with its weight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Penalty {
    GradientPenalty(GradientPenalty),
    /// γ/2 E ‖∇D(real)‖²
    R1 {
        weight: Schedule,
    },
    /// γ/2 E ‖∇D(generated)‖²
    R2 {
        weight: Schedule,
    },
    /// ε E D(real)²
    Drift {
        weight: Schedule,
    },
}

impl Penalty {
    pub fn weight(&self) -> &Schedule {
        match self {
            Self::GradientPenalty(GradientPenalty { weight, .. })
            | Self::R1 { weight }
            | Self::R2 { weight }
            | Self::Drift { weight } => weight,
        }
    }

    /// λ, γ or ε at a point of the training.
    pub fn weight_at(&self, progress: Progress) -> f64 {
        self.weight().at(progress)
    }

    /// The name of the kind, as in the settings.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::GradientPenalty(_) => "gradient-penalty",
            Self::R1 { .. } => "r1",
            Self::R2 { .. } => "r2",
            Self::Drift { .. } => "drift",
        }
    }

    /// The penalty without its weight, from what it looks at: the gradient at interpolated events
    /// for the gradient penalty, at real events for R₁, at generated ones for R₂, and the scores of
    /// real events for the drift term.
    ///
    /// # Shapes
    /// `seen`: `[events, features]`; the penalty: `[1]`.
    pub fn of(&self, seen: Tensor<2>) -> Tensor<1> {
        match self {
            Self::GradientPenalty(penalty) => penalty.of_gradient(seen),
            Self::R1 { .. } | Self::R2 { .. } => zero_centred::half_squared_norm(seen),
            Self::Drift { .. } => drift::mean_square(seen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, scalar};
    use crate::gan::penalties::Differentiated;

    fn gradient_penalty(one_sided: bool) -> Penalty {
        Penalty::GradientPenalty(GradientPenalty {
            weight: 10.0.into(),
            norm: 1.0,
            one_sided,
            of: Differentiated::Data,
        })
    }

    #[test]
    fn penalties_of_known_gradients() {
        // Norms 5 and 0.5: taken over the batch, it would be one norm of 5.02.
        let gradient = matrix(vec![3.0, 4.0, 0.0, -0.5], 2, 2, &cpu());
        let value = |penalty: &Penalty| scalar(penalty.of(gradient.clone()));
        approx::assert_relative_eq!(value(&gradient_penalty(false)), 8.125, epsilon = 1e-6);
        approx::assert_relative_eq!(value(&gradient_penalty(true)), 8.0, epsilon = 1e-6);
        let r1 = Penalty::R1 { weight: 1.0.into() };
        approx::assert_relative_eq!(value(&r1), 0.25 * 25.25, epsilon = 1e-6);
        let scores = matrix(vec![3.0, -1.0], 2, 1, &cpu());
        let drift = Penalty::Drift { weight: 1e-3.into() };
        approx::assert_relative_eq!(scalar(drift.of(scores)), 5.0, epsilon = 1e-6);
    }

    #[test]
    fn a_gradient_of_zero_has_a_finite_penalty() {
        let gradient = matrix(vec![0.0; 4], 2, 2, &cpu());
        let penalty = gradient_penalty(false).of(gradient);
        approx::assert_relative_eq!(scalar(penalty), 1.0, epsilon = 1e-5);
    }
}
