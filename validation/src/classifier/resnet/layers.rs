//! The parts of a 3-D ResNet.

use burn::module::{Module, Param, RunningState};
use burn::tensor::activation::relu;
use burn::tensor::backend::Backend;
use burn::tensor::module::{conv3d, max_pool2d};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Tensor, TensorData};

/// What a parameter is for, which decides how it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A kernel with the weights of so many outputs in each of its places.
    Kernel {
        fan_out: usize,
    },
    Scale,
    Shift,
    RunningMean,
    RunningVariance,
    /// Weight or bias of a linear layer with so many inputs.
    Linear {
        inputs: usize,
    },
}

/// Where the values of parameters come from, in the order in which layers stand.
pub(super) struct Start<'a, B: Backend> {
    /// So many values for a role.
    pub draw: &'a mut dyn FnMut(Role, usize) -> Vec<f32>,
    pub device: &'a B::Device,
}

impl<B: Backend> Start<'_, B> {
    pub(super) fn tensor<const D: usize>(&mut self, role: Role, shape: [usize; D]) -> Tensor<B, D> {
        let values = (self.draw)(role, shape.iter().product());
        Tensor::from_data(TensorData::new(values, shape), self.device)
    }
}

/// Share of a batch in the running statistics, and what keeps a deviation from 0.
const MOMENTUM: f64 = 0.1;
const EPSILON: f64 = 1e-5;

/// Numbers that burn's convolution may lay out for the gradient of a kernel, for one channel: they
/// decide how many events it is given at once.
const LAID_OUT: usize = 1 << 20;

/// Batch normalisation (arXiv:1502.03167): y = γ (x − μ) / √(σ² + ε) + β with the mean and the
/// biased variance over events and places of the batch in training, elsewhere with the running
/// ones, of which the variance is unbiased.
#[derive(Module, Debug)]
pub(super) struct BatchNorm<B: Backend> {
    scale: Param<Tensor<B, 1>>,
    shift: Param<Tensor<B, 1>>,
    running_mean: RunningState<Tensor<B, 1>>,
    running_variance: RunningState<Tensor<B, 1>>,
}

impl<B: Backend> BatchNorm<B> {
    pub(super) fn new(channels: usize, start: &mut Start<'_, B>) -> Self {
        Self {
            scale: Param::from_tensor(start.tensor(Role::Scale, [channels])),
            shift: Param::from_tensor(start.tensor(Role::Shift, [channels])),
            running_mean: RunningState::new(start.tensor(Role::RunningMean, [channels])),
            running_variance: RunningState::new(start.tensor(Role::RunningVariance, [channels])),
        }
    }

    /// # Shapes
    /// `x`: `[events, channels, places]`
    fn forward(&self, x: Tensor<B, 3>, training: bool) -> Tensor<B, 3> {
        let [events, channels, places] = x.dims();
        let per_channel = |values: Tensor<B, 1>| values.reshape([1, channels, 1]);
        let (mean, variance) = if training {
            let over_all = |values: Tensor<B, 3>| values.mean_dim(2).mean_dim(0);
            let mean = over_all(x.clone());
            let variance = over_all((x.clone() - mean.clone()).square());
            let samples = (events * places) as f64;
            let unbiased = variance.clone().detach() * (samples / (samples - 1.0).max(1.0));
            let moved = |running: &RunningState<Tensor<B, 1>>, batch: Tensor<B, 3>| {
                let old = running.value_sync();
                running.update(old * (1.0 - MOMENTUM) + batch.reshape([channels]) * MOMENTUM);
            };
            moved(&self.running_mean, mean.clone().detach());
            moved(&self.running_variance, unbiased);
            (mean, variance)
        } else {
            (
                per_channel(self.running_mean.value_sync()),
                per_channel(self.running_variance.value_sync()),
            )
        };
        let scale = per_channel(self.scale.val()) / (variance + EPSILON).sqrt();
        (x - mean) * scale + per_channel(self.shift.val())
    }

    /// # Shapes
    /// `x`: `[events, channels, depth, rows, columns]`
    pub(super) fn volumes(&self, x: Tensor<B, 5>, training: bool) -> Tensor<B, 5> {
        let shape = x.dims();
        let [events, channels, depth, rows, columns] = shape;
        self.forward(x.reshape([events, channels, depth * rows * columns]), training).reshape(shape)
    }

    /// # Shapes
    /// `x`: `[events, channels]`
    pub(super) fn flat(&self, x: Tensor<B, 2>, training: bool) -> Tensor<B, 2> {
        let [events, channels] = x.dims();
        self.forward(x.reshape([events, channels, 1]), training).reshape([events, channels])
    }
}

