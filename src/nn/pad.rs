use serde::{Deserialize, Serialize};

use super::layer::{Blueprint, LabelCotangent, Layer, Pass, Site, Trace, feature_count};
use super::operation::{FrameOperation, Operation};
use super::parameter::Parameter;
use super::shapes::{axes_of, grid, on_grid, per_axis};
use crate::compute::Tensor;

/// Places at the two ends of each axis of an image or grid: zeros to add, for a layer `pad`, or
/// places to cut off, for a layer `crop`.
///
/// # Shapes
/// `[channels, (depth,) rows, columns]` to the same with size ± (low + high) places on each axis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameSettings {
    /// At the low end, `[(depth,) rows, columns]`.
    pub low: Vec<usize>,
    /// At the high end; as many as at the low end where left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub high: Vec<usize>,
}

/// A layer `pad` or `crop`.
#[derive(Debug, Clone, Copy)]
pub(super) enum FrameBlueprint<'a> {
    Pad(&'a FrameSettings),
    Crop(&'a FrameSettings),
}

/// A frame of zeros around an image or grid.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// `[channels, depth, rows, columns]` inside of it.
    inner: [usize; 4],
    low: [usize; 3],
    high: [usize; 3],
}

#[derive(Debug, Clone)]
struct Framed {
    frame: Frame,
    crops: bool,
    shape: Vec<usize>,
}

impl Frame {
    pub fn new(inner: &[usize], low: &[usize], high: &[usize]) -> Self {
        Self { inner: grid(inner), low: on_grid(low, 0), high: on_grid(high, 0) }
    }

    pub fn outer(&self) -> [usize; 4] {
        let mut outer = self.inner;
        for i in 0..3 {
            outer[i + 1] += self.low[i] + self.high[i];
        }
        outer
    }

    /// # Shapes
    /// `[events, inner features]` to `[events, outer features]`.
    pub fn pad(&self, x: Tensor<2>) -> Tensor<2> {
        let events = x.dims()[0];
        let outer = self.outer();
        let [channels, depth, rows, columns] = self.inner;
        let around =
            Tensor::<4>::zeros([events * channels, outer[1], outer[2], outer[3]], &x.device());
        around
            .slice_assign(self.ranges(events), x.reshape([events * channels, depth, rows, columns]))
            .reshape([events, feature_count(&outer)])
    }

    /// # Shapes
    /// `[events, outer features]` to `[events, inner features]`.
    pub fn crop(&self, x: Tensor<2>) -> Tensor<2> {
        let events = x.dims()[0];
        let outer = self.outer();
        x.reshape([events * outer[0], outer[1], outer[2], outer[3]])
            .slice(self.ranges(events))
            .reshape([events, feature_count(&self.inner)])
    }

    fn ranges(&self, events: usize) -> [std::ops::Range<usize>; 4] {
        let inside = |i: usize| self.low[i]..self.low[i] + self.inner[i + 1];
        [0..events * self.inner[0], inside(0), inside(1), inside(2)]
    }
}

impl FrameSettings {
    fn check(&self, input: &[usize]) -> Result<[Vec<usize>; 2], String> {
        let axes = axes_of(input)?;
        if self.low.is_empty() {
            return Err(format!("has `low` = [], expected {axes} numbers, one for each axis"));
        }
        let low = per_axis("low", &self.low, axes, 0)?;
        let high =
            if self.high.is_empty() { low.clone() } else { per_axis("high", &self.high, axes, 0)? };
        Ok([low, high])
    }
}

impl Blueprint for FrameBlueprint<'_> {
    fn output_shape(&self, input: &[usize], _labels: usize) -> Result<Vec<usize>, String> {
        let mut shape = input.to_vec();
        match self {
            Self::Pad(settings) => {
                let [low, high] = settings.check(input)?;
                (0..low.len()).for_each(|i| shape[i + 1] += low[i] + high[i]);
            }
            Self::Crop(settings) => {
                let [low, high] = settings.check(input)?;
                for i in 0..low.len() {
                    if low[i] + high[i] >= input[i + 1] {
                        return Err(format!(
                            "has `low` = {low:?} and `high` = {high:?}, which leaves nothing of \
                             features of shape {input:?}"
                        ));
                    }
                    shape[i + 1] -= low[i] + high[i];
                }
            }
        }
        Ok(shape)
    }

    fn build(&self, input: &[usize], site: &mut Site<'_>) -> Box<dyn Layer> {
        let shape = self.output_shape(input, site.labels).expect("the shapes were found to fit");
        let (settings, crops) = match self {
            Self::Pad(settings) => (settings, false),
            Self::Crop(settings) => (settings, true),
        };
        let [low, high] = settings.check(input).expect("the shapes were found to fit");
        let inner = if crops { &shape } else { input };
        Box::new(Framed { frame: Frame::new(inner, &low, &high), crops, shape })
    }
}

impl Layer for Framed {
    fn output_shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, x: Tensor<2>, _pass: &mut Pass) -> Tensor<2> {
        if self.crops { self.frame.crop(x) } else { self.frame.pad(x) }
    }

    fn forward_with_trace(&self, x: Tensor<2>, pass: &mut Pass) -> (Tensor<2>, Trace) {
        (self.forward(x, pass), Trace::default())
    }

    /// Padding and cropping are each other's adjoint.
    fn vjp(&self, _: &Trace, cotangent: Tensor<2>, _: &mut LabelCotangent) -> Tensor<2> {
        if self.crops { self.frame.pad(cotangent) } else { self.frame.crop(cotangent) }
    }

    fn for_each_parameter(&mut self, _visit: &mut dyn FnMut(&str, &mut Parameter)) {}

    fn operations(&self) -> Vec<Operation> {
        let Frame { inner, low, high } = self.frame;
        let frame = FrameOperation { inner, low, high };
        vec![if self.crops { Operation::Crop(frame) } else { Operation::Pad(frame) }]
    }

    fn clone_box(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
