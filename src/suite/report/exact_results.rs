//! `exact.json`: closed forms against what the core computes.

use serde::{Deserialize, Serialize};

/// The checks of the exact tier.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ExactResults {
    pub checks: Vec<CheckResult>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    pub name: String,
    pub title: String,
    pub source: String,
    pub values: Vec<ComparedValue>,
    /// An SVG document.
    #[serde(default)]
    pub figure: Option<String>,
    /// Why it could not be computed.
    #[serde(default)]
    pub error: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparedValue {
    pub what: String,
    /// None where it is not finite.
    pub found: Option<f64>,
    pub expected: Option<f64>,
    pub tolerance: Option<f64>,
}

impl ComparedValue {
    /// Whether they agree within the tolerance; values that are both not finite in JSON do, too.
    pub fn agrees(&self) -> bool {
        match (self.found, self.expected) {
            (Some(found), Some(expected)) => {
                (found - expected).abs() <= self.tolerance.unwrap_or(0.0)
            }
            (None, None) => true,
            _ => false,
        }
    }
}

impl CheckResult {
    pub fn passes(&self) -> bool {
        self.error.is_none() && self.values.iter().all(ComparedValue::agrees)
    }
}
