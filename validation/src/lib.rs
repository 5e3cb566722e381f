//! Physics observables, statistical tests, classifiers and reports for generated events of any
//! detector: showers, Cherenkov rings, tables, radio maps.

pub mod classifier;
mod compare;
mod error;
pub mod metrics;
pub mod observables;
pub mod physics;
pub mod plots;
mod progress;
mod random;
pub mod report;
mod sample;
pub mod selection;
pub mod tests;
pub mod thresholds;

pub use compare::{
    ClassifierChoice, Generated, Topic, ValidationSettings, condition_checks, validate,
};
pub use error::ValidationError;
pub use progress::{Progress, Silent};
pub use sample::{DiscreteEnergy, Sample, SampleBuilder, SampleOptions};
