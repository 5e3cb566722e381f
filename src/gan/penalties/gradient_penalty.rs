//! The two-sided gradient penalty of WGAN-GP (arXiv:1704.00028, equation 3):
//! E (‖∇ₓD(x̂)‖₂ − 1)², x̂ = ε real + (1 − ε) generated, ε uniform, one for each event.

use super::squared_norm;
use crate::compute::Tensor;

/// Keeps the derivative of ‖g‖ = √(g·g) finite at g = 0.
const SMALL: f64 = 1e-12;

/// The norm is taken event by event, never over the batch.
pub(super) fn two_sided(gradient: Tensor<2>) -> Tensor<1> {
    ((squared_norm(gradient) + SMALL).sqrt() - 1.0).square().mean()
}

/// ε real + (1 − ε) generated.
///
/// # Shapes
/// `real`, `generated`: `[events, features]`, `epsilon`: `[events, 1]`.
pub fn interpolate(real: Tensor<2>, generated: Tensor<2>, epsilon: Tensor<2>) -> Tensor<2> {
    generated.clone() + (real - generated) * epsilon
}
