use burn::tensor::activation;
use serde::{Deserialize, Serialize};

use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace};
use super::operation::Operation;
use super::parameter::Parameter;
use crate::compute::Tensor;

/// y_i = exp x_i / Σ_j exp x_j over all features of an event: shares that sum to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoftmaxSettings {}

#[derive(Debug, Clone)]
struct Softmax {
    shape: Vec<usize>,
}

impl Blueprint for SoftmaxSettings {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        Ok(input.to_vec())
    }

    fn build(&self, input: &[usize], _site: &mut Site<'_>) -> Box<dyn Layer> {
        Box::new(Softmax { shape: input.to_vec() })
    }
}

impl Layer for Softmax {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, _pass: &mut Pass) -> Tensor<2> {
        activation::softmax(x, 1)
    }

    /// The trace is y.
    fn forward_with_trace(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, Trace) {
        let y = self.forward(x, pass);
        (y.clone(), Trace::of(vec![y]))
    }

    /// gₓ = y (g − Σ_j g_j y_j).
    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        let y = trace.tensors[0].clone();
        let along = (cotangent.clone() * y.clone()).sum_dim(1);
        y * (cotangent - along)
    }

    fn for_each_parameter(&mut self, _visit: &mut dyn FnMut(&str, &mut Parameter)) {}

    fn operations(&self) -> Vec<Operation> {
        vec![Operation::Softmax]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
