use super::geometry::{FrameOperation, PoolOperation, SlidingOperation, UpsampleOperation};
use super::recurrent::RecurrentOperation;
use crate::nn::Elementwise;
use crate::nn::feature_count;

/// A step of a network as it is after the training, with plain numbers.
///
/// The features of an event are flat between operations; images and grids are
/// `[channels, (depth,) rows, columns]`, row-major, and a "place" is a pixel or cell of a channel:
/// feature = channel · places + place. Flat features are channels of one place. Layers that only
/// change shapes, and those that do nothing outside of training, give no operation.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// y = x W + b.
    Dense(DenseOperation),
    /// y_i = f(x_i).
    Elementwise(Elementwise),
    /// y = x σ(α x), σ the logistic function: one α for each channel of `places` places, or a
    /// single one for all features.
    Swish {
        slope: Vec<f32>,
        places: usize,
    },
    /// y = scale · x + shift, one pair for each channel of `places` places: batch norm with its
    /// running statistics, computed in 64 bits and rounded once.
    ChannelAffine {
        scale: Vec<f32>,
        shift: Vec<f32>,
        places: usize,
    },
    /// y = scale · (x − μ) / √(σ² + ε) + shift, μ and the biased variance σ² over all features of
    /// an event; one scale and shift for each group of `places` neighbouring features.
    LayerNorm {
        scale: Vec<f32>,
        shift: Vec<f32>,
        places: usize,
        epsilon: f64,
    },
    /// y = x / √(⟨x²⟩ + ε), the mean over the channels at each place.
    PixelNorm {
        channels: usize,
        places: usize,
        epsilon: f64,
    },
    /// y_i = exp x_i / Σ_j exp x_j over all features.
    Softmax,
    /// y = (x, c): the conditions, or their embedding c E, behind the `features`; each of the
    /// `width` numbers is a channel that is constant over `places`.
    Concatenate {
        embedding: Option<DenseOperation>,
        features: usize,
        width: usize,
        places: usize,
    },
    /// y = x w + b + x · (c V), a single number; V is the embedding of the conditions.
    Projection {
        score: DenseOperation,
        embedding: DenseOperation,
    },
    /// From the wide to the narrow side.
    Convolution(SlidingOperation),
    /// From the narrow to the wide side.
    TransposedConvolution(SlidingOperation),
    AveragePool(PoolOperation),
    Upsample(UpsampleOperation),
    /// From the inner to the outer shape, with zeros around.
    Pad(FrameOperation),
    /// From the outer to the inner shape.
    Crop(FrameOperation),
    /// y = f(a) σ(b), a the first `half` features and b as many behind them; f is tanh or the
    /// identity.
    Gated {
        half: usize,
        tanh: bool,
    },
    /// y = max over each group of `pieces` neighbouring channels.
    ///
    /// # Shapes
    /// `[channels, pieces, places]` to `[channels, places]`.
    Maxout {
        channels: usize,
        pieces: usize,
        places: usize,
    },
    /// y = (f₁(x), f₂(x), …).
    Branches(Vec<Vec<Operation>>),
    /// y = s(x) + f(x), f the `body`; s is the identity where the `shortcut` is empty.
    Residual {
        body: Vec<Operation>,
        shortcut: Vec<Operation>,
    },
    Recurrent(RecurrentOperation),
    /// The operations inside on the `features` of every step alone, with the conditions of the
    /// event.
    ///
    /// # Shapes
    /// `[steps, features]` to `[steps, outputs]`.
    PerStep {
        steps: usize,
        features: usize,
        inside: Vec<Operation>,
    },
    /// One channel of `places` places more, the mean over the features of their standard deviations
    /// over the batch. It cannot be had for one event alone.
    MinibatchDeviation {
        features: usize,
        places: usize,
    },
}

/// y = x W + b.
#[derive(Debug, Clone, PartialEq)]
pub struct DenseOperation {
    pub inputs: usize,
    pub outputs: usize,
    /// `[inputs, outputs]`, row-major; already divided by its largest singular value where the
    /// layer has spectral normalisation.
    pub weight: Vec<f32>,
    /// `[outputs]`; zeros where the layer has none.
    pub bias: Vec<f32>,
}

impl Operation {
    /// The name of the layer's kind in the settings.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Dense(_) => "dense",
            Self::Elementwise(Elementwise::Rectifier { slope: 0.0 }) => "relu",
            Self::Elementwise(Elementwise::Rectifier { .. }) => "leaky-relu",
            Self::Elementwise(Elementwise::Silu) => "silu",
            Self::Elementwise(Elementwise::Gelu) => "gelu",
            Self::Elementwise(Elementwise::Tanh) => "tanh",
            Self::Elementwise(Elementwise::Sigmoid) => "sigmoid",
            Self::Swish { .. } => "swish",
            Self::ChannelAffine { .. } => "batch-norm",
            Self::LayerNorm { .. } => "layer-norm",
            Self::PixelNorm { .. } => "pixel-norm",
            Self::Softmax => "softmax",
            Self::Concatenate { .. } => "concatenate",
            Self::Projection { .. } => "projection",
            Self::Convolution(sliding) if sliding.kernel.len() == 2 => "convolution-2d",
            Self::Convolution(_) => "convolution-3d",
            Self::TransposedConvolution(sliding) if sliding.kernel.len() == 2 => {
                "transposed-convolution-2d"
            }
            Self::TransposedConvolution(_) => "transposed-convolution-3d",
            Self::AveragePool(_) => "average-pool",
            Self::Upsample(_) => "upsample",
            Self::Pad(_) => "pad",
            Self::Crop(_) => "crop",
            Self::Gated { .. } => "gated",
            Self::Maxout { .. } => "maxout",
            Self::Branches(_) => "branches",
            Self::Residual { .. } => "residual",
            Self::Recurrent(recurrent) => recurrent.kind.name(),
            Self::PerStep { .. } => "per-step",
            Self::MinibatchDeviation { .. } => "minibatch-deviation",
        }
    }

    /// Features behind it, for so many in front.
    pub fn output_width(&self, input: usize) -> usize {
        match self {
            Self::Dense(dense) => dense.outputs,
            Self::Elementwise(_)
            | Self::Swish { .. }
            | Self::ChannelAffine { .. }
            | Self::LayerNorm { .. }
            | Self::PixelNorm { .. }
            | Self::Softmax => input,
            Self::Concatenate { features, width, places, .. } => features + width * places,
            Self::Projection { .. } => 1,
            Self::Convolution(sliding) => feature_count(&sliding.narrow),
            Self::TransposedConvolution(sliding) => feature_count(&sliding.wide),
            Self::AveragePool(pool) => feature_count(&pool.output),
            Self::Upsample(upsample) => feature_count(&upsample.output()),
            Self::Pad(frame) => feature_count(&frame.outer()),
            Self::Crop(frame) => feature_count(&frame.inner),
            Self::Gated { half, .. } => *half,
            Self::Maxout { channels, places, .. } => channels * places,
            Self::Branches(branches) => {
                branches.iter().map(|branch| Self::width_behind(branch, input)).sum()
            }
            Self::Residual { body, .. } => Self::width_behind(body, input),
            Self::Recurrent(recurrent) => recurrent.steps * recurrent.outputs(),
            Self::PerStep { steps, features, inside } => {
                steps * Self::width_behind(inside, *features)
            }
            Self::MinibatchDeviation { features, places } => features + places,
        }
    }

    /// Features behind all operations, for so many in front.
    pub fn width_behind(operations: &[Self], input: usize) -> usize {
        operations.iter().fold(input, |width, operation| operation.output_width(width))
    }
}
