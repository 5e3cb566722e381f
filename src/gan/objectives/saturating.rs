//! The minimax game of the first GAN (arXiv:1406.2661, equation 1), on logits, D = σ(score):
//! max over D of E ln D(real) + E ln(1 − D(fake)), which the generator minimises.

use super::score::{ScoreLosses, softplus};
use crate::compute::Tensor;

#[derive(Debug)]
pub(super) struct Saturating;

impl ScoreLosses for Saturating {
    /// −ln σ(s) = softplus(−s)
    fn real(&self, score: Tensor<2>) -> Tensor<2> {
        softplus(-score)
    }

    /// −ln(1 − σ(s)) = softplus(s)
    fn fake(&self, score: Tensor<2>) -> Tensor<2> {
        softplus(score)
    }

    /// ln(1 − σ(s)) = −softplus(s)
    fn generator(&self, score: Tensor<2>) -> Tensor<2> {
        -softplus(score)
    }
}
