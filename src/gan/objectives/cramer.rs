use serde::{Deserialize, Serialize};

use crate::compute::Tensor;

/// The energy distance of a learned transform h (arXiv:1705.10743, algorithm 1), with real events x
/// and two independent batches x′, x″ of generated ones.
///
/// The critic maximises the surrogate L = E f(x) − E f(x′), f(a) = |h(a) − h(x″)| − |h(a)|. What
/// the generator minimises is [`Cramer::generator`]. A weight of an event multiplies each term that
/// the event is in: w_x w_x″ and w_x′ w_x″.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cramer {
    /// Numbers that h has.
    pub dimension: usize,
    /// What the generator minimises.
    pub generator: CramerGenerator,
}

/// What the generator minimises in a Cramér GAN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CramerGenerator {
    /// E |h(x) − h(x′)| + E |h(x) − h(x″)| − E |h(x′) − h(x″)|, the energy distance but for a
    /// constant, whose gradient from samples is unbiased (arXiv:1705.10743, algorithm 1).
    #[default]
    EnergyDistance,
    /// The surrogate L itself, as LHCb's RICH GAN (arXiv:1905.11825). |h(x′)| stands where the
    /// energy distance has |h(x′) − h(x)|, so that for a fixed h its minimum is elsewhere.
    Surrogate,
}

impl Default for Cramer {
    fn default() -> Self {
        Self { dimension: 256, generator: CramerGenerator::default() }
    }
}

/// Keeps the derivative of a norm finite where two transforms are equal.
const SMALL: f64 = 1e-12;

/// |h| of every event, `[events, 1]`.
fn norm(h: Tensor<2>) -> Tensor<2> {
    (h.square().sum_dim(1) + SMALL).sqrt()
}

/// |h − h(x″)|.
///
/// # Shapes
/// `h`, `other`: `[events, dimension]`; the distance: `[events, 1]`.
pub(super) fn distance(h: Tensor<2>, other: Tensor<2>) -> Tensor<2> {
    norm(h - other)
}

/// f = |h − h(x″)| − |h|.
///
/// # Shapes
/// `h`, `other`: `[events, dimension]`; f: `[events, 1]`.
pub(super) fn surrogate(h: Tensor<2>, other: Tensor<2>) -> Tensor<2> {
    distance(h.clone(), other) - norm(h)
}

/// ∂f/∂h = (h − h(x″)) / |h − h(x″)| − h / |h|.
///
/// # Shapes
/// `[events, dimension]`.
pub(super) fn surrogate_cotangent(h: Tensor<2>, other: Tensor<2>) -> Tensor<2> {
    let difference = h.clone() - other;
    difference.clone() / norm(difference) - h.clone() / norm(h)
}
