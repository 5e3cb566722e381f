use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use crate::ExitCode;
use crate::files::FileError;

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
    Damaged { path: PathBuf, dataset: &'static str, reason: String },

    #[error("`{path}` has no data set `{dataset}`; it holds {found}")]
    MissingDataset { path: PathBuf, dataset: &'static str, found: String },

    #[error("data set `{dataset}` of `{path}` has shape {found}, expected {expected}")]
    Shape { path: PathBuf, dataset: &'static str, found: String, expected: String },

    #[error("data set `{dataset}` of `{path}` has type {found}, expected integers or floats")]
    Type { path: PathBuf, dataset: &'static str, found: String },

    #[error("`{path}` has {energies} incident energies and {showers} showers, expected as many")]
    Lengths { path: PathBuf, energies: usize, showers: usize },

    #[error("`{path}` has no events")]
    NoEvents { path: PathBuf },

    #[error(
        "showers of `{path}` have {found} voxels, but detector `{detector}` has {expected}; {hint}"
    )]
    VoxelCount { path: PathBuf, detector: String, expected: usize, found: usize, hint: String },

    #[error("data set `{dataset}` of `{path}` has {kind}: {value} in event {event}{}{}",
        voxel.map(|voxel| format!(", voxel {voxel}")).unwrap_or_default(),
        also(*count))]
    BadValue {
        path: PathBuf,
        dataset: &'static str,
        kind: BadValueKind,
        value: f64,
        /// Counted from 0.
        event: usize,
        /// Flat index, counted from 0.
        voxel: Option<usize>,
        /// How many such values the data set has.
        count: usize,
    },

    #[error("`{path}` does not look like MeV: {evidence}; {advice}")]
    Units { path: PathBuf, evidence: String, advice: String },

    #[error("events {start}..{end} of `{path}` do not exist: it has {len}")]
    Range { path: PathBuf, start: usize, end: usize, len: usize },

    #[error(
        "{energies} incident energies and {rows} showers of {found} voxels for `{path}`, \
         expected as many energies as showers, of {expected} voxels"
    )]
    Block { path: PathBuf, energies: usize, rows: usize, found: usize, expected: usize },

    #[error("cannot {action} `{path}`: {reason}")]
    Hdf5 { path: PathBuf, action: &'static str, reason: String, writing: bool },
}

impl EventsError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::File(error) => error.exit_code(),
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
}

impl BadValueKind {
    /// What is wrong with an energy, if anything; 0 is a good energy of a voxel.
    pub(super) fn of(energy: f64) -> Option<Self> {
        if !energy.is_finite() {
            Some(Self::NotFinite)
        } else if energy < 0.0 {
            Some(Self::Negative)
        } else {
            None
        }
    }
}

impl fmt::Display for BadValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFinite => "a value that is not finite",
            Self::Negative => "a negative energy",
            Self::Zero => "an energy of zero",
        })
    }
}

fn also(count: usize) -> String {
    if count > 1 { format!(" (the first of {count} such values)") } else { String::new() }
}
