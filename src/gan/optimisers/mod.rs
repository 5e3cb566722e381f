//! Optimisers over the named parameters of a module, one a file: the rule of each for one
//! parameter, on the host for the CPU and as tensor operations elsewhere.

mod adam;
mod gradients;
mod optimiser;
mod rmsprop;
mod sgd;

pub use gradients::ParameterGradients;
pub use optimiser::{Optimiser, OptimiserSettings, OptimiserState};
