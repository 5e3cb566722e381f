//! The library's error, and the exit code each error leads to.

use std::path::PathBuf;

use thiserror::Error;
use validation::ValidationError;
use validation::plots::PlotError;
use validation::report::{CompareError, ReportError};

use crate::ExitCode;
use crate::codec::CodecError;
use crate::compute::ComputeError;
use crate::events::EventsError;
use crate::export::ExportError;
use crate::files::FileError;
use crate::gan::training::TrainingError;
use crate::generate::{GenerationError, ProductionError};
use crate::model::ModelFileError;
use crate::plan::PlanError;
use crate::settings::SettingsError;
use crate::suite::SuiteError;
use crate::table::TableError;

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

    #[error("`{path}`: {source}")]
    DetectorFile { path: PathBuf, source: detectors::DetectorError },

    #[error(
        "the detector is not known; give `--detector` (see `showerforge detectors`) or `--geometry`"
    )]
    NoDetector,

    #[error("`{option}` is given {found} times, expected once for each of {expected} samples")]
    Counts { option: &'static str, found: usize, expected: usize },

    #[error("`{path}`: `{condition}` is distributed otherwise than the reference's: {difference}")]
    DifferentConditions { path: PathBuf, condition: String, difference: String },

    #[error("`{path}` has no events at the conditions of the reference")]
    NoCommonConditions { path: PathBuf },

    #[error("detector `{detector}` has no incident energy to leave out")]
    NoIncidentEnergy { detector: String },

    #[error("the validation files have no events at {energy} MeV")]
    NoEventsAt { energy: String },

    #[error(
        "there are {energies} incident energies, none to leave out by default; give `--energy`"
    )]
    NoInnerEnergies { energies: usize },
    #[error("no observable of detector `{detector}` is called `{name}`; `--list` shows all")]
    NoObservable { detector: String, name: String },

    #[error("the number of the last event does not fit 64 bits")]
    TooManyEvents,

    #[error(transparent)]
    Compute(#[from] ComputeError),

    #[error("`{path}`: {source}")]
    Settings { path: PathBuf, source: SettingsError },

    #[error(transparent)]
    Codec(#[from] CodecError),

    #[error(transparent)]
    Model(#[from] ModelFileError),

    #[error(transparent)]
    Training(#[from] TrainingError),

    #[error(transparent)]
    Generation(#[from] GenerationError),

    #[error(transparent)]
    Production(#[from] ProductionError),

    #[error(transparent)]
    Export(#[from] ExportError),

    #[error(transparent)]
    Validation(#[from] ValidationError),

    #[error(transparent)]
    Report(#[from] ReportError),

    #[error("`{path}`: {source}")]
    ReportFile { path: PathBuf, source: ReportError },

    #[error(transparent)]
    Compare(#[from] CompareError),

    #[error(transparent)]
    Plot(#[from] PlotError),

    #[error(transparent)]
    Table(#[from] TableError),

    #[error(transparent)]
    Plan(#[from] PlanError),

    #[error(transparent)]
    Suite(#[from] SuiteError),
}

impl Error {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Events(error) => error.exit_code(),
            Self::File(error) => error.exit_code(),
            Self::Codec(error) => error.exit_code(),
            Self::Validation(_)
            | Self::DifferentConditions { .. }
            | Self::NoCommonConditions { .. }
            | Self::ReportFile { .. }
            | Self::Compare(_) => ExitCode::BadData,
            Self::NoIncidentEnergy { .. } | Self::NoEventsAt { .. } => ExitCode::BadData,
            Self::Counts { .. }
            | Self::NoInnerEnergies { .. }
            | Self::NoDetector
            | Self::NoObservable { .. }
            | Self::TooManyEvents => ExitCode::Usage,
            Self::Report(_) => ExitCode::InputOutput,
            Self::Plot(_) => ExitCode::Unexpected,
            Self::Table(error) => error.exit_code(),
            Self::Plan(error) => error.exit_code(),
            Self::Suite(error) => error.exit_code(),
            Self::Model(error) => error.exit_code(),
            Self::Training(error) => error.exit_code(),
            Self::Generation(error) => error.exit_code(),
            Self::Production(error) => error.exit_code(),
            Self::Export(error) => error.exit_code(),
            Self::Detector(_)
            | Self::DetectorFile { .. }
            | Self::Compute(_)
            | Self::Settings { .. } => ExitCode::BadConfiguration,
        }
    }
}
