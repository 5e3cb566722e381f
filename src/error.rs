//! The library's error, and the exit code each error leads to.

use thiserror::Error;

use crate::ExitCode;
use crate::events::EventsError;
use crate::files::FileError;

/// Why a command failed. Each module has an error of its own; this one only brings them together.
///
/// The texts are fragments that fit after "failed to …: ".
#[derive(Debug, Error)]
pub enum Error {
    #[error(transparent)]
    Events(#[from] EventsError),

    #[error(transparent)]
    File(#[from] FileError),

    #[error(transparent)]
    Detector(#[from] detectors::DetectorError),
}

impl Error {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Events(error) => error.exit_code(),
            Self::File(error) => error.exit_code(),
            Self::Detector(_) => ExitCode::BadConfiguration,
        }
    }
}
