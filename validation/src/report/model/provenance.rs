use serde::{Deserialize, Serialize};

/// Where the report comes from, and how to make it again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The command line, one element an argument.
    pub command: Vec<String>,
    /// UTC, such as `2026-01-31T12:00:00Z`.
    pub made_at: Option<String>,
    /// Version, features and target of the program.
    pub program: Option<String>,
    pub timing: Vec<StageTime>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSummary {
    /// Its name, without folders.
    pub name: String,
    pub bytes: u64,
    /// In hexadecimal.
    pub sha256: String,
    pub events: usize,
}

/// How long a stage took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageTime {
    pub stage: String,
    pub wall_s: f64,
}

/// A quantity during the training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingCurve {
    pub name: String,
    /// (iteration, value)
    pub points: Vec<(f64, f64)>,
}
