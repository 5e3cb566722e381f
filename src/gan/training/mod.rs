//! Training: batches, one iteration, checkpoints, the choice of the best model, and the loop that
//! can be stopped at any time and goes on as if nothing had happened.

mod checkpoint;
mod log;
mod packs;
mod run;
mod sample;
mod selection;
mod trainer;

pub use checkpoint::{BestModel, CheckpointHeader};
pub use log::{CriticLog, LogLine, PenaltyLog};
pub use run::{Observer, Outcome, RunOptions, TrainingError, train};
pub use sample::{Batch, SampleOptions, TrainingSample};
pub use selection::{Selection, SelectionFigures};
pub use trainer::{IterationTerms, Trainer};
