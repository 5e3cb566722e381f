use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use crate::ExitCode;
use crate::files::FileError;

use super::{BadValue, LayoutError};

/// Why a file of events cannot be used or written.
#[derive(Debug, Error)]
pub enum EventsError {
    #[error(transparent)]
    File(#[from] FileError),

    #[error("`{path}` is not an HDF5 file: {found}")]
    NotHdf5 { path: PathBuf, found: String },

    #[error("`{path}` is truncated: {reason}; copy or make it again")]
    Truncated { path: PathBuf, reason: String },

    #[error("`{path}` is locked: another program is still writing it")]
    Locked { path: PathBuf },

    #[error("data set `{dataset}` of `{path}` is damaged: {reason}; copy or make the file again")]
    Damaged { path: PathBuf, dataset: String, reason: String },

    #[error("`{path}` is damaged: {reason}; copy or make it again")]
    Structure { path: PathBuf, reason: String },

    #[error(
        "data set `{dataset}` of `{path}` is stored {found}, which is not read here; copy it to one file with gzip"
    )]
    Storage { path: PathBuf, dataset: String, found: String },

    #[error("`{path}` has no data set `{dataset}`; it holds {found}")]
    MissingDataset { path: PathBuf, dataset: String, found: String },

    #[error("data set `{dataset}` of `{path}` has shape {found}, expected {expected}")]
    Shape { path: PathBuf, dataset: String, found: String, expected: String },

    #[error("data set `{dataset}` of `{path}` has type {found}, expected integers or floats")]
    Type { path: PathBuf, dataset: String, found: String },

    #[error(
        "data set `{dataset}` of `{path}` has {found} events and `{response}` {expected}, expected as many"
    )]
    Lengths { path: PathBuf, dataset: String, found: usize, response: String, expected: usize },

    #[error("`{path}` has no events")]
    NoEvents { path: PathBuf },

    #[error(
        "events of `{path}` have {found} values, but detector `{detector}` has {expected}; {hint}"
    )]
    ValueCount { path: PathBuf, detector: String, expected: usize, found: usize, hint: String },

    #[error("data set `{}` of `{path}` has {}: {} in event {}{}{}",
        bad.dataset, bad.kind, bad.value, bad.event,
        bad.place.as_ref().map(|place| format!(", {place}")).unwrap_or_default(),
        also(bad.count))]
    BadValue { path: PathBuf, bad: Box<BadValue> },

    #[error(transparent)]
    Layout(#[from] LayoutError),

    #[error("`{pattern}` names no files: {problem}")]
    Pattern { pattern: String, problem: String },

    #[error("`{path}` does not look like MeV: {evidence}; {advice}")]
    Units { path: PathBuf, evidence: String, advice: String },

    #[error("events {start}..{end} of `{path}` do not exist: it has {len}")]
    Range { path: PathBuf, start: usize, end: usize, len: usize },

    #[error(
        "conditions of shape {conditions:?} and values of shape {values:?} for `{path}`, expected \
         as many rows, of {} and {} columns",
        expected.0, expected.1
    )]
    Block {
        path: PathBuf,
        conditions: (usize, usize),
        values: (usize, usize),
        expected: (usize, usize),
    },

    #[error("cannot {action} `{path}`: {reason}")]
    Hdf5 { path: PathBuf, action: &'static str, reason: String, writing: bool },
}

impl EventsError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::File(error) | Self::Layout(LayoutError::File(error)) => error.exit_code(),
            Self::Layout(_) => ExitCode::BadConfiguration,
            Self::Pattern { .. } => ExitCode::MissingInput,
            Self::Locked { .. } | Self::Hdf5 { writing: true, .. } => ExitCode::InputOutput,
            Self::Block { .. } | Self::Range { .. } => ExitCode::Unexpected,
            _ => ExitCode::BadData,
        }
    }
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadValueKind {
    NotFinite,
    Negative,
    /// An incident energy of 0: nothing can be generated or compared at no energy.
    Zero,
    /// Not one of so many categories.
    NoCategory(usize),
}

impl fmt::Display for BadValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite => f.write_str("a value that is not finite"),
            Self::Negative => f.write_str("a negative value"),
            Self::Zero => f.write_str("a value of zero, which has no logarithm"),
            Self::NoCategory(count) => {
                write!(f, "a category that is no whole number of 0 to {}", count - 1)
            }
        }
    }
}

fn also(count: usize) -> String {
    if count > 1 { format!(" (the first of {count} such values)") } else { String::new() }
}
