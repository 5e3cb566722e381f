//! Unrolled GANs (arXiv:1611.02163): a generator that looks at the critic as it will be after some
//! steps of its own.

mod critic;
mod inner_optimiser;
mod settings;
mod system;
mod unrolling;

pub use settings::{GeneratorObjective, UnrolledSettings};
pub use system::Unrolled;
