//! The general GAN suite: systems of the literature, run on standard problems with several seeds.
//!
//! A [`Problem`] gives data and judges samples; a [`System`] is trained on them. Most systems are
//! an objective and penalties of the core's trainer, so that what wins here is a word in a
//! detector's configuration ([`systems::Adversarial`]); those with a loop of their own stand beside
//! it. The [`runner`] trains each pair in a process of its own and writes one [`Row`].

pub mod data;
pub mod exact;
pub mod extractor;
pub mod problems;
pub mod published;
pub mod report;
pub mod runner;
pub mod systems;

mod cross_entropy;
mod data_context;
mod error;
mod merge;
mod problem;
mod row;
mod system;
mod tier;

pub use data_context::DataContext;
pub use error::SuiteError;
pub use merge::merged;
pub use problem::{
    Better, ExtractorId, Headline, Problem, ProblemData, Task, general_detector,
    image_pair_detector,
};
pub use row::{DataIdentity, Row};
pub use system::{Measures, Protocol, RunOptions, Silent, System, Trained, Watch};
pub use tier::Tier;
