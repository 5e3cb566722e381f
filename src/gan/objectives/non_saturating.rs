//! The non-saturating GAN (arXiv:1406.2661, section 3): the critic of the minimax game, and a
//! generator that maximises E ln D(fake), whose gradient does not vanish where the critic is sure.

use super::saturating::Saturating;
use super::score::{ScoreLosses, softplus};
use crate::compute::Tensor;

#[derive(Debug)]
pub(super) struct NonSaturating;

impl ScoreLosses for NonSaturating {
    fn real(&self, score: Tensor<2>) -> Tensor<2> {
        Saturating.real(score)
    }

    fn fake(&self, score: Tensor<2>) -> Tensor<2> {
        Saturating.fake(score)
    }

    /// −ln σ(s) = softplus(−s)
    fn generator(&self, score: Tensor<2>) -> Tensor<2> {
        softplus(-score)
    }
}
