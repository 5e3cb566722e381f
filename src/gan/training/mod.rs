//! Training: batches, one iteration, checkpoints, the choice of the best model, and the loop that
//! can be stopped at any time, even killed, and goes on as if nothing had happened.

mod checkpoint;
mod collapse;
mod draw;
mod error;
mod folder;
mod log;
mod observables;
mod packs;
pub(crate) mod page;
mod retention;
mod roll_back;
mod run;
mod sample;
mod selection;
mod tensorboard;
mod terms;
mod trainer;
mod trial;
mod trouble;
mod watch;

pub use checkpoint::{BestModel, CheckpointHeader};
pub use error::TrainingError;
pub use log::{CriticLog, EventKind, EventLine, History, LogLine, PenaltyLog};
pub use run::{Observer, Outcome, RunOptions, train};
pub use sample::{Batch, SampleOptions, TrainingSample};
pub use selection::{Evaluation, Selection, SelectionFigures};
pub use terms::IterationTerms;
pub use trainer::Trainer;
pub use trial::{NetworkSummary, Trial};
pub use trouble::Trouble;
