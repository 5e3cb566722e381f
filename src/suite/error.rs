use std::path::PathBuf;

use thiserror::Error;
use validation::ValidationError;

use crate::ExitCode;
use crate::codec::CodecError;
use crate::compute::ComputeError;
use crate::files::FileError;
use crate::settings::SettingsError;

/// Why something of the suite could not be done.
#[derive(Debug, Error)]
pub enum SuiteError {
    #[error("there is no {what} `{name}`; `showerforge suite list` shows all")]
    Unknown { what: &'static str, name: String },

    #[error("system `{system}` cannot be trained on `{problem}`: {reason}")]
    DoesNotFit { system: String, problem: String, reason: String },

    #[error("settings of `{name}`: {problem}")]
    Settings { name: String, problem: String },

    #[error("settings of `{name}`: {source}")]
    Training { name: String, source: SettingsError },

    #[error("data of `{problem}` are not there: {reason}")]
    NoData { problem: String, reason: String },

    #[error("`{path}`: {problem}")]
    BadFile { path: PathBuf, problem: String },

    #[error("the training has given {what}, which is not finite, in iteration {iteration}")]
    Diverged { what: String, iteration: u64 },

    #[error("{failed} of {runs} runs have failed; their errors are in `{rows}`")]
    RunsFailed { failed: usize, runs: usize, rows: PathBuf },

    #[error("nothing to run: {reason}")]
    NothingToRun { reason: String },

    #[error("stopped early; the same command goes on")]
    Stopped,

    #[error("cannot start a process for a run")]
    Process { source: std::io::Error },

    #[error(transparent)]
    Codec(#[from] CodecError),

    #[error(transparent)]
    Compute(#[from] ComputeError),

    #[error(transparent)]
    File(#[from] FileError),

    #[error(transparent)]
    Validation(#[from] ValidationError),
}

impl SuiteError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Unknown { .. } | Self::DoesNotFit { .. } | Self::NothingToRun { .. } => {
                ExitCode::Usage
            }
            Self::Settings { .. } | Self::Training { .. } | Self::Compute(_) => {
                ExitCode::BadConfiguration
            }
            Self::NoData { .. } => ExitCode::MissingInput,
            Self::BadFile { .. } | Self::Validation(_) => ExitCode::BadData,
            Self::Stopped => ExitCode::StoppedEarly,
            Self::Diverged { .. } | Self::RunsFailed { .. } | Self::Process { .. } => {
                ExitCode::Unexpected
            }
            Self::Codec(error) => error.exit_code(),
            Self::File(error) => error.exit_code(),
        }
    }
}
