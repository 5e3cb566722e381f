use serde::{Deserialize, Serialize};

use super::squared_norm;
use crate::compute::Tensor;
use crate::gan::schedule::Schedule;

/// The gradient penalty of WGAN-GP (arXiv:1704.00028, equation 3), λ E (‖∇D(x̂)‖₂ − K)², on lines
/// between real and generated events, x̂ = ε real + (1 − ε) generated, ε uniform in each event;
/// one-sided (arXiv:1709.08894) λ E max(0, ‖∇D(x̂)‖₂ − K)².
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradientPenalty {
    /// λ
    pub weight: Schedule,
    /// K
    #[serde(default = "one")]
    pub norm: f64,
    /// Only norms above K cost.
    #[serde(default)]
    pub one_sided: bool,
    /// What the gradient is taken with respect to, and what is interpolated.
    #[serde(default)]
    pub of: Differentiated,
}

fn one() -> f64 {
    1.0
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Differentiated {
    /// The event as the critic sees it.
    #[default]
    Data,
    /// Event and conditions.
    DataAndCondition,
}

/// Keeps the derivative of ‖g‖ = √(g·g) finite at g = 0.
const SMALL: f64 = 1e-12;

impl GradientPenalty {
    /// The penalty without λ. The norm is taken event by event, never over the batch.
    ///
    /// # Shapes
    /// `gradient`: `[events, features]`; the penalty: `[1]`.
    pub fn of_gradient(&self, gradient: Tensor<2>) -> Tensor<1> {
        let excess = (squared_norm(gradient) + SMALL).sqrt() - self.norm;
        let excess = if self.one_sided { burn::tensor::activation::relu(excess) } else { excess };
        excess.square().mean()
    }
}

/// ε real + (1 − ε) generated.
///
/// # Shapes
/// `real`, `generated`: `[events, features]`, `epsilon`: `[events, 1]`.
pub fn interpolate(real: Tensor<2>, generated: Tensor<2>, epsilon: Tensor<2>) -> Tensor<2> {
    generated.clone() + (real - generated) * epsilon
}
