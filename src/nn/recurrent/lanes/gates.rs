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
                let (sums, mut gates) = ([a[j], b[j], c[j], d[j]], [[0.0; LANES]; 3]);
                let mut new = state[j];
                for lane in 0..LANES {
                    let (reset, update) = (sigmoid(sums[0][lane]), sigmoid(sums[1][lane]));
                    let candidate = tanh(reset.mul_add(sums[3][lane], sums[2][lane]));
                    new[lane] = update.mul_add(new[lane] - candidate, candidate);
                    gates[0][lane] = reset;
                    gates[1][lane] = update;
                    gates[2][lane] = candidate;
                }
                [a[j], b[j], c[j]] = gates;
                state[j] = new;
            }
            RecurrentKind::Lstm => {
                let (sums, mut gates) = ([a[j], b[j], c[j], d[j]], [[0.0; LANES]; 4]);
                let (mut new, mut squashed) = (memory[j], [0.0; LANES]);
                for lane in 0..LANES {
                    let (enter, forget) = (sigmoid(sums[0][lane]), sigmoid(sums[1][lane]));
                    let (candidate, output) = (tanh(sums[2][lane]), sigmoid(sums[3][lane]));
                    new[lane] = forget.mul_add(new[lane], enter * candidate);
                    squashed[lane] = tanh(new[lane]);
                    gates[0][lane] = enter;
                    gates[1][lane] = forget;
                    gates[2][lane] = candidate;
                    gates[3][lane] = output;
                }
                for lane in 0..LANES {
                    state[j][lane] = gates[3][lane] * squashed[lane];
                }
                [a[j], b[j], c[j], d[j]] = gates;
                memory[j] = new;
                more[j] = new;
                more[hidden + j] = squashed;
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
    // Copies on the stack: vectors that cannot be the same place.
    for j in 0..hidden {
        let [a, b, c, d] =
            [groups[j], groups[hidden + j], groups[2 * hidden + j], groups[3 * hidden + j]];
        let (mut later, of_output, before) = (of_state[j], of_output[j], before[j]);
        let mut of_gates = [[0.0; LANES]; GROUPS];
        match kind {
            RecurrentKind::Gru => {
                for lane in 0..LANES {
                    let of_next = later[lane] + of_output[lane];
                    let (reset, update, candidate) = (a[lane], b[lane], c[lane]);
                    let of_candidate =
                        of_next * (1.0 - update) * (-candidate).mul_add(candidate, 1.0);
                    let difference = before[lane] - candidate;
                    of_gates[0][lane] = of_candidate * d[lane] * reset * (1.0 - reset);
                    of_gates[1][lane] = of_next * difference * update * (1.0 - update);
                    of_gates[2][lane] = of_candidate;
                    of_gates[3][lane] = of_candidate * reset;
                    later[lane] = of_next * update;
                }
                of_state[j] = later;
            }
            RecurrentKind::Lstm => {
                let (mut of_new, squashed) = (of_memory[j], more[hidden + j]);
                for lane in 0..LANES {
                    let of_next = later[lane] + of_output[lane];
                    let (enter, forget, candidate, output) = (a[lane], b[lane], c[lane], d[lane]);
                    let squashed = squashed[lane];
                    let sum = (of_next * output)
                        .mul_add((-squashed).mul_add(squashed, 1.0), of_new[lane]);
                    of_gates[0][lane] = sum * candidate * enter * (1.0 - enter);
                    of_gates[1][lane] = sum * before[lane] * forget * (1.0 - forget);
                    of_gates[2][lane] = sum * enter * (-candidate).mul_add(candidate, 1.0);
                    of_gates[3][lane] = of_next * squashed * output * (1.0 - output);
                    of_new[lane] = sum * forget;
                }
                of_memory[j] = of_new;
                of_state[j] = [0.0; LANES];
            }
        }
        [of_a[j], of_b[j], of_c[j], of_d[j]] = of_gates;
    }
}

/// The four groups, `hidden` vectors each.
#[inline(always)]
fn groups_of(sums: &mut [Vector], hidden: usize) -> [&mut [Vector]; GROUPS] {
    let (first, second) = sums.split_at_mut(2 * hidden);
    let ((a, b), (c, d)) = (first.split_at_mut(hidden), second.split_at_mut(hidden));
    [a, b, c, d]
}
