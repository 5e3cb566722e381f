use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::ExitCode;
use crate::files::FileError;

/// Why data of a problem cannot be had.
#[derive(Debug, Error)]
pub enum DataError {
    #[error(transparent)]
    File(#[from] FileError),

    #[error("`{path}` is not {expected}: {problem}")]
    Format { path: PathBuf, expected: &'static str, problem: String },

    #[error("`{path}` has SHA-256 {found}, expected {expected} of {name}")]
    OtherContent { path: PathBuf, name: &'static str, found: String, expected: String },

    #[error("the data of `{name}` are not in `{folder}`; {how}")]
    NotThere { name: String, folder: PathBuf, how: String },

    #[error("there is no data set `{name}`, expected {expected}")]
    Unknown { name: String, expected: String },

    #[error("cannot fetch `{name}`: {reason}")]
    CannotFetch { name: &'static str, reason: String },

    #[error(
        "there is no folder for fetched data, as neither XDG_CACHE_HOME nor HOME is set; name one"
    )]
    NoFolder,
}

impl DataError {
    pub(super) fn format(path: &Path, expected: &'static str, problem: impl Into<String>) -> Self {
        Self::Format { path: path.to_owned(), expected, problem: problem.into() }
    }

    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::File(error) => error.exit_code(),
            Self::Format { .. } | Self::OtherContent { .. } => ExitCode::BadData,
            Self::NotThere { .. } | Self::CannotFetch { .. } => ExitCode::MissingInput,
            Self::Unknown { .. } | Self::NoFolder => ExitCode::Usage,
        }
    }
}
