use serde::{Deserialize, Serialize};

use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace};
use super::parameter::Parameter;
use super::shapes::Channels;
use crate::compute::Tensor;

/// Pixel-wise normalisation (arXiv:1710.10196, section 4.2): y = x / √(⟨x²⟩ + 1e-8), the mean over
/// the channels at each place, or over all flat features.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PixelNormSettings {}

const EPSILON: f64 = 1e-8;

#[derive(Debug, Clone)]
struct PixelNorm {
    channels: Channels,
    shape: Vec<usize>,
}

impl Blueprint for PixelNormSettings {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        Ok(input.to_vec())
    }

    fn build(&self, input: &[usize], _site: &mut Site<'_>) -> Box<dyn Layer> {
        Box::new(PixelNorm { channels: Channels::of(input), shape: input.to_vec() })
    }
}

impl PixelNorm {
    /// `[events, features]` to `[events, channels, places]`.
    fn by_place(&self, x: Tensor<2>) -> Tensor<3> {
        let events = x.dims()[0];
        x.reshape([events, self.channels.count, self.channels.places])
    }

    /// `[events, channels, places]` times `[events, places]`, flat.
    fn times(&self, x: Tensor<3>, factor: Tensor<2>) -> Tensor<2> {
        let [events, count, places] = x.dims();
        (x * factor.reshape([events, 1, places])).reshape([events, count * places])
    }
}

impl Layer for PixelNorm {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        self.forward_with_trace(x, pass).0
    }

    /// The trace is y, and 1/√(⟨x²⟩ + ε) in `[events, places]`.
    fn forward_with_trace(&self, x: Tensor<2>, _pass: &mut Pass) -> (Tensor<2>, Trace) {
        let events = x.dims()[0];
        let x = self.by_place(x);
        let mean = x.clone().square().mean_dim(1).reshape([events, self.channels.places]);
        let inverse = (mean + EPSILON).sqrt().recip();
        let y = self.times(x, inverse.clone());
        (y.clone(), Trace::of(vec![y, inverse]))
    }

    /// gₓ = (g − y ⟨g y⟩) / √(⟨x²⟩ + ε).
    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        let y = self.by_place(trace.tensors[0].clone());
        let g = self.by_place(cotangent);
        let along = (g.clone() * y.clone()).mean_dim(1);
        self.times(g - y * along, trace.tensors[1].clone())
    }

    fn for_each_parameter(&mut self, _visit: &mut dyn FnMut(&str, &mut Parameter)) {}

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
