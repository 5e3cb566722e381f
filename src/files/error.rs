use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::ExitCode;

/// Why a file could not be read or written.
#[derive(Debug, Error)]
pub enum FileError {
    #[error("there is no file `{path}`")]
    Missing { path: PathBuf },

    #[error("`{path}` is a folder, expected a file")]
    Folder { path: PathBuf },

    #[error("cannot read `{path}`")]
    Read { path: PathBuf, source: io::Error },

    #[error("`{path}` is no SHA-256 of `{name}`; expected a line as `sha256sum` writes it")]
    Checksum { path: PathBuf, name: String },

    #[error("output `{path}` exists; give `--force` to replace it")]
    Exists { path: PathBuf },

    #[error("output `{path}` is not a regular file and cannot be replaced")]
    NotAFile { path: PathBuf },

    #[error("cannot create output `{path}`")]
    Create { path: PathBuf, source: io::Error },

    #[error("no space left on the device, or over quota, while writing `{path}`")]
    DiskFull { path: PathBuf },

    #[error("cannot write `{path}`")]
    Write { path: PathBuf, source: io::Error },
}

impl FileError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Missing { .. } | Self::Folder { .. } => ExitCode::MissingInput,
            Self::Exists { .. } | Self::NotAFile { .. } | Self::Create { .. } => {
                ExitCode::CannotCreateOutput
            }
            Self::Read { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                ExitCode::MissingInput
            }
            Self::Checksum { .. } => ExitCode::BadData,
            Self::Read { .. } | Self::DiskFull { .. } | Self::Write { .. } => ExitCode::InputOutput,
        }
    }

    pub(crate) fn reading(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            io::ErrorKind::IsADirectory => Self::Folder { path },
            _ => Self::Read { path, source },
        }
    }

    pub(crate) fn creating(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::AlreadyExists => Self::Exists { path },
            kind if is_disk_full(kind) => Self::DiskFull { path },
            _ => Self::Create { path, source },
        }
    }

    pub(crate) fn writing(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if is_disk_full(source.kind()) {
            Self::DiskFull { path }
        } else {
            Self::Write { path, source }
        }
    }
}

pub(crate) fn is_disk_full(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
