//! Events from a trained model. Event k depends on the seed and k alone.

mod conditions;
mod embedded;
mod energies;
mod job;
mod possible;
mod sampler;
mod surrogate;

pub use conditions::{ConditionError, ConditionList, ConditionSource, listed};
pub use embedded::{EmbeddedError, EmbeddedSurrogate, EventNumbers};
pub use energies::{EnergyList, EnergyListError};
pub use job::{GenerationError, Job, generate};
pub use possible::{ImpossibleRequest, check_event_numbers, check_possible};
pub use sampler::Sampler;
pub use surrogate::Surrogate;
