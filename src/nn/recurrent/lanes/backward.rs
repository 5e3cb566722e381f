use rayon::prelude::*;

use super::gates::{self, Back};
use super::layout::Lanes;
use super::product::{Columns, Outer, add_outer, add_product, splat, total};
use super::weights::{GROUPS, Gradients, Record, Weights};
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
                let rows = Columns { weights: rows, stride: hidden, first: 0 };
                add_product(&mut of_state, part, rows);
            }
            let of_x = &mut self.of_x[number * features..][..features];
            let rows = Columns { weights: self.input_transposed, stride: features, first: 0 };
            add_product(of_x, &of_sums[..columns], rows);
            if let Some(state) = state_before {
                states_before[number * hidden..][..hidden].copy_from_slice(state);
            }
        }
        // No closure around it: it would not have the instructions of the level.
        if self.with_weights {
            Some(gradients(weights, self.x, &states_before, &of_sums))
        } else {
            None
        }
    }
}

#[inline(always)]
fn gradients(weights: &Weights, x: &[Vector], states: &[Vector], of_sums: &[Vector]) -> Gradients {
    let (features, hidden, columns) = (weights.features, weights.hidden, weights.columns());
    let (g, g_units) = (of_sums, GROUPS * hidden);
    let mut of_input = vec![splat(0.0); features * columns];
    let outer = Outer { x, x_units: features, g, g_units, g_range: (0, columns) };
    add_outer(&mut of_input, outer);
    let mut bias = vec![splat(0.0); g_units];
    for step in of_sums.chunks_exact(g_units) {
        for (sum, step) in bias.iter_mut().zip(step) {
            for lane in 0..LANES {
                sum[lane] += step[lane];
            }
        }
    }
    let mut recurrent = vec![0.0; hidden * columns];
    let mut recurrent_bias = vec![0.0; columns];
    for groups in weights.recurrent_groups() {
        let (first, count) = (groups.first * hidden, groups.count * hidden);
        let mut of_state = vec![splat(0.0); hidden * count];
        let outer = Outer { x: states, x_units: hidden, g, g_units, g_range: (first, count) };
        add_outer(&mut of_state, outer);
        let column = groups.column * hidden;
        let rows = recurrent.chunks_exact_mut(columns).zip(of_state.chunks_exact(count));
        for (row, sums) in rows {
            totals(&mut row[column..column + count], sums);
        }
        totals(&mut recurrent_bias[column..column + count], &bias[first..first + count]);
    }
    let mut input = vec![0.0; features * columns];
    totals(&mut input, &of_input);
    let mut input_bias = vec![0.0; columns];
    totals(&mut input_bias, &bias[..columns]);
    Gradients([input, recurrent, input_bias, recurrent_bias])
}

/// The sums over all lanes.
#[inline(always)]
fn totals(to: &mut [f32], sums: &[Vector]) {
    for (to, sum) in to.iter_mut().zip(sums) {
        *to = total(sum);
    }
}

#[cfg(test)]
mod tests {
    use super::super::forward::Forward;
    use super::*;
    use crate::random::{Purpose, Streams};

    const STEPS: usize = 4;

    fn numbers(count: usize, stream: u64) -> Vec<f32> {
        let mut values = vec![0.0; count];
        Streams::new(3, Purpose::Initialisation).normals(stream).fill(&mut values);
        values
    }

    fn vectors(count: usize, stream: u64) -> Vec<Vector> {
        numbers(count * LANES, stream).as_chunks::<LANES>().0.to_vec()
    }

    /// States, the cotangent of x, and all gradients of one block.
    fn there_and_back(weights: &Weights, level: Level) -> [Vec<f32>; 6] {
        let (features, hidden) = (weights.features, weights.hidden);
        let (x, of_states) = (vectors(STEPS * features, 5), vectors(STEPS * hidden, 6));
        let mut kept = vec![splat(0.0); STEPS * weights.kept()];
        let mut states = vec![splat(0.0); STEPS * hidden];
        let mut of_x = vec![splat(0.0); STEPS * features];
        let kept_stride = weights.kept();
        level.run(Forward { weights, x: &x, kept: &mut kept, kept_stride, states: &mut states });
        let columns = weights.columns();
        let gradients = level.run(Backward {
            weights,
            input_transposed: &transposed(&weights.input, columns),
            recurrent_transposed: &transposed(&weights.recurrent, columns),
            x: &x,
            states: &states,
            kept: &kept,
            of_states: &of_states,
            of_x: &mut of_x,
            with_weights: true,
        });
        let [input, recurrent, bias, recurrent_bias] = gradients.expect("wanted").into_parts();
        let flat = |vectors: Vec<Vector>| vectors.as_flattened().to_vec();
        [flat(states), flat(of_x), input, recurrent, bias, recurrent_bias]
    }

    #[test]
    fn bits_do_not_depend_on_the_vector_instructions() {
        for kind in [RecurrentKind::Gru, RecurrentKind::Lstm] {
            let (features, hidden) = (3, 7);
            let columns = kind.gates() * hidden;
            let sizes = [features * columns, hidden * columns, columns, columns];
            let mut stream = 0;
            let parameters = sizes.map(|size| {
                stream += 1;
                numbers(size, stream)
            });
            let weights = Weights::new(kind, [features, hidden], parameters, true);
            let expected = there_and_back(&weights, Level::Portable);
            assert!(expected.iter().flatten().all(|value| value.is_finite()));
            for level in Level::available() {
                assert!(there_and_back(&weights, level) == expected, "{kind:?} {level:?}");
            }
        }
    }
}
