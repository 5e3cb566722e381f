use serde::{Deserialize, Serialize};

use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace, feature_count};
use super::operation::Operation;
use super::parameter::Parameter;
use crate::compute::Tensor;

/// One channel, or flat feature, more (arXiv:1710.10196, section 3), the same number everywhere:
/// the standard deviation √(σ² + 1e-8) of each feature over the batch, averaged over all features.
/// A critic sees by it whether generated events vary as much as real ones.
///
/// # Shapes
/// `[channels, …]` to `[channels + 1, …]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinibatchDeviationSettings {}

const EPSILON: f64 = 1e-8;

#[derive(Debug, Clone)]
struct MinibatchDeviation {
    /// Features in front of the layer.
    features: usize,
    places: usize,
    shape: Vec<usize>,
}

impl Blueprint for MinibatchDeviationSettings {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        let mut shape = input.to_vec();
        shape[0] += 1;
        Ok(shape)
    }

    fn build(&self, input: &[usize], _site: &mut Site<'_>) -> Box<dyn Layer> {
        let mut shape = input.to_vec();
        shape[0] += 1;
        Box::new(MinibatchDeviation {
            features: feature_count(input),
            places: feature_count(&input[1..]),
            shape,
        })
    }
}

impl Layer for MinibatchDeviation {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        self.forward_with_trace(x, pass).0
    }

    /// The trace is x − μ, and the deviation of each feature in `[1, features]`.
    fn forward_with_trace(&self, x: Tensor<2>, _pass: &mut Pass) -> (Tensor<2>, Trace) {
        let events = x.dims()[0];
        let centred = x.clone() - x.clone().mean_dim(0);
        let deviation = (centred.clone().square().mean_dim(0) + EPSILON).sqrt();
        let channel = deviation.clone().mean_dim(1).expand([events, self.places]);
        (Tensor::cat(vec![x, channel], 1), Trace::of(vec![centred, deviation]))
    }

    /// gₓ = g + G (x − μ) / (events · features · deviation), G the sum of what comes through the
    /// added channel of all events.
    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        let [centred, deviation] = [trace.tensors[0].clone(), trace.tensors[1].clone()];
        let count = (centred.dims()[0] * self.features) as f64;
        // [1, 1]
        let added =
            cotangent.clone().narrow(1, self.features, self.places).sum().reshape([1, 1]) / count;
        cotangent.narrow(1, 0, self.features) + centred * (added / deviation)
    }

    fn for_each_parameter(&mut self, _visit: &mut dyn FnMut(&str, &mut Parameter)) {}

    fn mixes_events(&self) -> bool {
        true
    }

    fn operations(&self) -> Vec<Operation> {
        vec![Operation::MinibatchDeviation { features: self.features, places: self.places }]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
