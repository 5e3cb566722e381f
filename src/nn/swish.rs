use burn::tensor::activation;
use serde::{Deserialize, Serialize};

use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace};
use super::operation::Operation;
use super::parameter::Parameter;
use super::shapes::Channels;
use crate::compute::Tensor;

/// Swish with a trained slope (arXiv:1710.05941): y = x σ(α x).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwishSettings {
    /// α at the start, 1 by default.
    #[serde(default = "alpha")]
    pub alpha: f64,
    /// One α for each channel, or flat feature, instead of one for all.
    #[serde(default, skip_serializing_if = "super::dense::is_false")]
    pub per_channel: bool,
}

fn alpha() -> f64 {
    1.0
}

#[derive(Debug, Clone)]
struct Swish {
    /// `[1, channels]`, or `[1, 1]`
    alpha: Parameter,
    channels: Channels,
    shape: Vec<usize>,
}

impl Blueprint for SwishSettings {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        Ok(input.to_vec())
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let channels =
            if self.per_channel { Channels::of(input) } else { Channels { count: 1, places: 1 } };
        let values = vec![self.alpha as f32; channels.count];
        let alpha = Parameter::new(values, &[1, channels.count], site.device);
        Box::new(Swish { alpha, channels, shape: input.to_vec() })
    }
}

impl Swish {
    /// α, broadcast over `[events, features]`.
    fn alpha(&self) -> Tensor<2> {
        self.channels.spread(self.alpha.tensor())
    }
}

impl Layer for Swish {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, _pass: &mut Pass) -> Tensor<2> {
        x.clone() * activation::sigmoid(x * self.alpha())
    }

    /// The trace is the derivative σ + α y (1 − σ).
    fn forward_with_trace(&self, x: Tensor<2>, _pass: &mut Pass) -> (Tensor<2>, Trace) {
        let alpha = self.alpha();
        let sigmoid = activation::sigmoid(x.clone() * alpha.clone());
        let y = x * sigmoid.clone();
        let derivative = sigmoid.clone() + y.clone() * (-sigmoid + 1.0) * alpha;
        (y, Trace::of(vec![derivative]))
    }

    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        cotangent * trace.tensors[0].clone()
    }

    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        visit("alpha", &mut self.alpha);
    }

    fn operations(&self) -> Vec<Operation> {
        vec![Operation::Swish { slope: self.alpha.to_host(), places: self.channels.places }]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
