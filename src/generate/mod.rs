//! Events from a trained model. Event k depends on the seed and k alone.

mod energies;
mod job;
mod sampler;

pub use energies::{EnergyList, EnergyListError};
pub use job::{Energies, GenerationError, Job, generate};
pub use sampler::Sampler;
