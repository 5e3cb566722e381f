use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::ExitCode;
use crate::files::FileError;

/// Why a production cannot be planned.
#[derive(Debug, Error)]
pub enum PlanError {
    #[error(transparent)]
    File(#[from] FileError),

    #[error("cannot run `{program}`")]
    Run { program: String, source: io::Error },

    #[error("a trial of `showerforge generate` has failed: {message}")]
    Trial { message: String, code: Option<i32> },

    #[error(
        "{path:?} cannot be written into the files of a batch system: expected UTF-8 without control characters"
    )]
    Path { path: PathBuf },

    #[error("`{0}` is no name of a run: expected letters, digits, `.`, `-` and `_`")]
    RunName(String),

    #[error("no events to generate: `--nevents` must be at least 1")]
    NoEvents,

    #[error(
        "the number of the last event does not fit 64 bits: first event {first}, {events} events"
    )]
    TooManyEvents { first: u64, events: u64 },
}

impl PlanError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::File(error) => error.exit_code(),
            Self::Run { .. } => ExitCode::MissingInput,
            // What is wrong with the job is wrong with its plan.
            Self::Trial { code, .. } => ExitCode::ALL
                .into_iter()
                .find(|known| Some(i32::from(known.number())) == *code)
                .filter(|known| *known != ExitCode::Success)
                .unwrap_or(ExitCode::Unexpected),
            Self::Path { .. } | Self::RunName(_) | Self::NoEvents | Self::TooManyEvents { .. } => {
                ExitCode::Usage
            }
        }
    }
}
