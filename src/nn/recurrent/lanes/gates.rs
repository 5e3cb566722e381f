//! What happens behind the sums of a step, and the way back, number by number.

use super::weights::GROUPS;
use super::{LANES, Vector};
use crate::nn::recurrent::settings::RecurrentKind;
use crate::simd::elementary::{sigmoid, tanh};

/// Turns the four groups of sums at the front of `kept` into gates, and takes the state and the
/// memory one step on.
#[inline(always)]
pub(super) fn step(
    kind: RecurrentKind,
    kept: &mut [Vector],
    state: &mut [Vector],
    memory: &mut [Vector],
) {
    let hidden = state.len();
    let (groups, more) = kept.split_at_mut(GROUPS * hidden);
    let [a, b, c, d] = groups_of(groups, hidden);
    for j in 0..hidden {
        match kind {
            RecurrentKind::Gru => {
                for lane in 0..LANES {
                    let (reset, update) = (sigmoid(a[j][lane]), sigmoid(b[j][lane]));
                    let candidate = tanh(reset.mul_add(d[j][lane], c[j][lane]));
                    (a[j][lane], b[j][lane], c[j][lane]) = (reset, update, candidate);
                    state[j][lane] = update.mul_add(state[j][lane] - candidate, candidate);
                }
            }
            RecurrentKind::Lstm => {
                let squashed = hidden + j;
                for lane in 0..LANES {
                    let (enter, forget) = (sigmoid(a[j][lane]), sigmoid(b[j][lane]));
                    let (candidate, output) = (tanh(c[j][lane]), sigmoid(d[j][lane]));
                    (a[j][lane], b[j][lane]) = (enter, forget);
                    (c[j][lane], d[j][lane]) = (candidate, output);
                    memory[j][lane] = forget.mul_add(memory[j][lane], enter * candidate);
                    more[j][lane] = memory[j][lane];
                    more[squashed][lane] = tanh(memory[j][lane]);
                    state[j][lane] = output * more[squashed][lane];
                }
            }
        }
    }
}

/// What the way back through one step knows, and changes.
pub(super) struct Back<'a> {
    pub kept: &'a [Vector],
    /// The cotangent of the state behind the step from its own output.
    pub of_output: &'a [Vector],
    /// The state in front of the step, of a gated recurrent unit, or the memory.
    pub before: &'a [Vector],
    /// Cotangents of the four groups of sums.
    pub of_sums: &'a mut [Vector],
    /// The cotangent of the state from later steps; then that of the state in front, without what
    /// goes through h U.
    pub of_state: &'a mut [Vector],
    /// The same of the memory.
    pub of_memory: &'a mut [Vector],
}

/// The derivative of [`step`].
#[inline(always)]
pub(super) fn back(kind: RecurrentKind, back: Back<'_>) {
    let Back { kept, of_output, before, of_sums, of_state, of_memory } = back;
    let hidden = of_state.len();
    let (groups, more) = kept.split_at(GROUPS * hidden);
    let [of_a, of_b, of_c, of_d] = groups_of(of_sums, hidden);
    for j in 0..hidden {
        let [a, b, c, d] = [0, 1, 2, 3].map(|group| &groups[group * hidden + j]);
        match kind {
            RecurrentKind::Gru => {
                for lane in 0..LANES {
                    let of_next = of_state[j][lane] + of_output[j][lane];
                    let (reset, update, candidate) = (a[lane], b[lane], c[lane]);
                    let of_candidate =
                        of_next * (1.0 - update) * (-candidate).mul_add(candidate, 1.0);
                    let difference = before[j][lane] - candidate;
                    of_a[j][lane] = of_candidate * d[lane] * reset * (1.0 - reset);
                    of_b[j][lane] = of_next * difference * update * (1.0 - update);
                    of_c[j][lane] = of_candidate;
                    of_d[j][lane] = of_candidate * reset;
                    of_state[j][lane] = of_next * update;
                }
            }
            RecurrentKind::Lstm => {
                let squashed = &more[hidden + j];
                for lane in 0..LANES {
                    let of_next = of_state[j][lane] + of_output[j][lane];
                    let (enter, forget, candidate, output) = (a[lane], b[lane], c[lane], d[lane]);
                    let squashed = squashed[lane];
                    let of_new = (of_next * output)
                        .mul_add((-squashed).mul_add(squashed, 1.0), of_memory[j][lane]);
                    of_a[j][lane] = of_new * candidate * enter * (1.0 - enter);
                    of_b[j][lane] = of_new * before[j][lane] * forget * (1.0 - forget);
                    of_c[j][lane] = of_new * enter * (-candidate).mul_add(candidate, 1.0);
                    of_d[j][lane] = of_next * squashed * output * (1.0 - output);
                    of_memory[j][lane] = of_new * forget;
                    of_state[j][lane] = 0.0;
                }
            }
        }
    }
}

/// The four groups, `hidden` vectors each.
#[inline(always)]
fn groups_of(sums: &mut [Vector], hidden: usize) -> [&mut [Vector]; GROUPS] {
    let (first, second) = sums.split_at_mut(2 * hidden);
    let ((a, b), (c, d)) = (first.split_at_mut(hidden), second.split_at_mut(hidden));
    [a, b, c, d]
}
