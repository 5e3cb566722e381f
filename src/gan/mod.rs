//! Conditional generative adversarial networks: a generator, several critics with an objective and
//! a penalty each, and the trainer that never loses a run.

mod adam;
mod average;
mod critic;
mod generator;
pub mod objectives;
pub mod penalties;
mod plain_generator;
mod schedule;
mod shower_generator;
mod shower_head;
pub mod training;
mod view;

pub use adam::{Adam, Betas, NamedMoments};
pub use average::MovingAverage;
pub use critic::{Critic, CriticTerms};
pub use generator::{Generated, Generator};
pub use plain_generator::PlainGenerator;
pub use schedule::LearningRate;
pub use shower_generator::ShowerGenerator;
pub use view::View;
