use crate::nn::RecurrentKind;

/// A recurrent layer: see [`RecurrentKind`] for what a step is. The state is 0 in front of the
/// first step.
///
/// # Shapes
/// `[steps, features]` to `[steps, directions × hidden]`, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct RecurrentOperation {
    pub kind: RecurrentKind,
    pub steps: usize,
    pub features: usize,
    pub hidden: usize,
    /// From the first step to the last, and where there are two the other way round, too.
    pub directions: Vec<RecurrentWeights>,
}

/// The weights of one direction, row-major, their columns in the order of the gates in
/// [`RecurrentKind`].
#[derive(Debug, Clone, PartialEq)]
pub struct RecurrentWeights {
    /// W, `[features, gates × hidden]`
    pub input: Vec<f32>,
    /// U, `[hidden, gates × hidden]`
    pub recurrent: Vec<f32>,
    /// b, `[gates × hidden]`
    pub input_bias: Vec<f32>,
    /// c, `[gates × hidden]`
    pub recurrent_bias: Vec<f32>,
}

impl RecurrentOperation {
    /// Features of a step behind it.
    pub fn outputs(&self) -> usize {
        self.directions.len() * self.hidden
    }

    pub(super) fn apply(&self, x: &[f64]) -> Vec<f64> {
        let mut y = vec![0.0; self.steps * self.outputs()];
        for (number, weights) in self.directions.iter().enumerate() {
            let (mut state, mut memory) = (vec![0.0; self.hidden], vec![0.0; self.hidden]);
            for taken in 0..self.steps {
                let step = if number == 1 { self.steps - 1 - taken } else { taken };
                let x = &x[step * self.features..][..self.features];
                self.step(weights, x, &mut state, &mut memory);
                y[step * self.outputs() + number * self.hidden..][..self.hidden]
                    .copy_from_slice(&state);
            }
        }
        y
    }

    fn step(&self, weights: &RecurrentWeights, x: &[f64], state: &mut [f64], memory: &mut [f64]) {
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let a = product(x, &weights.input, &weights.input_bias);
        let b = product(state, &weights.recurrent, &weights.recurrent_bias);
        let sum = |group: usize, j: usize| {
            let column = group * self.hidden + j;
            a[column] + b[column]
        };
        for j in 0..self.hidden {
            match self.kind {
                RecurrentKind::Gru => {
                    let candidate = 2 * self.hidden + j;
                    let reset = sigmoid(sum(0, j));
                    let new = (a[candidate] + reset * b[candidate]).tanh();
                    let update = sigmoid(sum(1, j));
                    state[j] = (1.0 - update) * new + update * state[j];
                }
                RecurrentKind::Lstm => {
                    let new = sigmoid(sum(0, j)) * sum(2, j).tanh();
                    memory[j] = sigmoid(sum(1, j)) * memory[j] + new;
                    state[j] = sigmoid(sum(3, j)) * memory[j].tanh();
                }
            }
        }
    }
}

/// x W + b, W of `[inputs, outputs]`.
fn product(x: &[f64], weight: &[f32], bias: &[f32]) -> Vec<f64> {
    let mut y: Vec<f64> = bias.iter().map(|b| f64::from(*b)).collect();
    for (x, row) in x.iter().zip(weight.chunks_exact(bias.len())) {
        y.iter_mut().zip(row).for_each(|(y, w)| *y += x * f64::from(*w));
    }
    y
}
