//! The parameters of a gated recurrent unit with one output, in one vector, and its forward pass
//! over several series at once.

use rand_chacha::ChaCha8Rng;

use crate::random::uniform;

/// Series that are computed side by side: the innermost loops go over them.
pub(super) const LANES: usize = 16;

/// One number of each series that is computed.
pub(super) type Lanes = [f64; LANES];

/// Gates in the order of the rows of the weights.
pub(super) const RESET: usize = 0;
pub(super) const UPDATE: usize = 1;
pub(super) const NEW: usize = 2;

/// A gated recurrent unit and a linear output: where each parameter is in the vector of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) inputs: usize,
    pub(super) hidden: usize,
}

impl Layout {
    pub(super) fn input_weight(self, gate: usize, unit: usize) -> usize {
        (gate * self.hidden + unit) * self.inputs
    }

    pub(super) fn hidden_weight(self, gate: usize, unit: usize) -> usize {
        3 * self.hidden * self.inputs + (gate * self.hidden + unit) * self.hidden
    }

    pub(super) fn input_bias(self, gate: usize, unit: usize) -> usize {
        3 * self.hidden * (self.inputs + self.hidden) + gate * self.hidden + unit
    }

    pub(super) fn hidden_bias(self, gate: usize, unit: usize) -> usize {
        3 * self.hidden + self.input_bias(gate, unit)
    }

    pub(super) fn output_weight(self) -> usize {
        3 * self.hidden * (self.inputs + self.hidden + 2)
    }

    pub(super) fn output_bias(self) -> usize {
        self.output_weight() + self.hidden
    }

    pub(super) fn parameters(self) -> usize {
        self.output_bias() + 1
    }

    /// Weights uniform in ±√(6 / (inputs + outputs)) (Glorot and Bengio 2010). The reset and the
    /// update gate begin with a bias of 1, which carries the state on; other biases are 0.
    pub(super) fn first_parameters(self, random: &mut ChaCha8Rng) -> Vec<f64> {
        let mut parameters = vec![0.0; self.parameters()];
        let mut fill = |from: usize, to: usize, bound: f64| {
            for parameter in &mut parameters[from..to] {
                *parameter = bound * (2.0 * uniform(random) - 1.0);
            }
        };
        let bound = |inputs: usize, outputs: usize| (6.0 / (inputs + outputs) as f64).sqrt();
        let hidden_weights = self.hidden_weight(0, 0);
        fill(0, hidden_weights, bound(self.inputs, self.hidden));
        fill(hidden_weights, self.input_bias(0, 0), bound(self.hidden, self.hidden));
        fill(self.output_weight(), self.output_bias(), bound(self.hidden, 1));
        for gate in [RESET, UPDATE] {
            for unit in 0..self.hidden {
                parameters[self.input_bias(gate, unit)] = 1.0;
            }
        }
        parameters
    }
}

/// What the forward pass over up to `LANES` series went through.
pub(super) struct Trace {
    /// h before each step and after the last: `[steps + 1, hidden]`.
    pub(super) states: Vec<Lanes>,
    /// r, `[steps, hidden]`.
    pub(super) reset: Vec<Lanes>,
    /// z, `[steps, hidden]`.
    pub(super) update: Vec<Lanes>,
    /// n, `[steps, hidden]`.
    pub(super) new: Vec<Lanes>,
    /// W_hn h + b_hn, which the reset gate scales: `[steps, hidden]`.
    pub(super) recalled: Vec<Lanes>,
}

/// With h = 0 before the first step,
///
/// r = σ(W_ir x + b_ir + W_hr h + b_hr), z = σ(W_iz x + b_iz + W_hz h + b_hz),
/// n = tanh(W_in x + b_in + r ∘ (W_hn h + b_hn)), h ← (1 − z) ∘ n + z ∘ h.
///
/// # Shapes
/// `inputs`: `[steps, inputs]`.
pub(super) fn forward(layout: Layout, parameters: &[f64], inputs: &[Lanes]) -> Trace {
    let hidden = layout.hidden;
    let steps = inputs.len() / layout.inputs;
    let zero = [0.0; LANES];
    let mut trace = Trace {
        states: vec![zero; (steps + 1) * hidden],
        reset: Vec::with_capacity(steps * hidden),
        update: Vec::with_capacity(steps * hidden),
        new: Vec::with_capacity(steps * hidden),
        recalled: Vec::with_capacity(steps * hidden),
    };
    for step in 0..steps {
        let input = &inputs[step * layout.inputs..(step + 1) * layout.inputs];
        let (before, after) = trace.states.split_at_mut((step + 1) * hidden);
        let state = &before[step * hidden..];
        let from_input = |gate: usize, unit: usize| {
            let weights = &parameters[layout.input_weight(gate, unit)..];
            weighted(parameters[layout.input_bias(gate, unit)], weights, input)
        };
        let from_state = |gate: usize, unit: usize| {
            let weights = &parameters[layout.hidden_weight(gate, unit)..];
            weighted(parameters[layout.hidden_bias(gate, unit)], weights, state)
        };
        for unit in 0..hidden {
            let gate = |gate: usize| {
                let (a, b) = (from_input(gate, unit), from_state(gate, unit));
                std::array::from_fn::<f64, LANES, _>(|lane| sigmoid(a[lane] + b[lane]))
            };
            let (reset, update) = (gate(RESET), gate(UPDATE));
            let (fresh, recalled) = (from_input(NEW, unit), from_state(NEW, unit));
            let new: Lanes =
                std::array::from_fn(|lane| (fresh[lane] + reset[lane] * recalled[lane]).tanh());
            after[unit] = std::array::from_fn(|lane| {
                (1.0 - update[lane]) * new[lane] + update[lane] * state[unit][lane]
            });
            trace.reset.push(reset);
            trace.update.push(update);
            trace.new.push(new);
            trace.recalled.push(recalled);
        }
    }
    trace
}

/// The linear output from a state.
pub(super) fn output(layout: Layout, parameters: &[f64], state: &[Lanes]) -> Lanes {
    weighted(parameters[layout.output_bias()], &parameters[layout.output_weight()..], state)
}

/// bias + Σ weight · value.
fn weighted(bias: f64, weights: &[f64], values: &[Lanes]) -> Lanes {
    let mut sum = [bias; LANES];
    for (weight, value) in weights.iter().zip(values) {
        for (sum, value) in sum.iter_mut().zip(value) {
            *sum += weight * value;
        }
    }
    sum
}

pub(super) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
