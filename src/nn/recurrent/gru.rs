//! One step of a gated recurrent unit as tensor operations: see [`super::RecurrentKind::Gru`].

use burn::tensor::activation::sigmoid;

use super::direction::{Pulled, Recurrence, Stepped};
use crate::compute::Tensor;

/// # Shapes
/// `input`: x W + b, `[events, 3 × hidden]`; `state`: h, `[events, hidden]`.
pub(super) fn step(input: &Tensor<2>, recurrence: &Recurrence, state: &[Tensor<2>]) -> Stepped {
    let hidden = input.dims()[1] / 3;
    let h = state[0].clone();
    let from_state = recurrence.apply(h.clone());
    let part = |of: &Tensor<2>, first: usize, count: usize| {
        of.clone().narrow(1, first * hidden, count * hidden)
    };
    let gates = sigmoid(part(input, 0, 2) + part(&from_state, 0, 2));
    let (reset, update) = (part(&gates, 0, 1), part(&gates, 1, 1));
    let candidate_state = part(&from_state, 2, 1);
    let candidate = (part(input, 2, 1) + reset.clone() * candidate_state.clone()).tanh();
    let next = candidate.clone() + update.clone() * (h.clone() - candidate.clone());
    Stepped { state: vec![next], kept: vec![reset, update, candidate, candidate_state, h] }
}

/// Tensors of one step that [`pull_back`] needs.
pub(super) const KEPT: usize = 5;

/// From the cotangent of the new state.
pub(super) fn pull_back(kept: &[Tensor<2>], of_state: &[Option<Tensor<2>>]) -> Pulled {
    let [reset, update, candidate, candidate_state, h] =
        <&[Tensor<2>; KEPT]>::try_from(kept).expect("a step keeps as many").clone();
    let of_next = of_state[0].clone().expect("the new state has a cotangent");
    let of_candidate =
        of_next.clone() * (-update.clone() + 1.0) * (-candidate.clone().square() + 1.0);
    let of_update = of_next.clone() * (h - candidate) * slope(update.clone());
    let of_reset = of_candidate.clone() * candidate_state * slope(reset.clone());
    let gates = [of_reset, of_update];
    let with = |last: Tensor<2>| Tensor::cat([&gates[..], &[last]].concat(), 1);
    Pulled {
        input: with(of_candidate.clone()),
        recurrent: Some(with(of_candidate * reset)),
        state: vec![Some(of_next * update)],
    }
}

/// σ (1 − σ)
pub(super) fn slope(sigmoid: Tensor<2>) -> Tensor<2> {
    sigmoid.clone() * (-sigmoid + 1.0)
}
