//! Refusals that several measures share.

use crate::ValidationError;

pub(crate) fn setting(
    name: &'static str,
    found: impl ToString,
    expected: &'static str,
) -> ValidationError {
    ValidationError::Setting { name, found: found.to_string(), expected }
}

pub(crate) fn problem_of(label: &str, problem: String) -> ValidationError {
    ValidationError::Sample { label: label.to_owned(), problem }
}

/// At least one value, and each finite.
pub(crate) fn check_values(label: &str, values: &[f64]) -> Result<(), ValidationError> {
    if values.is_empty() {
        return Err(problem_of(label, "is empty".to_owned()));
    }
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(problem_of(label, format!("has {} at position {index}", values[index]))),
    }
}

/// A finite number above 0.
pub(crate) fn check_positive(name: &'static str, value: f64) -> Result<(), ValidationError> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(setting(name, value, "a finite number above 0"))
}
