use serde::{Deserialize, Serialize};

use super::layer::Recurrent;
use super::steps::check_steps;
use crate::nn::layer::{Blueprint, Layer, Site};
use crate::nn::shapes::check_count;

/// A recurrent layer in the settings: `{ kind = "gru", hidden = 24 }`.
///
/// Several layers stand one behind the other. The state is 0 in front of the first step. Weights
/// and biases begin uniform within ± 1/√hidden, as PyTorch's.
///
/// # Shapes
/// `[steps, features]` to `[steps, hidden]`, or `[steps, 2 × hidden]` in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecurrentSettings {
    /// Numbers of the state.
    pub hidden: usize,
    /// A second set of weights goes from the last step to the first, and its state stands behind
    /// that of the first at each step.
    #[serde(default, skip_serializing_if = "crate::nn::dense::is_false")]
    pub bidirectional: bool,
}

/// What a recurrent layer does in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecurrentKind {
    /// A gated recurrent unit (arXiv:1406.1078, in the form of arXiv:1412.3555 whose reset gate
    /// acts behind the product): with x the input, h the state, σ the logistic function,
    ///
    /// r = σ(x W_r + b_r + h U_r + c_r), z = σ(x W_z + b_z + h U_z + c_z),
    /// n = tanh(x W_n + b_n + r ⊙ (h U_n + c_n)), h ← (1 − z) ⊙ n + z ⊙ h.
    ///
    /// Columns of W, U, b and c in the order r, z, n.
    Gru,
    /// Long short-term memory (Hochreiter and Schmidhuber, Neural Computation 9 (1997) 1735, with
    /// the forget gate of Gers et al. (2000)): with m the memory,
    ///
    /// (i, f, o) = σ(x W + b + h U + c), g = tanh(x W_g + b_g + h U_g + c_g),
    /// m ← f ⊙ m + i ⊙ g, h ← o ⊙ tanh(m).
    ///
    /// Columns in the order i, f, g, o.
    Lstm,
}

impl RecurrentKind {
    /// The name of the layer in the settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gru => "gru",
            Self::Lstm => "lstm",
        }
    }

    /// Columns of the weights for each number of the state.
    pub fn gates(self) -> usize {
        match self {
            Self::Gru => 3,
            Self::Lstm => 4,
        }
    }

    /// What a step hands on: h, and m.
    pub(super) fn states(self) -> usize {
        match self {
            Self::Gru => 1,
            Self::Lstm => 2,
        }
    }
}

impl RecurrentSettings {
    fn directions(self) -> usize {
        if self.bidirectional { 2 } else { 1 }
    }

    /// Numbers in the weights and biases, for so many features a step.
    pub(in crate::nn) fn parameter_count(self, kind: RecurrentKind, features: usize) -> usize {
        let columns = kind.gates() * self.hidden;
        self.directions() * columns * (features + self.hidden + 2)
    }
}

/// A recurrent layer whose kind is known.
pub(in crate::nn) struct RecurrentBlueprint<'a> {
    pub kind: RecurrentKind,
    pub settings: &'a RecurrentSettings,
}

impl Blueprint for RecurrentBlueprint<'_> {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        let [steps, features] = check_steps(input)?;
        let hidden = self.settings.hidden;
        if hidden == 0 {
            return Err("has `hidden` = 0, expected at least 1".to_owned());
        }
        let columns = 2 * self.kind.gates();
        check_count("weights", &[features, hidden, columns])?;
        check_count("weights", &[hidden, hidden, columns])?;
        Ok(vec![steps, self.settings.directions() * hidden])
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let RecurrentSettings { hidden, .. } = *self.settings;
        let shape = [input[0], input[1]];
        Box::new(Recurrent::new(self.kind, shape, hidden, self.settings.directions(), site))
    }
}
