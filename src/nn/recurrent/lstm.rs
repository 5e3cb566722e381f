//! One step of long short-term memory as tensor operations: see [`super::RecurrentKind::Lstm`].

use burn::tensor::activation::sigmoid;

use super::direction::{Pulled, Recurrence, Stepped};
use super::gru::slope;
use crate::compute::Tensor;

/// # Shapes
/// `input`: x W + b, `[events, 4 × hidden]`; `state`: h and m, `[events, hidden]` each.
pub(super) fn step(input: &Tensor<2>, recurrence: &Recurrence, state: &[Tensor<2>]) -> Stepped {
    let hidden = input.dims()[1] / 4;
    let memory = state[1].clone();
    let all = input.clone() + recurrence.apply(state[0].clone());
    let part = |first: usize, count: usize| all.clone().narrow(1, first * hidden, count * hidden);
    let first = sigmoid(part(0, 2));
    let (enter, forget) = (first.clone().narrow(1, 0, hidden), first.narrow(1, hidden, hidden));
    let candidate = part(2, 1).tanh();
    let output = sigmoid(part(3, 1));
    let next = forget.clone() * memory.clone() + enter.clone() * candidate.clone();
    let squashed = next.clone().tanh();
    Stepped {
        state: vec![output.clone() * squashed.clone(), next],
        kept: vec![enter, forget, candidate, output, memory, squashed],
    }
}

/// Tensors of one step that [`pull_back`] needs.
pub(super) const KEPT: usize = 6;

/// From the cotangents of the new state and the new memory.
pub(super) fn pull_back(kept: &[Tensor<2>], of_state: &[Option<Tensor<2>>]) -> Pulled {
    let [enter, forget, candidate, output, memory, squashed] =
        <&[Tensor<2>; KEPT]>::try_from(kept).expect("a step keeps as many").clone();
    let of_next = of_state[0].clone().expect("the new state has a cotangent");
    let mut of_memory = of_next.clone() * output.clone() * (-squashed.clone().square() + 1.0);
    if let Some(later) = &of_state[1] {
        of_memory = of_memory + later.clone();
    }
    let of_enter = of_memory.clone() * candidate.clone() * slope(enter.clone());
    let of_forget = of_memory.clone() * memory * slope(forget.clone());
    let of_candidate = of_memory.clone() * enter * (-candidate.square() + 1.0);
    let of_output = of_next * squashed * slope(output);
    Pulled {
        input: Tensor::cat(vec![of_enter, of_forget, of_candidate, of_output], 1),
        recurrent: None,
        state: vec![None, Some(of_memory * forget)],
    }
}
