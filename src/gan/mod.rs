//! Conditional generative adversarial networks: a generator, several critics with an objective and
//! penalties each, and the trainer that never loses a run.

mod auxiliary;
mod average;
mod critic;
mod critic_batch;
mod generator;
mod noise;
pub mod objectives;
mod observables;
pub mod optimisers;
pub mod penalties;
mod plain_generator;
mod program;
mod schedule;
mod shower_generator;
mod shower_head;
mod size;
pub mod training;
mod view;

pub use auxiliary::{Auxiliary, Matching, RegressionLoss};
pub use average::MovingAverage;
pub use critic::Critic;
pub use critic_batch::{CriticBatch, CriticTerms, Side};
pub use generator::{Generated, Generator};
pub use noise::Noise;
pub use observables::{Observable, ObservableMap};
pub use optimisers::{Optimiser, OptimiserSettings};
pub use plain_generator::PlainGenerator;
pub use program::{EventSums, GeneratorProgram, Head, ShowerProgram};
pub use schedule::{Change, Progress, Schedule};
pub use shower_generator::ShowerGenerator;
pub use shower_head::HeadKind;
pub use view::{Sight, View};
