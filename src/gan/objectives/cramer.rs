use serde::{Deserialize, Serialize};

use crate::compute::Tensor;

/// The energy distance of a learned transform h (arXiv:1705.10743), in the form of LHCb's RICH GAN
/// (arXiv:1905.11825): with real events x and two independent batches x′, x″ of generated ones, and
/// f(a) = |h(a) − h(x″)| − |h(a)|, the surrogate of |h(a) − h(x″)| whose gradient with respect to
/// h is unbiased,
///
/// L = E f(x) − E f(x′).
///
/// The generator minimises L, the critic −L. A weight of an event multiplies each term that the
/// event is in: w_x w_x″ and w_x′ w_x″.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cramer {
    /// Numbers that h has.
    pub dimension: usize,
}

impl Default for Cramer {
    fn default() -> Self {
        Self { dimension: 256 }
    }
}

/// Keeps the derivative of a norm finite where two transforms are equal.
const SMALL: f64 = 1e-12;

/// |h| of every event, `[events, 1]`.
fn norm(h: Tensor<2>) -> Tensor<2> {
    (h.square().sum_dim(1) + SMALL).sqrt()
}

/// f = |h − h(x″)| − |h|.
///
/// # Shapes
/// `h`, `other`: `[events, dimension]`; f: `[events, 1]`.
pub(super) fn surrogate(h: Tensor<2>, other: Tensor<2>) -> Tensor<2> {
    norm(h.clone() - other) - norm(h)
}

/// ∂f/∂h = (h − h(x″)) / |h − h(x″)| − h / |h|.
///
/// # Shapes
/// `[events, dimension]`.
pub(super) fn surrogate_cotangent(h: Tensor<2>, other: Tensor<2>) -> Tensor<2> {
    let difference = h.clone() - other;
    difference.clone() / norm(difference) - h.clone() / norm(h)
}
