//! Wasserstein distance by its Kantorovich–Rubinstein dual (arXiv:1701.07875):
//! max over critics E D(real) − E D(fake), for critics whose gradient has norm 1 at most.

use crate::compute::Tensor;

/// D(fake) − D(real), event by event.
pub(super) fn critic_losses(real: Tensor<2>, fake: Tensor<2>) -> Tensor<2> {
    fake - real
}

/// −D(fake), event by event.
pub(super) fn generator_losses(fake: Tensor<2>) -> Tensor<2> {
    -fake
}
