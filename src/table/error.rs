use std::path::PathBuf;

use thiserror::Error;

use crate::ExitCode;
use crate::events::EventsError;
use crate::files::FileError;

/// Why a table cannot be written.
#[derive(Debug, Error)]
pub enum TableError {
    #[error(
        "`{path}` does not say its format, expected a name that ends in `.h5`, `.hdf5`, `.csv` or \
         `.json`"
    )]
    Format { path: PathBuf },

    #[error(transparent)]
    File(#[from] FileError),

    #[error(transparent)]
    Hdf5(#[from] EventsError),
}

impl TableError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Format { .. } => ExitCode::Usage,
            Self::File(error) => error.exit_code(),
            Self::Hdf5(error) => error.exit_code(),
        }
    }
}
