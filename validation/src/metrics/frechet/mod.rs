//! The Fréchet distance of the Gaussians with the samples' means and covariances.

mod distance;
mod extrapolation;
mod moments;
mod physics_distance;

pub use distance::{frechet_distance, frechet_distance_of_moments};
pub use extrapolation::{Extrapolation, extrapolate};
pub use moments::Moments;
pub use physics_distance::{
    FrechetBatches, FrechetPhysicsDistance, FrechetPhysicsSettings, frechet_physics_distance,
};
