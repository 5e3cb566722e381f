//! The hinge objective (arXiv:1705.02894, and arXiv:1802.05957, equations 16 and 17): the critic
//! minimises E max(0, 1 − D(real)) + E max(0, 1 + D(fake)), the generator −E D(fake).

use burn::tensor::activation::relu;

use super::score::ScoreLosses;
use crate::compute::Tensor;

#[derive(Debug)]
pub(super) struct Hinge;

impl ScoreLosses for Hinge {
    fn real(&self, score: Tensor<2>) -> Tensor<2> {
        relu(-score + 1.0)
    }

    fn fake(&self, score: Tensor<2>) -> Tensor<2> {
        relu(score + 1.0)
    }

    fn generator(&self, score: Tensor<2>) -> Tensor<2> {
        -score
    }
}
