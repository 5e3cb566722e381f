use burn::tensor::activation::log_sigmoid;

use crate::compute::Tensor;

/// The mean over events and steps of −ln D for logits of what should be taken for real.
pub(super) fn taken_for_real(logits: &Tensor<2>) -> Tensor<1> {
    -log_sigmoid(logits.clone()).mean()
}

/// The mean over events and steps of −ln(1 − D) for logits of what should be taken for generated.
pub(super) fn taken_for_generated(logits: &Tensor<2>) -> Tensor<1> {
    -log_sigmoid(-logits.clone()).mean()
}

/// A loss of some tensors, outside of any graph, and its gradient with respect to each.
pub(super) fn with_cotangents<const N: usize, T>(
    values: [&Tensor<2>; N],
    loss: impl FnOnce(&[Tensor<2>; N]) -> (Tensor<1>, T),
) -> ([Tensor<2>; N], T) {
    let leaves = values.map(|value| Tensor::from_inner(value.clone()).require_grad());
    let (loss, terms) = loss(&leaves);
    let gradients = loss.backward();
    let cotangents =
        leaves.map(|leaf| leaf.grad(&gradients).unwrap_or_else(|| leaf.inner().zeros_like()));
    (cotangents, terms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, scalar, to_host};

    /// D = ½ at 0 and ¾ at ln 3.
    #[test]
    fn losses_and_their_cotangents_are_those_of_cross_entropy() {
        let logits = matrix(vec![0.0, 3.0_f32.ln()], 1, 2, &cpu());
        let ([of_real], value) = with_cotangents([&logits], |[logits]| {
            let loss = taken_for_real(logits);
            (loss.clone(), loss)
        });
        let expected = (2.0_f64.ln() + (4.0_f64 / 3.0).ln()) / 2.0;
        approx::assert_relative_eq!(scalar(value.inner()), expected, max_relative = 1e-6);
        // d/dl −ln σ(l) = σ(l) − 1
        let expected = [-0.25_f32, -0.125];
        approx::assert_relative_eq!(to_host(of_real)[..], expected[..], max_relative = 1e-5);
        let ([of_generated], ()) =
            with_cotangents([&logits], |[logits]| (taken_for_generated(logits), ()));
        let expected = [0.25_f32, 0.375];
        approx::assert_relative_eq!(to_host(of_generated)[..], expected[..], max_relative = 1e-5);
    }
}
