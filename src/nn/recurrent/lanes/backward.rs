use rayon::prelude::*;

use super::gates::{self, Back};
use super::layout::Lanes;
use super::product::{Outer, add_outer, add_product, total};
use super::weights::{GROUPS, Gradients, Record, Weights, splat};
use super::{LANES, Vector};
use crate::nn::recurrent::settings::RecurrentKind;
use crate::simd::{Level, Vectorised};

impl Weights {
    /// The cotangent of x, and the gradients of the weights if they are wanted, by
    /// back-propagation through time from the cotangents of the states.
    pub(in crate::nn::recurrent) fn pull_back(
        &self,
        x: &Lanes,
        record: &Record,
        of_states: &Lanes,
        with_weights: bool,
    ) -> (Lanes, Option<Gradients>) {
        let columns = self.columns();
        let input_transposed = transposed(&self.input, columns);
        let recurrent_transposed = transposed(&self.recurrent, columns);
        let mut of_x = x.like(self.features);
        let level = Level::best();
        let blocks = of_x.blocks_mut().zip(x.blocks()).zip(of_states.blocks());
        let kept = record.states.blocks().zip(record.kept.blocks());
        let parts: Vec<Option<Gradients>> = blocks
            .zip(kept)
            .map(|(((of_x, x), of_states), (states, kept))| {
                level.run(Backward {
                    weights: self,
                    input_transposed: &input_transposed,
                    recurrent_transposed: &recurrent_transposed,
                    x,
                    states,
                    kept,
                    of_states,
                    of_x,
                    with_weights,
                })
            })
            .collect();
        let sum = |sum: Option<Gradients>, part| match (sum, part) {
            (Some(sum), Some(part)) => Some(Gradients::plus(sum, &part)),
            (sum, part) => sum.or(part),
        };
        (of_x, parts.into_iter().fold(None, sum))
    }
}

/// `[rows, columns]` to `[columns, rows]`.
fn transposed(weights: &[f32], columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|j| weights.iter().skip(j).step_by(columns)).copied().collect()
}

/// All steps of one block.
struct Backward<'a> {
    weights: &'a Weights,
    input_transposed: &'a [f32],
    recurrent_transposed: &'a [f32],
    x: &'a [Vector],
    states: &'a [Vector],
    kept: &'a [Vector],
    of_states: &'a [Vector],
    of_x: &'a mut [Vector],
    with_weights: bool,
}

impl Vectorised for Backward<'_> {
    type Output = Option<Gradients>;

    #[inline(always)]
    fn run(self) -> Option<Gradients> {
        let weights = self.weights;
        let (features, hidden, columns) = (weights.features, weights.hidden, weights.columns());
        let steps = self.states.len() / hidden;
        let zero = vec![splat(0.0); hidden];
        let (mut of_state, mut of_memory) = (zero.clone(), zero.clone());
        // Of all steps, for the gradients of the weights.
        let mut of_sums = vec![splat(0.0); steps * GROUPS * hidden];
        let mut states_before = vec![splat(0.0); steps * hidden];
        for taken in (0..steps).rev() {
            let (number, before) = weights.step(taken, steps);
            let of_sums = &mut of_sums[number * GROUPS * hidden..][..GROUPS * hidden];
            let kept = |number: usize| &self.kept[number * weights.kept()..][..weights.kept()];
            let state_before = before.map(|before| &self.states[before * hidden..][..hidden]);
            let needed = match weights.kind {
                RecurrentKind::Gru => state_before,
                RecurrentKind::Lstm => {
                    before.map(|before| &kept(before)[GROUPS * hidden..][..hidden])
                }
            };
            gates::back(
                weights.kind,
                Back {
                    kept: kept(number),
                    of_output: &self.of_states[number * hidden..][..hidden],
                    before: needed.unwrap_or(&zero),
                    of_sums: &mut *of_sums,
                    of_state: &mut of_state,
                    of_memory: &mut of_memory,
                },
            );
            for groups in weights.recurrent_groups() {
                let part = &of_sums[groups.first * hidden..][..groups.count * hidden];
                let rows = &self.recurrent_transposed[groups.column * hidden * hidden..];
                add_product(&mut of_state, part, rows, hidden, 0);
            }
            let of_x = &mut self.of_x[number * features..][..features];
            add_product(of_x, &of_sums[..columns], self.input_transposed, features, 0);
            if let Some(state) = state_before {
                states_before[number * hidden..][..hidden].copy_from_slice(state);
            }
        }
        self.with_weights.then(|| gradients(weights, self.x, &states_before, &of_sums))
    }
}

#[inline(always)]
fn gradients(weights: &Weights, x: &[Vector], states: &[Vector], of_sums: &[Vector]) -> Gradients {
    let (features, hidden, columns) = (weights.features, weights.hidden, weights.columns());
    let mut input = vec![0.0; features * columns];
    let mut recurrent = vec![0.0; hidden * columns];
    let (g, g_units) = (of_sums, GROUPS * hidden);
    let of_x = Outer { x, x_units: features, g, g_units, g_range: (0, columns) };
    add_outer(&mut input, columns, 0, of_x);
    let mut recurrent_bias = vec![0.0; columns];
    let mut sums = vec![splat(0.0); g_units];
    for step in of_sums.chunks_exact(g_units) {
        for (sum, step) in sums.iter_mut().zip(step) {
            for lane in 0..LANES {
                sum[lane] += step[lane];
            }
        }
    }
    for groups in weights.recurrent_groups() {
        let g_range = (groups.first * hidden, groups.count * hidden);
        let of_state = Outer { x: states, x_units: hidden, g, g_units, g_range };
        add_outer(&mut recurrent, columns, groups.column * hidden, of_state);
        let to = &mut recurrent_bias[groups.column * hidden..];
        let from = &sums[g_range.0..][..g_range.1];
        to.iter_mut().zip(from).for_each(|(bias, sum)| *bias = total(sum));
    }
    let input_bias = sums[..columns].iter().map(total).collect();
    Gradients([input, recurrent, input_bias, recurrent_bias])
}
