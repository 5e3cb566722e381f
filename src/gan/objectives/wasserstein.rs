//! Wasserstein distance by its Kantorovich–Rubinstein dual (arXiv:1701.07875):
//! max over critics E D(real) − E D(fake), for critics whose gradient has norm 1 at most.

use crate::compute::Tensor;

/// E D(fake) − E D(real).
pub(super) fn critic_loss(real: Tensor<2>, fake: Tensor<2>) -> Tensor<1> {
    fake.mean() - real.mean()
}

/// −E D(fake).
pub(super) fn generator_loss(fake: Tensor<2>) -> Tensor<1> {
    -fake.mean()
}
