use serde::{Deserialize, Serialize};

use crate::compute::Tensor;

/// The energy constrainer of "Getting High" (arXiv:2005.05334): a network a that is trained on real
/// events alone to tell a condition E, by |a(x) − E|; the generator minimises
/// |(a(G(z)) − E)² − (a(x) − E)²| for real and generated events of the same condition.
///
/// E is in units of the largest value of its range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constrainer {
    /// The condition's name.
    pub condition: String,
}

/// |a(x) − E|, event by event.
pub(super) fn critic_losses(real: Tensor<2>, target: Tensor<2>) -> Tensor<2> {
    (real - target).abs()
}

/// |(a(G(z)) − E)² − (a(x) − E)²|, event by event.
pub(super) fn generator_losses(real: Tensor<2>, fake: Tensor<2>, target: Tensor<2>) -> Tensor<2> {
    ((fake - target.clone()).square() - (real - target).square()).abs()
}
