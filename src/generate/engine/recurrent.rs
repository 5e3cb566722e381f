use super::matrix::{Matrix, Scratch};
use super::network::product;
use super::packed::{Packed, Precision, Then, padded};
use crate::nn::{RecurrentKind, RecurrentOperation, RecurrentWeights};
use crate::simd::elementary::{sigmoid, tanh};
use crate::simd::{Level, Vectorised};

/// A recurrent layer with packed weights. See [`RecurrentKind`] for what a step is.
#[derive(Debug, Clone)]
pub(super) struct CompiledRecurrent {
    kind: RecurrentKind,
    steps: usize,
    features: usize,
    hidden: usize,
    directions: Vec<CompiledDirection>,
}

#[derive(Debug, Clone)]
struct CompiledDirection {
    input: Packed,
    recurrent: Packed,
}

impl CompiledRecurrent {
    pub(super) fn new(operation: &RecurrentOperation, precision: Precision) -> Self {
        let RecurrentOperation { kind, steps, features, hidden, .. } = *operation;
        let columns = kind.gates() * hidden;
        let of = |weights: &RecurrentWeights| {
            let pack = |inputs, weight: &[f32], bias: &[f32]| {
                Packed::new(inputs, columns, weight, bias, precision)
            };
            CompiledDirection {
                input: pack(features, &weights.input, &weights.input_bias),
                recurrent: pack(hidden, &weights.recurrent, &weights.recurrent_bias),
            }
        };
        let directions = operation.directions.iter().map(of).collect();
        Self { kind, steps, features, hidden, directions }
    }

    /// Bytes of the packed weights.
    pub(super) fn bytes(&self) -> usize {
        let of =
            |direction: &CompiledDirection| direction.input.bytes() + direction.recurrent.bytes();
        self.directions.iter().map(of).sum()
    }

    /// The most numbers that it holds for one event, its results aside.
    pub(super) fn widest(&self) -> usize {
        2 * padded(self.kind.gates() * self.hidden) + padded(self.features) + 2 * self.hidden
    }

    /// # Shapes
    /// `[events, steps × features]` to `[events, steps × directions × hidden]`.
    pub(super) fn run(&self, level: Level, x: &Matrix, scratch: &mut Scratch) -> Matrix {
        let rows = x.rows();
        let width = self.directions.len() * self.hidden;
        let mut y = scratch.take(rows, self.steps * width);
        let mut of_step = scratch.take(rows, self.features);
        let mut state = scratch.take(rows, self.hidden);
        let mut memory = scratch.take(rows, self.hidden);
        for (number, direction) in self.directions.iter().enumerate() {
            state.all_mut().fill(0.0);
            memory.all_mut().fill(0.0);
            for taken in 0..self.steps {
                let step = if number == 1 { self.steps - 1 - taken } else { taken };
                for row in 0..rows {
                    let part = &x.row(row)[step * self.features..][..self.features];
                    of_step.row_mut(row).copy_from_slice(part);
                }
                let input = product(&direction.input, level, &of_step, Then::Nothing, scratch);
                let recurrent =
                    product(&direction.recurrent, level, &state, Then::Nothing, scratch);
                for row in 0..rows {
                    let (a, b) = (input.row(row), recurrent.row(row));
                    let (state, memory) = (state.row_mut(row), memory.row_mut(row));
                    match self.kind {
                        RecurrentKind::Gru => level.run(GatedStep { a, b, state }),
                        RecurrentKind::Lstm => level.run(MemoryStep { a, b, state, memory }),
                    }
                    let first = step * width + number * self.hidden;
                    y.row_mut(row)[first..first + self.hidden].copy_from_slice(state);
                }
                scratch.give(input);
                scratch.give(recurrent);
            }
        }
        [of_step, state, memory].into_iter().for_each(|matrix| scratch.give(matrix));
        y
    }
}

/// One step of a gated recurrent unit for one event, from a = x W + b and b = h U + c.
struct GatedStep<'a> {
    a: &'a [f32],
    b: &'a [f32],
    state: &'a mut [f32],
}

impl Vectorised for GatedStep<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let hidden = self.state.len();
        for j in 0..hidden {
            let sum = |group: usize| self.a[group * hidden + j] + self.b[group * hidden + j];
            let (reset, update) = (sigmoid(sum(0)), sigmoid(sum(1)));
            let last = 2 * hidden + j;
            let candidate = tanh(reset.mul_add(self.b[last], self.a[last]));
            self.state[j] = update.mul_add(self.state[j] - candidate, candidate);
        }
    }
}

/// One step of long short-term memory for one event, from a = x W + b and b = h U + c.
struct MemoryStep<'a> {
    a: &'a [f32],
    b: &'a [f32],
    state: &'a mut [f32],
    memory: &'a mut [f32],
}

impl Vectorised for MemoryStep<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let hidden = self.state.len();
        for j in 0..hidden {
            let sum = |group: usize| self.a[group * hidden + j] + self.b[group * hidden + j];
            let new = sigmoid(sum(0)) * tanh(sum(2));
            self.memory[j] = sigmoid(sum(1)).mul_add(self.memory[j], new);
            self.state[j] = sigmoid(sum(3)) * tanh(self.memory[j]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::network::CompiledNetwork;
    use super::*;
    use crate::compute::cpu;
    use crate::nn::operation::evaluate;
    use crate::nn::{LayerSettings, Network, Site};
    use crate::random::{Purpose, Streams};

    const LAYERS: &str = r#"layer = [
        { kind = "reshape", shape = [5, 3] },
        { kind = "per-step", layer = [{ kind = "concatenate" }, { kind = "dense", outputs = 4 }] },
        { kind = "gru", hidden = 7, bidirectional = true },
        { kind = "lstm", hidden = 35 },
        { kind = "per-step", layer = [{ kind = "dense", outputs = 2 }, { kind = "tanh" }] },
    ]"#;

    /// Against the operations in 64 bits, event by event.
    #[test]
    fn recurrent_networks_are_generated_as_their_operations_say() {
        #[derive(serde::Deserialize)]
        struct Layers {
            layer: Vec<LayerSettings>,
        }
        let layers = toml::from_str::<Layers>(LAYERS).expect("layers").layer;
        let mut normals = Streams::new(2, Purpose::Initialisation).normals(0);
        let mut site = Site { labels: 2, normals: &mut normals, device: &cpu() };
        let operations = Network::build(&layers, &[15], &mut site).operations();
        let compiled =
            CompiledNetwork::new(&operations, 15, Precision::F32).expect("no batch is needed");
        assert_eq!(compiled.output(), 10);
        let (rows, mut scratch) = (9, Scratch::default());
        let (mut x, mut label) = (scratch.take(rows, 15), scratch.take(rows, 2));
        for row in 0..rows {
            let mut normals = Streams::new(2, Purpose::Generation).normals(row as u64);
            normals.fill(x.row_mut(row));
            normals.fill(label.row_mut(row));
        }
        let wide = |values: &[f32]| values.iter().map(|v| f64::from(*v)).collect::<Vec<f64>>();
        let expected: Vec<Vec<f64>> = (0..rows)
            .map(|row| evaluate(&operations, &wide(x.row(row)), &wide(label.row(row))))
            .collect::<Result<_, _>>()
            .expect("no batch is needed");
        assert!(expected.iter().flatten().any(|value| value.abs() > 1e-3));
        let y = compiled.run(Level::best(), x, &label, &mut scratch);
        for (row, expected) in expected.iter().enumerate() {
            let found = wide(y.row(row));
            approx::assert_abs_diff_eq!(found.as_slice(), expected.as_slice(), epsilon = 2e-6);
        }
    }
}
