use ndarray::{Array2, Array3, ArrayView1, ArrayView2, ArrayView3};

use super::network::{LANES, Lanes, Layout, forward};
use crate::ValidationError;

/// Weights and biases as PyTorch's `nn.GRU` has them, with the rows of the reset, the update and
/// the new gate one below the other.
#[derive(Debug, Clone, Copy)]
pub struct GatedRecurrentWeights<'a> {
    /// `weight_ih_l0`, `[3 hidden, inputs]`.
    pub input_weights: ArrayView2<'a, f64>,
    /// `weight_hh_l0`, `[3 hidden, hidden]`.
    pub hidden_weights: ArrayView2<'a, f64>,
    /// `bias_ih_l0`, `[3 hidden]`.
    pub input_biases: ArrayView1<'a, f64>,
    /// `bias_hh_l0`, `[3 hidden]`.
    pub hidden_biases: ArrayView1<'a, f64>,
}

/// The layer of gated recurrent units that the scores of series are made with (Cho et al.,
/// arXiv:1406.1078, in PyTorch's form):
///
/// r = σ(W_ir x + b_ir + W_hr h + b_hr), z = σ(W_iz x + b_iz + W_hz h + b_hz),
/// n = tanh(W_in x + b_in + r ∘ (W_hn h + b_hn)), h ← (1 − z) ∘ n + z ∘ h,
///
/// from h = 0.
#[derive(Debug, Clone, PartialEq)]
pub struct GatedRecurrentUnit {
    layout: Layout,
    parameters: Vec<f64>,
}

impl GatedRecurrentUnit {
    /// # Errors
    /// Weights and biases whose shapes do not belong together.
    pub fn new(weights: GatedRecurrentWeights<'_>) -> Result<Self, ValidationError> {
        let (hidden, inputs) = (weights.hidden_weights.ncols(), weights.input_weights.ncols());
        let rows = 3 * hidden;
        for (found, expected) in [
            (weights.input_weights.dim(), (rows, inputs)),
            (weights.hidden_weights.dim(), (rows, hidden)),
            ((weights.input_biases.len(), 1), (rows, 1)),
            ((weights.hidden_biases.len(), 1), (rows, 1)),
        ] {
            if found != expected || expected.0 == 0 || expected.1 == 0 {
                return Err(ValidationError::Shape {
                    found_events: found.0,
                    found_values: found.1,
                    events: expected.0,
                    values: expected.1,
                });
            }
        }
        let layout = Layout { inputs, hidden };
        let all = (weights.input_weights.iter())
            .chain(weights.hidden_weights.iter())
            .chain(weights.input_biases)
            .chain(weights.hidden_biases);
        let mut parameters: Vec<f64> = all.copied().collect();
        // The output, which is not used here.
        parameters.resize(layout.parameters(), 0.0);
        Ok(Self { layout, parameters })
    }

    /// The state after each step.
    ///
    /// # Shapes
    /// `series`: `[series, steps, inputs]`; the result is `[series, steps, hidden]`.
    ///
    /// # Errors
    /// Series with another number of inputs.
    pub fn states(&self, series: ArrayView3<'_, f64>) -> Result<Array3<f64>, ValidationError> {
        let (count, steps, inputs) = series.dim();
        let hidden = self.layout.hidden;
        if inputs != self.layout.inputs {
            return Err(ValidationError::Shape {
                found_events: steps,
                found_values: inputs,
                events: steps,
                values: self.layout.inputs,
            });
        }
        let mut states = Array3::zeros((count, steps, hidden));
        for (values, mut states) in series.outer_iter().zip(states.outer_iter_mut()) {
            let lanes: Vec<Lanes> = values.iter().map(|&value| [value; LANES]).collect();
            let trace = forward(self.layout, &self.parameters, &lanes);
            let after = trace.states[hidden..].iter().map(|lanes| lanes[0]).collect();
            let after = Array2::from_shape_vec((steps, hidden), after)
                .expect("a state of each unit after each step");
            states.assign(&after);
        }
        Ok(states)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{arr1, arr2, arr3};

    #[test]
    fn one_unit_by_hand() {
        let unit = GatedRecurrentUnit::new(GatedRecurrentWeights {
            input_weights: arr2(&[[0.5], [-1.0], [2.0]]).view(),
            hidden_weights: arr2(&[[0.3], [0.7], [-0.4]]).view(),
            input_biases: arr1(&[0.1, 0.2, 0.0]).view(),
            hidden_biases: arr1(&[0.0, -0.1, 0.6]).view(),
        });
        let unit = unit.expect("shapes belong together");
        let states = unit.states(arr3(&[[[1.0], [-0.5]]]).view()).expect("one input");
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let (r, z) = (sigmoid(0.6), sigmoid(-0.9));
        let first = (1.0 - z) * (2.0 + r * 0.6).tanh();
        approx::assert_relative_eq!(states[(0, 0, 0)], first, max_relative = 1e-14);
        let r = sigmoid(-0.25 + 0.1 + 0.3 * first);
        let z = sigmoid(0.5 + 0.2 + 0.7 * first - 0.1);
        let second = (1.0 - z) * (-1.0 + r * (0.6 - 0.4 * first)).tanh() + z * first;
        approx::assert_relative_eq!(states[(0, 1, 0)], second, max_relative = 1e-14);
    }

    #[test]
    fn shapes_that_do_not_belong_together_are_refused() {
        let weights = |rows: usize| Array2::<f64>::zeros((rows, 2));
        let biases = ndarray::Array1::<f64>::zeros(6);
        let unit = |input: &Array2<f64>| {
            GatedRecurrentUnit::new(GatedRecurrentWeights {
                input_weights: input.view(),
                hidden_weights: weights(6).view(),
                input_biases: biases.view(),
                hidden_biases: biases.view(),
            })
        };
        assert!(unit(&weights(5)).is_err());
        let unit = unit(&weights(6)).expect("shapes belong together");
        assert!(unit.states(Array3::zeros((1, 2, 3)).view()).is_err());
    }
}
