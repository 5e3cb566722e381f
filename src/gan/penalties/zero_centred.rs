//! Zero-centred penalties ½ E ‖∇D‖²: R₁ on real events (arXiv:1801.04406, equation 9), R₂ on
//! generated ones, as both are needed for relativistic pairs (arXiv:2501.05441).

use super::squared_norm;
use crate::compute::Tensor;

/// ½ E ‖g‖².
///
/// # Shapes
/// `gradient`: `[events, features]`; the penalty: `[1]`.
pub(super) fn half_squared_norm(gradient: Tensor<2>) -> Tensor<1> {
    squared_norm(gradient).mean() * 0.5
}
