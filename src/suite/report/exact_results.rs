//! `exact.json`: closed forms against what the core computes.

use std::path::Path;

use serde::{Deserialize, Deserializer};

/// The checks of the exact tier.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct ExactResults {
    pub checks: Vec<CheckResult>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CheckResult {
    pub name: String,
    pub title: String,
    #[serde(default)]
    pub formula: String,
    pub source: String,
    pub values: Vec<ComparedValue>,
    /// The name of its file, an SVG document, beside `exact.json`.
    #[serde(default)]
    pub figure: Option<String>,
    /// Why it could not be computed.
    #[serde(default)]
    pub error: Option<String>,
    /// The content of the figure's file.
    #[serde(skip)]
    pub svg: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ComparedValue {
    pub what: String,
    #[serde(deserialize_with = "number")]
    pub found: f64,
    #[serde(deserialize_with = "number")]
    pub expected: f64,
    pub tolerance: f64,
}

impl ComparedValue {
    /// Whether both are the same infinity, or close enough.
    pub fn agrees(&self) -> bool {
        self.found == self.expected || (self.found - self.expected).abs() <= self.tolerance
    }
}

impl CheckResult {
    pub fn passes(&self) -> bool {
        self.error.is_none() && self.values.iter().all(ComparedValue::agrees)
    }
}

impl ExactResults {
    /// Reads the figures that lie in the folder of the results; the names of those that do not.
    pub fn read_figures(&mut self, folder: &Path) -> Vec<String> {
        let mut missing = Vec::new();
        for check in &mut self.checks {
            let Some(name) = &check.figure else { continue };
            // A name and no path: nothing else is read.
            let is_name = Path::new(name).file_name().is_some_and(|file| file == name.as_str());
            check.svg = is_name.then(|| std::fs::read_to_string(folder.join(name)).ok()).flatten();
            if check.svg.is_none() {
                missing.push(name.clone());
            }
        }
        missing
    }
}

/// A number, or a text such as `inf` for what JSON does not have.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let found = match &value {
        serde_json::Value::String(text) => text.parse().ok(),
        serde_json::Value::Null => Some(f64::NAN),
        other => other.as_f64(),
    };
    found.ok_or_else(|| serde::de::Error::custom(format!("{value} is no number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn infinities_agree_with_themselves_alone() {
        let value = |found: &str| -> ComparedValue {
            let text = format!(
                r#"{{"what": "KL", "found": {found}, "expected": "inf", "tolerance": 1e-9}}"#
            );
            serde_json::from_str(&text).unwrap()
        };
        assert!(value("\"inf\"").agrees());
        assert!(!value("\"-inf\"").agrees() && !value("3.0").agrees() && !value("null").agrees());
    }
}
