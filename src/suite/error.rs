use std::path::PathBuf;

use thiserror::Error;
use validation::ValidationError;

use crate::ExitCode;
use crate::codec::CodecError;
use crate::compute::ComputeError;
use crate::files::FileError;
use crate::model::ModelFileError;
use crate::settings::SettingsError;
use crate::suite::data::DataError;

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

    #[error("samples for `{problem}` {reason}")]
    Samples { problem: String, reason: String },

    #[error("`{path}`: {problem}")]
    BadFile { path: PathBuf, problem: String },

    #[error("the training has given {what}, which is not finite, in iteration {iteration}")]
    Diverged { what: String, iteration: u64 },

    #[error("{failed} of {runs} runs have failed; their errors are in `{rows}`")]
    RunsFailed { failed: usize, runs: usize, rows: PathBuf },

    #[error("checks of the exact tier have failed; they are marked in `{file}`")]
    ChecksFailed { file: PathBuf },

    #[error("nothing to run: {reason}")]
    NothingToRun { reason: String },

    #[error("the report cannot be drawn: {0}")]
    Report(String),

    #[error("stopped early; the same command goes on")]
    Stopped,

    #[error("cannot start a process for a run")]
    Process { source: std::io::Error },

    #[error(transparent)]
    Data(#[from] DataError),

    #[error(transparent)]
    Extractor(#[from] ModelFileError),

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
            Self::BadFile { .. } | Self::Samples { .. } | Self::Validation(_) => ExitCode::BadData,
            Self::Stopped => ExitCode::StoppedEarly,
            Self::Diverged { .. }
            | Self::ChecksFailed { .. }
            | Self::Report(_)
            | Self::RunsFailed { .. }
            | Self::Process { .. } => ExitCode::Unexpected,
            Self::Data(error) => error.exit_code(),
            Self::Extractor(error) => error.exit_code(),
            Self::Codec(error) => error.exit_code(),
            Self::File(error) => error.exit_code(),
        }
    }
}
