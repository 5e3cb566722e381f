//! Relativistic pairing (arXiv:1807.00734; with R₁ and R₂ as in R3GAN, arXiv:2501.05441): the
//! critic says which of two events is real. Here the two share the incident energy, so that their
//! difference is that of the shower's fluctuations alone.

use super::softplus;
use crate::compute::Tensor;

/// E softplus(D(fake) − D(real)).
pub(super) fn critic_loss(real: Tensor<2>, fake: Tensor<2>) -> Tensor<1> {
    softplus(fake - real).mean()
}

/// E softplus(D(real) − D(fake)).
pub(super) fn generator_loss(real: Tensor<2>, fake: Tensor<2>) -> Tensor<1> {
    softplus(real - fake).mean()
}
