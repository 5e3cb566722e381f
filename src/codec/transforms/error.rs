use thiserror::Error;

/// What can go wrong in fitting or applying a pipeline.
///
/// Steps are counted from 1, as people list them. Events are counted from 0 over the whole stream in
/// fitting and over the given array in encoding; columns are counted from 0 among the values that
/// the named step was given.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TransformError {
    #[error("step {step}, `{kind}`: `{parameter}` is {found}, expected {expected}")]
    Parameter {
        step: usize,
        kind: &'static str,
        parameter: &'static str,
        found: String,
        expected: String,
    },

    #[error(
        "step {step}, `{kind}`, needs the detector's own columns; it must come before all steps that add columns"
    )]
    NoLayers { step: usize, kind: &'static str },

    #[error("no events to derive the statistics of step {step}, `{kind}`, from")]
    NoEvents { step: usize, kind: &'static str },

    #[error("events have {found} values, expected {expected}")]
    Width { found: usize, expected: usize },

    #[error("there are {found} incident energies for {expected} events")]
    ScaleCount { found: usize, expected: usize },

    #[error("incident energy of event {event} is {scale}, expected a positive finite number")]
    Scale { event: u64, scale: f64 },

    #[error("event {event}, column {column}: value is {value}, expected a finite number")]
    NotFinite { event: u64, column: usize, value: f64 },

    #[error(
        "event {event}, column {column}: step {step}, `{kind}`, was given {value}, expected {expected}"
    )]
    Value {
        event: u64,
        column: usize,
        step: usize,
        kind: &'static str,
        value: f64,
        expected: String,
    },

    #[error(
        "event {event}, column {column}: encoded value is {value}, expected one that fits 32 bits"
    )]
    Overflow { event: u64, column: usize, value: f64 },
}

/// A setting that is not in its range, or a stored statistic that cannot be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BadParameter {
    pub parameter: &'static str,
    pub found: String,
    pub expected: String,
}

impl BadParameter {
    /// `Ok` where `valid`.
    pub fn unless(
        valid: bool,
        parameter: &'static str,
        found: impl ToString,
        expected: impl Into<String>,
    ) -> Result<(), Self> {
        if valid {
            return Ok(());
        }
        Err(Self { parameter, found: found.to_string(), expected: expected.into() })
    }

    pub fn at(self, step: usize, kind: &'static str) -> TransformError {
        let Self { parameter, found, expected } = self;
        TransformError::Parameter { step, kind, parameter, found, expected }
    }
}

/// A value that a step cannot encode; the pipeline adds the event and the step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BadValue {
    pub column: usize,
    pub value: f64,
    pub expected: String,
}

impl BadValue {
    /// `Ok` where no value is below zero.
    pub fn if_negative(values: &[f64]) -> Result<(), Self> {
        match values.iter().position(|x| *x < 0.0) {
            None => Ok(()),
            Some(column) => Err(Self {
                column,
                value: values[column],
                expected: "no negative number".to_owned(),
            }),
        }
    }

    pub fn at(self, event: u64, step: usize, kind: &'static str) -> TransformError {
        let Self { column, value, expected } = self;
        TransformError::Value { event, column, step, kind, value, expected }
    }
}
