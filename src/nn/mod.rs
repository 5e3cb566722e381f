//! Layers that know their forward pass and, where a gradient penalty may go through them, the
//! gradient of their output with respect to their input, written as ordinary tensor operations.
//! ∇ₓD is then a first-order graph that is differentiated once with respect to the weights.

mod activation;
mod average_pool;
mod batch_norm;
mod blocks;
mod branches;
mod condition;
mod convolution;
mod convolve;
mod dense;
mod dropout;
mod gated;
mod gathered;
mod initialisation;
mod layer;
mod layer_norm;
mod layer_settings;
mod maxout;
mod minibatch_deviation;
mod network;
mod network_settings;
pub mod operation;
mod pad;
mod parameter;
mod per_step;
mod pixel_norm;
mod projection;
mod recording;
mod recurrent;
mod repeat;
mod reshape;
mod residual;
mod shapes;
mod size;
mod softmax;
mod swish;
mod transposed_convolution;
mod upsample;
mod weight;

pub use activation::{Activation, Elementwise};
pub use average_pool::AveragePoolSettings;
pub use batch_norm::BatchNormSettings;
pub use branches::{BranchSettings, BranchesSettings};
pub use condition::ConcatenateSettings;
pub use convolution::ConvolutionSettings;
pub use dense::{Dense, DenseSettings};
pub use dropout::DropoutSettings;
pub use gated::GatedSettings;
pub use initialisation::Initialisation;
pub use layer::{
    Axes, BatchStatistics, Blueprint, LabelCotangent, Layer, Pass, Site, Trace, feature_count,
};
pub use layer_norm::{Affine, LayerNormSettings};
pub use layer_settings::LayerSettings;
pub use maxout::MaxoutSettings;
pub use minibatch_deviation::MinibatchDeviationSettings;
pub use network::{LayerDescription, Network, output_shape};
pub use network_settings::{ConditionUse, NetworkSettings};
pub use operation::{
    DenseOperation, DependsOnBatch, FrameOperation, Operation, PoolOperation, RecurrentOperation,
    RecurrentWeights, SlidingOperation, UpsampleOperation,
};
pub use pad::FrameSettings;
pub(crate) use parameter::for_each_in;
pub use parameter::{Module, Parameter, frozen, tracked};
pub use per_step::PerStepSettings;
pub use pixel_norm::PixelNormSettings;
pub use projection::ProjectionSettings;
pub use recording::{PulledBack, Recording, Tracking};
pub use recurrent::{CellState, RecurrentCell, RecurrentKind, RecurrentSettings};
pub use repeat::RepeatSettings;
pub use reshape::ReshapeSettings;
pub use residual::ResidualSettings;
pub use size::{check_layer_count, parameter_count};
pub use softmax::SoftmaxSettings;
pub use swish::SwishSettings;
pub use transposed_convolution::TransposedConvolutionSettings;
pub use upsample::UpsampleSettings;
