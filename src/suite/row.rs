use serde::{Deserialize, Serialize};

use super::problem::ExtractorId;
use super::system::{Measures, Protocol};
use super::tier::Tier;

/// The version of [`Row`] as it stands in files.
pub const ROW_FORMAT_VERSION: u32 = 1;

/// Which data a run was trained on and judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataIdentity {
    /// Of the values and conditions of the training and the test events.
    pub sha256: String,
    /// Events that were trained on.
    pub train: usize,
    /// Events that were judged by.
    pub test: usize,
}

/// What is known of one run: a line of `rows.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub format_version: u32,
    pub system: String,
    pub problem: String,
    pub tier: Tier,
    pub seed: u64,
    pub protocol: Protocol,
    pub iterations: u64,
    pub device: String,
    pub data: DataIdentity,
    pub settings_sha256: String,
    /// All settings, in TOML.
    pub settings: String,
    /// Samples that the measures were taken of.
    pub samples: usize,
    pub extractor: Option<ExtractorId>,
    pub measures: Measures,
    /// The same measures of training against test data, where they mean something.
    pub floor: Measures,
    /// Parameters of the generator.
    pub parameters: usize,
    /// Of the training alone.
    pub seconds: f64,
    pub peak_memory_mb: Option<f64>,
    /// Of the program.
    pub version: String,
    /// Why it has failed; measures are empty then.
    pub error: Option<String>,
}
