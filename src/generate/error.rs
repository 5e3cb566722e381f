use std::path::PathBuf;

use thiserror::Error;

use super::conditions::ConditionError;
use super::out_of_range::OutOfTraining;
use super::output_name::NameError;
use super::task::TaskError;
use crate::ExitCode;
use crate::codec::CodecError;
use crate::events::EventsError;
use crate::files::FileError;

/// Why events cannot be generated.
#[derive(Debug, Error)]
pub enum GenerationError {
    #[error(transparent)]
    Events(#[from] EventsError),

    #[error(transparent)]
    File(#[from] FileError),

    #[error(transparent)]
    Conditions(#[from] ConditionError),

    #[error(transparent)]
    Codec(#[from] CodecError),

    #[error(transparent)]
    Task(#[from] TaskError),

    #[error(transparent)]
    Name(#[from] NameError),

    #[error(
        "the files of `--conditions` have {available} events; events {first} to {last} were asked for"
    )]
    TooFewConditions { available: u64, first: u64, last: u64 },

    #[error("condition `{dataset}` has {what}")]
    Condition { dataset: String, what: String },

    #[error("{}; leave out `--strict` to generate them", listed(.0))]
    OutOfTraining(Vec<OutOfTraining>),

    #[error("no events to generate: `--nevents` must be at least 1")]
    NoEvents,

    #[error(
        "the number of the last event does not fit 64 bits: first event {first}, {events} events"
    )]
    TooManyEvents { first: u64, events: u64 },

    #[error(
        "output `{path}` exists and was made with other settings: {differences}; give another `--output`, or `--force` to replace it"
    )]
    OtherSettings { path: PathBuf, differences: String },

    #[error(
        "output `{path}` exists and is not a whole file of these events: {reason}; remove it, or give `--force` to replace it"
    )]
    BrokenOutput { path: PathBuf, reason: String },

    #[error(
        "weights of precision {precision} are for the CPU, and for networks whose events do not depend on each other; leave out `--precision`"
    )]
    NoPrecision { precision: &'static str },

    #[error("stopped by a signal after {done} of {total} events; {}", how_to_go_on(.kept))]
    Stopped { done: u64, total: u64, kept: Option<PathBuf> },
}

fn listed(outside: &[OutOfTraining]) -> String {
    outside.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn how_to_go_on(kept: &Option<PathBuf>) -> String {
    match kept {
        Some(kept) => {
            format!(
                "they are kept in `{}`, and the same command goes on from there",
                kept.display()
            )
        }
        None => "the same command starts again".to_owned(),
    }
}

impl GenerationError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Events(error) | Self::Conditions(ConditionError::Events(error)) => {
                error.exit_code()
            }
            Self::File(error) => error.exit_code(),
            Self::Codec(error) => error.exit_code(),
            Self::TooFewConditions { .. } | Self::Condition { .. } | Self::OutOfTraining(_) => {
                ExitCode::BadData
            }
            Self::OtherSettings { .. } | Self::BrokenOutput { .. } => ExitCode::CannotCreateOutput,
            Self::Stopped { .. } => ExitCode::StoppedEarly,
            Self::NoEvents
            | Self::TooManyEvents { .. }
            | Self::NoPrecision { .. }
            | Self::Conditions(_)
            | Self::Task(_)
            | Self::Name(_) => ExitCode::Usage,
        }
    }
}
