use crate::compute::Tensor;

/// An objective that takes one score an event, and looks at real and generated events apart.
///
/// # Shapes
/// Scores and losses: `[events, 1]`.
pub(super) trait ScoreLosses {
    /// What the critic minimises at real events.
    fn real(&self, score: Tensor<2>) -> Tensor<2>;

    /// What the critic minimises at generated events.
    fn fake(&self, score: Tensor<2>) -> Tensor<2>;

    /// What the generator minimises at its events.
    fn generator(&self, score: Tensor<2>) -> Tensor<2>;
}

/// softplus(x) = ln(1 + eˣ), without overflow: max(x, 0) + ln(1 + e^−|x|).
pub(super) fn softplus(x: Tensor<2>) -> Tensor<2> {
    burn::tensor::activation::relu(x.clone()) + (-x.abs()).exp().log1p()
}
