use std::path::PathBuf;

use thiserror::Error;
use validation::ValidationError;

use super::trouble::Trouble;
use crate::ExitCode;
use crate::codec::CodecError;
use crate::files::FileError;
use crate::model::ModelFileError;

/// Why a training stopped without a result.
#[derive(Debug, Error)]
pub enum TrainingError {
    #[error(transparent)]
    File(#[from] FileError),

    #[error(transparent)]
    Model(#[from] ModelFileError),

    #[error(transparent)]
    Codec(#[from] CodecError),

    #[error("cannot compute the figure that the best model is chosen by: {0}")]
    Selection(#[from] ValidationError),

    #[error("cannot write the log `{path}`")]
    Log { path: PathBuf, source: std::io::Error },

    #[error(
        "folder `{path}` holds a training already; give `--resume` to go on with it, or `--force` to begin anew"
    )]
    Exists { path: PathBuf },

    #[error("another training is running in folder `{path}`")]
    InUse { path: PathBuf },

    #[error("nothing to resume: there is no checkpoint `{path}`")]
    NoCheckpoint { path: PathBuf },

    #[error("cannot resume from `{path}`: its {what} differs from that of this command")]
    Mismatch { path: PathBuf, what: &'static str },

    #[error(
        "training diverged at iteration {iteration}{}: {trouble}; {}; {}",
        after(*.roll_backs),
        what_is_left(*.checkpoint),
        .trouble.advice()
    )]
    Diverged {
        iteration: u64,
        trouble: Trouble,
        roll_backs: u64,
        /// Iteration of the last checkpoint.
        checkpoint: Option<u64>,
    },

    #[error("stopped by a signal at iteration {iteration}; the state is saved, `--resume` goes on")]
    Stopped { iteration: u64 },
}

fn after(roll_backs: u64) -> String {
    match roll_backs {
        0 => String::new(),
        1 => " after a roll-back".to_owned(),
        n => format!(" after {n} roll-backs"),
    }
}

fn what_is_left(checkpoint: Option<u64>) -> String {
    match checkpoint {
        Some(iteration) => format!("the last checkpoint, of iteration {iteration}, is from before"),
        None => "there was no checkpoint yet".to_owned(),
    }
}

impl TrainingError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::File(error) => error.exit_code(),
            Self::Model(error) => error.exit_code(),
            Self::Codec(error) => error.exit_code(),
            Self::Selection(_) => ExitCode::BadData,
            Self::Log { .. } => ExitCode::InputOutput,
            Self::Exists { .. } | Self::InUse { .. } => ExitCode::CannotCreateOutput,
            Self::NoCheckpoint { .. } => ExitCode::MissingInput,
            Self::Mismatch { .. } => ExitCode::BadConfiguration,
            Self::Diverged { .. } => ExitCode::Unexpected,
            Self::Stopped { .. } => ExitCode::StoppedEarly,
        }
    }
}