/// A convolution without bias, with as much padding as half of its kernel.
#[derive(Module, Debug)]
pub(super) struct Convolution<B: Backend> {
    /// `[outputs, channels, kernel, kernel, kernel]`
    kernel: Param<Tensor<B, 5>>,
    stride: usize,
}

impl<B: Backend> Convolution<B> {
    pub(super) fn new(
        channels: usize,
        outputs: usize,
        size: usize,
        stride: usize,
        start: &mut Start<'_, B>,
    ) -> Self {
        let role = Role::Kernel { fan_out: outputs * size.pow(3) };
        let kernel = start.tensor(role, [outputs, channels, size, size, size]);
        Self { kernel: Param::from_tensor(kernel), stride }
    }

    #[cfg(test)]
    pub(super) fn kernel(&self) -> Tensor<B, 5> {
        self.kernel.val()
    }

    /// # Shapes
    /// `x`: `[events, channels, depth, rows, columns]`
    pub(super) fn forward(&self, x: Tensor<B, 5>) -> Tensor<B, 5> {
        let kernel = self.kernel.val();
        let padding = kernel.dims()[2] / 2;
        let convolved = |x: Tensor<B, 5>| {
            let options = ConvOptions::new([self.stride; 3], [padding; 3], [1; 3], 1);
            conv3d(x, kernel.clone(), None, options)
        };
        let [events, _, depth, rows, columns] = x.dims();
        let places: usize =
            [depth, rows, columns].map(|n| n.div_ceil(self.stride)).iter().product();
        let at_once = (LAID_OUT / (places * kernel.dims()[2].pow(3))).max(1);
        if events <= at_once {
            return convolved(x);
        }
        let blocks = (0..events)
            .step_by(at_once)
            .map(|first| convolved(x.clone().narrow(0, first, at_once.min(events - first))));
        Tensor::cat(blocks.collect(), 0)
    }
}

/// The greatest value in windows of 3 × 3 × 3 at a distance of 2, with 1 place of padding, along
/// two axes and then along the third.
///
/// # Shapes
/// `x`: `[events, channels, depth, rows, columns]`, at least 0.
pub(super) fn max_pool<B: Backend>(x: Tensor<B, 5>) -> Tensor<B, 5> {
    let [events, channels, depth, rows, columns] = x.dims();
    let layers = x.reshape([events, channels * depth, rows, columns]);
    let layers = max_pool2d(layers, [3, 3], [2, 2], [1, 1], [1, 1], false);
    let [_, _, rows, columns] = layers.dims();
    let along = layers.reshape([events, channels, depth, rows * columns]);
    let along = max_pool2d(along, [3, 1], [2, 1], [1, 0], [1, 1], false);
    let depth = along.dims()[2];
    along.reshape([events, channels, depth, rows, columns])
}

/// Two convolutions beside a way past them (arXiv:1512.03385).
#[derive(Module, Debug)]
pub(super) struct BasicBlock<B: Backend> {
    first: Convolution<B>,
    first_norm: BatchNorm<B>,
    second: Convolution<B>,
    second_norm: BatchNorm<B>,
    /// Where the shape changes.
    past: Option<Past<B>>,
}

#[derive(Module, Debug)]
struct Past<B: Backend> {
    convolution: Convolution<B>,
    norm: BatchNorm<B>,
}

impl<B: Backend> BasicBlock<B> {
    pub(super) fn new(
        channels: usize,
        outputs: usize,
        stride: usize,
        start: &mut Start<'_, B>,
    ) -> Self {
        Self {
            first: Convolution::new(channels, outputs, 3, stride, start),
            first_norm: BatchNorm::new(outputs, start),
            second: Convolution::new(outputs, outputs, 3, 1, start),
            second_norm: BatchNorm::new(outputs, start),
            past: (stride != 1 || channels != outputs).then(|| Past {
                convolution: Convolution::new(channels, outputs, 1, stride, start),
                norm: BatchNorm::new(outputs, start),
            }),
        }
    }

    #[cfg(test)]
    pub(super) fn kernel(&self) -> Tensor<B, 5> {
        self.first.kernel()
    }

    /// # Shapes
    /// `x`: `[events, channels, depth, rows, columns]`
    pub(super) fn forward(&self, x: Tensor<B, 5>, training: bool) -> Tensor<B, 5> {
        let y = relu(self.first_norm.volumes(self.first.forward(x.clone()), training));
        let y = self.second_norm.volumes(self.second.forward(y), training);
        let past = match &self.past {
            Some(past) => past.norm.volumes(past.convolution.forward(x), training),
            None => x,
        };
        relu(y + past)
    }
}
