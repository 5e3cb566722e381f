//! What only the generator itself can tell: which latent point comes closest to an event, how it
//! stretches its latent space, and how smoothly it interpolates.

mod cholesky;
mod generator;
mod interpolation;
mod inversion;
mod jacobian;
mod principal_directions;
mod reconstruction_error;

pub(crate) use cholesky::Cholesky;
pub use generator::{Generator, GeneratorFunction};
pub use interpolation::{
    InterpolationLength, InterpolationPath, interpolation_length, perceptual_path_length,
};
pub use inversion::{Inversion, InversionSettings, invert};
pub use jacobian::{JacobianSpectrum, jacobian, jacobian_spectrum};
pub use principal_directions::{PrincipalDirections, principal_directions};
pub use reconstruction_error::{ReconstructionErrors, reconstruction_errors};
