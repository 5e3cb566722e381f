//! Penalties on a critic, one a file. None needs second-order differentiation: ∇ₓD is built from
//! the layers' own vjp.

mod drift;
mod gradient_penalty;
mod penalty;
mod zero_centred;

pub use gradient_penalty::{Differentiated, GradientPenalty, interpolate};
pub use penalty::Penalty;

use crate::compute::Tensor;

/// ‖g‖² of every event, `[events, 1]`.
fn squared_norm(gradient: Tensor<2>) -> Tensor<2> {
    gradient.square().sum_dim(1)
}
