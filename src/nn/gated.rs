use burn::tensor::activation;
use serde::{Deserialize, Serialize};

use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace, feature_count};
use super::operation::Operation;
use super::parameter::Parameter;
use crate::compute::Tensor;

/// A gated unit: y = f(a) σ(b), a the first half of the channels, or flat features, b the second.
/// f is the identity (gated linear unit, arXiv:1612.08083) or tanh (arXiv:1606.05328).
///
/// # Shapes
/// `[2 channels, …]` to `[channels, …]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatedSettings {
    /// f = tanh; the identity where left out.
    #[serde(default, skip_serializing_if = "super::dense::is_false")]
    pub tanh: bool,
}

#[derive(Debug, Clone)]
struct Gated {
    tanh: bool,
    shape: Vec<usize>,
}

impl Blueprint for GatedSettings {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        if !input[0].is_multiple_of(2) {
            return Err(format!(
                "stands behind features of shape {input:?}, expected an even number of channels \
                 to be halved"
            ));
        }
        let mut shape = input.to_vec();
        shape[0] /= 2;
        Ok(shape)
    }

    fn build(&self, input: &[usize], _site: &mut Site<'_>) -> Box<dyn Layer> {
        let mut shape = input.to_vec();
        shape[0] /= 2;
        Box::new(Gated { tanh: self.tanh, shape })
    }
}

impl Gated {
    /// f(a) and σ(b).
    fn parts(&self, x: Tensor<2>) -> [Tensor<2>; 2] {
        // Channels are the slowest axis, so halves of them are halves of the flat features.
        let half = feature_count(&self.shape);
        let value = x.clone().narrow(1, 0, half);
        let value = if self.tanh { value.tanh() } else { value };
        [value, activation::sigmoid(x.narrow(1, half, half))]
    }
}

impl Layer for Gated {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, _pass: &mut Pass) -> Tensor<2> {
        let [value, gate] = self.parts(x);
        value * gate
    }

    /// The trace is f(a) and σ(b).
    fn forward_with_trace(&self, x: Tensor<2>, _pass: &mut Pass) -> (Tensor<2>, Trace) {
        let [value, gate] = self.parts(x);
        (value.clone() * gate.clone(), Trace::of(vec![value, gate]))
    }

    /// g σ f′ in front of g f σ (1 − σ).
    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        let [value, gate] = [trace.tensors[0].clone(), trace.tensors[1].clone()];
        let gated = cotangent * gate.clone();
        let to_gate = gated.clone() * value.clone() * (-gate + 1.0);
        let to_value = if self.tanh { gated * (-value.square() + 1.0) } else { gated };
        Tensor::cat(vec![to_value, to_gate], 1)
    }

    fn for_each_parameter(&mut self, _visit: &mut dyn FnMut(&str, &mut Parameter)) {}

    fn operations(&self) -> Vec<Operation> {
        vec![Operation::Gated { half: feature_count(&self.shape), tanh: self.tanh }]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
