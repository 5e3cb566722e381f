//! Events from a trained model. Event k depends on the seed and k alone.

mod condition_source;
mod conditions;
mod embedded;
mod energies;
pub mod engine;
mod error;
mod existing;
mod job;
mod out_of_range;
mod output_name;
mod possible;
mod production;
mod record;
mod resume;
mod sampled_range;
mod sampler;
mod surrogate;
mod task;
mod verify;

pub use condition_source::{ConditionFiles, ConditionSource, GivenConditions};
pub use conditions::{ConditionError, ConditionList, ConditionValues, EnergyChoice, listed};
pub use embedded::{EmbeddedError, EmbeddedSurrogate, EventNumbers};
pub use energies::{EnergyList, EnergyListError};
pub use error::GenerationError;
pub use job::{Job, JobObserver, Outcome, generate};
pub use out_of_range::OutOfTraining;
pub use output_name::{NameError, NameParts, check_run, is_folder, output_path, run_of};
pub use possible::{ImpossibleRequest, check_event_numbers, check_possible};
pub use production::{EventSpan, GAPS, MergeChoice, Production, ProductionError, check_companions};
pub use record::{RecordedOutput, forget_companions, record_path};
pub use resume::kept_path;
pub use sampled_range::{RangeError, SampledEnergies, SampledRange, Spread};
pub use sampler::Sampler;
pub use surrogate::Surrogate;
pub use task::{Task, TaskChoice, TaskError};
pub use verify::{Regenerated, Verification, verify};
