use serde::{Deserialize, Serialize};

use super::observable::WithFloor;

/// Thresholds fixed beforehand and what was found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Verdict {
    /// The worst of the criteria; [`Status::Abstained`] where there are none.
    pub status: Status,
    pub criteria: Vec<Criterion>,
}

impl Verdict {
    /// Whether no criterion is red, and at least one is green or amber.
    pub fn passed(&self) -> bool {
        matches!(self.status, Status::Green | Status::Amber)
    }
}

/// With the excess over the floor x and its error σ: green where x is at most the amber limit, red
/// where x − σ is above the red limit, and amber between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// No figure: too few events, or nothing of the kind.
    Abstained,
    Green,
    Amber,
    Red,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Criterion {
    /// What is judged, in words.
    pub name: String,
    /// The measure in the thresholds' file, such as `auc`.
    pub measure: String,
    pub figure: WithFloor,
    /// What is compared with the limits: the excess over the floor, or the value itself, and its
    /// error.
    pub judged: f64,
    pub judged_error: f64,
    /// In words: `excess` or `value`.
    pub judged_by: String,
    pub amber: f64,
    pub red: f64,
    pub status: Status,
    /// Where the worst value was found, such as an observable's name.
    pub place: String,
    /// Why there is no figure.
    pub reason: Option<String>,
}

/// The limits of the verdicts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThresholdsSummary {
    /// The file's name, or `default`.
    pub source: String,
    /// Of the text, in hexadecimal: who fixed it beforehand can prove it.
    pub sha256: String,
    /// The text itself, TOML.
    pub text: String,
}
