use serde::{Serialize, Serializer};

use crate::suite::SuiteError;

/// A statement of theory, and how it is computed.
#[derive(Debug, Clone, Copy)]
pub struct ExactCheck {
    /// In the names of files, such as `parallel-lines`.
    pub name: &'static str,
    pub title: &'static str,
    /// What must hold, with its conventions.
    pub formula: &'static str,
    pub source: &'static str,
    pub run: fn() -> Result<ExactResult, SuiteError>,
}

/// What came out of an [`ExactCheck`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExactResult {
    pub values: Vec<Comparison>,
    /// An SVG document.
    pub figure: Option<String>,
}

/// A number that was computed here beside the one that it must be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    pub what: String,
    #[serde(serialize_with = "number")]
    pub found: f64,
    #[serde(serialize_with = "number")]
    pub expected: f64,
    /// The largest absolute difference that is accepted.
    pub tolerance: f64,
}

impl Comparison {
    pub fn new(what: impl Into<String>, found: f64, expected: f64, tolerance: f64) -> Self {
        Self { what: what.into(), found, expected, tolerance }
    }

    /// Of a number of cases that must be 0.
    pub(super) fn none(what: impl Into<String>, found: usize) -> Self {
        Self::new(what, found as f64, 0.0, 0.0)
    }

    /// Whether both are the same infinity, or finite and close enough.
    pub fn agrees(&self) -> bool {
        self.found == self.expected || (self.found - self.expected).abs() <= self.tolerance
    }
}

impl ExactResult {
    pub fn agrees(&self) -> bool {
        self.values.iter().all(Comparison::agrees)
    }
}

/// JSON has no infinity: it is written as a string.
fn number<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.is_finite() {
        serializer.serialize_f64(*value)
    } else {
        serializer.serialize_str(&value.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_agree_within_the_tolerance_and_infinities_only_with_themselves() {
        let agrees = |found, expected| Comparison::new("", found, expected, 0.1).agrees();
        assert!(agrees(1.05, 1.0) && !agrees(1.2, 1.0));
        assert!(agrees(f64::INFINITY, f64::INFINITY));
        assert!(!agrees(f64::INFINITY, 1.0) && !agrees(1.0, f64::INFINITY));
        assert!(!agrees(f64::NAN, 1.0) && !agrees(f64::NAN, f64::NAN));
    }

    #[test]
    fn infinities_are_strings_in_json() {
        let json = serde_json::to_string(&Comparison::new("KL", f64::INFINITY, 0.5, 0.0));
        assert_eq!(
            json.expect("it can be written"),
            r#"{"what":"KL","found":"inf","expected":0.5,"tolerance":0.0}"#
        );
    }
}
