use serde::{Deserialize, Serialize};

use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace};
use super::operation::Operation;
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
    /// The mean over the channels at each place.
    ///
    /// # Shapes
    /// `[events, features]` to `[events, places]`.
    fn mean(&self, x: Tensor<2>) -> Tensor<2> {
        let Channels { count, places } = self.channels;
        let events = x.dims()[0];
        if places == 1 {
            return x.mean_dim(1);
        }
        x.reshape([events, count, places]).mean_dim(1).reshape([events, places])
    }

    /// The value of each place in all channels: whole copies are faster here than broadcasting
    /// along the axis in the middle.
    ///
    /// # Shapes
    /// `[events, places]` to what broadcasts with `[events, features]`.
    fn spread(&self, values: Tensor<2>) -> Tensor<2> {
        let Channels { count, places } = self.channels;
        if places == 1 {
            return values;
        }
        let events = values.dims()[0];
        // burn 0.21 differentiates repetition only along axes of length 1 as it should.
        values.reshape([events, 1, places]).repeat_dim(1, count).reshape([events, count * places])
    }
}

impl Layer for PixelNorm {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, pass: &mut Pass) -> Tensor<2> {
        self.forward_with_trace(x, pass).0
    }

    /// The trace is y, and 1/√(⟨x²⟩ + ε) of each place.
    fn forward_with_trace(&self, x: Tensor<2>, _pass: &mut Pass) -> (Tensor<2>, Trace) {
        let inverse = (self.mean(x.clone().square()) + EPSILON).sqrt().recip();
        let inverse = self.spread(inverse);
        let y = x * inverse.clone();
        (y.clone(), Trace::of(vec![y, inverse]))
    }

    /// gₓ = (g − y ⟨g y⟩) / √(⟨x²⟩ + ε).
    fn vjp(&self, trace: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        let [y, inverse] = [trace.tensors[0].clone(), trace.tensors[1].clone()];
        let along = self.spread(self.mean(cotangent.clone() * y.clone()));
        (cotangent - y * along) * inverse
    }

    fn for_each_parameter(&mut self, _visit: &mut dyn FnMut(&str, &mut Parameter)) {}

    fn operations(&self) -> Vec<Operation> {
        let Channels { count, places } = self.channels;
        vec![Operation::PixelNorm { channels: count, places, epsilon: EPSILON }]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
