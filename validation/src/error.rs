use thiserror::Error;

/// Why a validation cannot be made.
#[derive(Debug, Error)]
pub enum ValidationError {
    #[error("sample `{label}` {problem}")]
    Sample { label: String, problem: String },

    #[error("values have shape [{found_events}, {found_values}], expected [{events}, {values}]")]
    Shape { found_events: usize, found_values: usize, events: usize, values: usize },

    #[error("setting `{name}` is {found}, expected {expected}")]
    Setting { name: &'static str, found: String, expected: &'static str },

    #[error("limits `{path}`: {problem}")]
    Thresholds { path: String, problem: String },

    #[error("{purpose} has {found} events, needs at least {needed}")]
    TooFewEvents { purpose: String, found: usize, needed: usize },

    #[error("the eigenvalues of {matrix} do not converge")]
    Eigenvalues { matrix: &'static str },
    #[error("images {problem}")]
    Image { problem: String },

    #[error("{purpose} has {found} points, needs at least {needed}")]
    TooFewPoints { purpose: String, found: usize, needed: usize },

    #[error("training of the classifier on {features} features diverged in epoch {epoch}")]
    ClassifierDiverged { features: String, epoch: usize },

    #[error("boosted trees on {features} cannot be trained: {problem}")]
    Trees { features: String, problem: String },

    #[error("the classifier's results cannot be read from the device: {problem}")]
    Device { problem: String },
}
