//! The drift term E D(real)² of progressive growing (arXiv:1710.10196, appendix A.1), which keeps
//! a critic that only differences matter for from drifting away.

use crate::compute::Tensor;

/// # Shapes
/// `score`: `[events, 1]`; the penalty: `[1]`.
pub(super) fn mean_square(score: Tensor<2>) -> Tensor<1> {
    score.square().mean()
}
