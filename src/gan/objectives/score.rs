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
///
/// At 0 the derivative of max(x, 0) is 0, and so −|x| must have that of x there: together they give
/// ½. With the usual −sign(0) = 0 pairs of equal scores would have no derivative at all.
pub(super) fn softplus(x: Tensor<2>) -> Tensor<2> {
    let positive = x.clone().greater_elem(0.0);
    let minus_modulus = x.clone().mask_where(positive, -x.clone());
    burn::tensor::activation::relu(x) + minus_modulus.exp().log1p()
}
