//! Relativistic pairing (arXiv:1807.00734; with R₁ and R₂ as in R3GAN, arXiv:2501.05441): the
//! critic says which of two events is real. Here the two share the incident energy, so that their
//! difference is that of the event's fluctuations alone.

use super::score::softplus;
use crate::compute::Tensor;

/// softplus(D(fake) − D(real)), event by event.
pub(super) fn critic_losses(real: Tensor<2>, fake: Tensor<2>) -> Tensor<2> {
    softplus(fake - real)
}

/// softplus(D(real) − D(fake)), event by event.
pub(super) fn generator_losses(real: Tensor<2>, fake: Tensor<2>) -> Tensor<2> {
    softplus(real - fake)
}
