//! Zero-centred penalties: R₁ on real events (arXiv:1801.04406, equation 9) and R₂ on generated
//! ones, as both are needed for relativistic pairs (arXiv:2501.05441).

use super::squared_norm;
use crate::compute::Tensor;

/// ½ (E ‖∇D(real)‖² + E ‖∇D(generated)‖²), for a batch that holds as many real as generated
/// events: the mean over both is half of the sum of the two means.
pub(super) fn r1_and_r2(gradient: Tensor<2>) -> Tensor<1> {
    squared_norm(gradient).mean()
}
