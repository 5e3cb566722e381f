//! Layers that know their forward pass and, where a gradient penalty may go through them, the
//! gradient of their output with respect to their input, written as ordinary tensor operations.
//! ∇ₓD is then a first-order graph that is differentiated once with respect to the weights.

mod activation;
mod linear;
mod multilayer_perceptron;
mod parameter;

pub use activation::Activation;
pub use linear::{Initialisation, Linear};
pub use multilayer_perceptron::{MultilayerPerceptron, Trace};
pub(crate) use parameter::for_each_in;
pub use parameter::{Module, Parameter, frozen, tracked};
