//! Layers that know their forward pass and, where a gradient penalty may go through them, the
//! gradient of their output with respect to their input, written as ordinary tensor operations.
//! ∇ₓD is then a first-order graph that is differentiated once with respect to the weights.

mod activation;
mod condition;
mod dense;
mod initialisation;
mod layer;
mod layer_settings;
mod network;
mod network_settings;
mod parameter;
mod reshape;
mod residual;

pub use activation::{Activation, Elementwise};
pub use condition::ConcatenateSettings;
pub use dense::{Dense, DenseSettings};
pub use initialisation::Initialisation;
pub use layer::{
    BatchStatistics, Blueprint, LabelCotangent, Layer, Pass, Site, Trace, feature_count,
};
pub use layer_settings::LayerSettings;
pub use network::{LayerDescription, Network, output_shape};
pub use network_settings::NetworkSettings;
pub(crate) use parameter::for_each_in;
pub use parameter::{Module, Parameter, frozen, tracked};
pub use reshape::ReshapeSettings;
pub use residual::ResidualSettings;
