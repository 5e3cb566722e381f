//! The tensor functions of (transposed) convolutions, behind which the kernels can be exchanged.

use std::sync::{Arc, OnceLock};

use burn::tensor::module;
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};

use super::layer::feature_count;
use crate::compute::{Tensor, is_cpu};

/// A kernel that slides over an image or grid (arXiv:1603.07285).
///
/// A convolution goes from the wide side, which the kernel slides over, to the narrow side, which
/// has one place for each position of the kernel:
/// narrow = ⌊(wide + 2 padding − kernel) / stride⌋ + 1. The transposed convolution with the same
/// weights is its adjoint and goes from the narrow to the wide side.
///
/// # Shapes
/// Weights: `[narrow channels, wide channels, kernel…]` in both directions.
#[derive(Debug, Clone)]
pub(super) struct Sliding {
    /// `[channels, (depth,) rows, columns]`
    pub wide: Vec<usize>,
    pub narrow: Vec<usize>,
    pub kernel: Vec<usize>,
    pub stride: Vec<usize>,
    pub padding: Vec<usize>,
    /// See `gathered.rs`; the same for all copies of a layer.
    pub(super) places: Arc<OnceLock<Vec<i32>>>,
}

impl Sliding {
    pub fn weight_shape(&self) -> Vec<usize> {
        [&[self.narrow[0], self.wide[0]], self.kernel.as_slice()].concat()
    }

    /// From the wide to the narrow side.
    ///
    /// # Shapes
    /// x: `[events, wide features]`, weight: flat, bias: `[narrow channels]`; with
    /// `events_last`, x and y have their axes the other way round.
    pub fn convolve(
        &self,
        x: Tensor<2>,
        weight: Tensor<1>,
        bias: Option<Tensor<1>>,
        events_last: bool,
    ) -> Tensor<2> {
        if events_last {
            self.convolve_gathered(x, weight, bias)
        } else {
            in_blocks(x, |x| self.convolve_by_burn(x, weight.clone(), bias.clone()))
        }
    }

    pub(super) fn convolve_by_burn(
        &self,
        x: Tensor<2>,
        weight: Tensor<1>,
        bias: Option<Tensor<1>>,
    ) -> Tensor<2> {
        let events = x.dims()[0];
        let features = [events, feature_count(&self.narrow)];
        if self.kernel.len() == 2 {
            let x = x.reshape(with_events(events, &self.wide));
            let weight = weight.reshape(array::<4>(&self.weight_shape()));
            let options = self.options();
            convolve_2d(x, weight, bias, options).reshape(features)
        } else {
            let x = x.reshape(with_events(events, &self.wide));
            let weight = weight.reshape(array::<5>(&self.weight_shape()));
            let options = self.options();
            convolve_3d(x, weight, bias, options).reshape(features)
        }
    }

    /// From the narrow to the wide side.
    ///
    /// # Shapes
    /// x: `[events, narrow features]`, weight: flat, bias: `[wide channels]`; with
    /// `events_last`, x and y have their axes the other way round.
    pub fn transpose(
        &self,
        x: Tensor<2>,
        weight: Tensor<1>,
        bias: Option<Tensor<1>>,
        events_last: bool,
    ) -> Tensor<2> {
        if events_last {
            self.transpose_gathered(x, weight, bias)
        } else {
            in_blocks(x, |x| self.transpose_by_burn(x, weight.clone(), bias.clone()))
        }
    }

    pub(super) fn transpose_by_burn(
        &self,
        x: Tensor<2>,
        weight: Tensor<1>,
        bias: Option<Tensor<1>>,
    ) -> Tensor<2> {
        let events = x.dims()[0];
        let features = [events, feature_count(&self.wide)];
        if self.kernel.len() == 2 {
            let x = x.reshape(with_events(events, &self.narrow));
            let weight = weight.reshape(array::<4>(&self.weight_shape()));
            let options = self.transposed_options();
            transpose_2d(x, weight, bias, options).reshape(features)
        } else {
            let x = x.reshape(with_events(events, &self.narrow));
            let weight = weight.reshape(array::<5>(&self.weight_shape()));
            let options = self.transposed_options();
            transpose_3d(x, weight, bias, options).reshape(features)
        }
    }

    fn options<const AXES: usize>(&self) -> ConvOptions<AXES> {
        ConvOptions::new(array(&self.stride), array(&self.padding), [1; AXES], 1)
    }

    fn transposed_options<const AXES: usize>(&self) -> ConvTransposeOptions<AXES> {
        // The rows of the wide side behind the last position of the kernel.
        let behind = |i: usize| {
            let reached = (self.narrow[i + 1] - 1) * self.stride[i] + self.kernel[i];
            self.wide[i + 1] + 2 * self.padding[i] - reached
        };
        ConvTransposeOptions::new(
            array(&self.stride),
            array(&self.padding),
            std::array::from_fn(behind),
            [1; AXES],
            1,
        )
    }
}

/// Events that burn's kernels for the CPU are given at once: what they lay out for the gradient of the
/// weights grows with it.
const EVENTS_AT_ONCE: usize = 4;

/// A function of events, on the CPU a few at a time.
fn in_blocks(x: Tensor<2>, function: impl Fn(Tensor<2>) -> Tensor<2>) -> Tensor<2> {
    let events = x.dims()[0];
    if events <= EVENTS_AT_ONCE || !is_cpu(&x.device()) {
        return function(x);
    }
    let blocks = (0..events)
        .step_by(EVENTS_AT_ONCE)
        .map(|first| function(x.clone().narrow(0, first, EVENTS_AT_ONCE.min(events - first))));
    Tensor::cat(blocks.collect(), 0)
}

fn array<const N: usize>(values: &[usize]) -> [usize; N] {
    values.try_into().expect("all shapes of a kernel have its rank")
}

fn with_events<const N: usize>(events: usize, shape: &[usize]) -> [usize; N] {
    array(&[&[events], shape].concat())
}

/// # Shapes
/// x: `[events, channels, rows, columns]`, weight: `[outputs, channels, rows, columns]`.
fn convolve_2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    options: ConvOptions<2>,
) -> Tensor<4> {
    module::conv2d(x, weight, bias, options)
}

/// # Shapes
/// x: `[events, channels, depth, rows, columns]`,
/// weight: `[outputs, channels, depth, rows, columns]`.
fn convolve_3d(
    x: Tensor<5>,
    weight: Tensor<5>,
    bias: Option<Tensor<1>>,
    options: ConvOptions<3>,
) -> Tensor<5> {
    module::conv3d(x, weight, bias, options)
}

/// # Shapes
/// x: `[events, channels, rows, columns]`, weight: `[channels, outputs, rows, columns]`.
fn transpose_2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    options: ConvTransposeOptions<2>,
) -> Tensor<4> {
    module::conv_transpose2d(x, weight, bias, options)
}

/// # Shapes
/// x: `[events, channels, depth, rows, columns]`,
/// weight: `[channels, outputs, depth, rows, columns]`.
fn transpose_3d(
    x: Tensor<5>,
    weight: Tensor<5>,
    bias: Option<Tensor<1>>,
    options: ConvTransposeOptions<3>,
) -> Tensor<5> {
    module::conv_transpose3d(x, weight, bias, options)
}
