//! Wasserstein distance by its Kantorovich–Rubinstein dual (arXiv:1701.07875):
//! max over critics E D(real) − E D(fake), for critics whose gradient has norm 1 at most.

use super::score::ScoreLosses;
use crate::compute::Tensor;

#[derive(Debug)]
pub(super) struct Wasserstein;

impl ScoreLosses for Wasserstein {
    /// −D
    fn real(&self, score: Tensor<2>) -> Tensor<2> {
        -score
    }

    /// D
    fn fake(&self, score: Tensor<2>) -> Tensor<2> {
        score
    }

    /// −D
    fn generator(&self, score: Tensor<2>) -> Tensor<2> {
        -score
    }
}
