//! Events from a trained model. Event k depends on the seed and k alone.

mod conditions;
mod energies;
pub mod engine;
mod job;
mod sampler;
mod surrogate;

pub use conditions::{ConditionError, ConditionList, ConditionSource, listed};
pub use energies::{EnergyList, EnergyListError};
pub use job::{GenerationError, Job, generate};
pub use sampler::Sampler;
pub use surrogate::Surrogate;
