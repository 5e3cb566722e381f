use serde::{Deserialize, Serialize};

use super::observable::WithFloor;

/// A distance between the samples in a space of features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureDistance {
    /// Stable name, such as `fpd`, `kpd`, `precision`.
    pub name: String,
    pub title: String,
    /// `high-level` or `low-level`.
    pub features: String,
    /// Condition and bin where it is of one bin only.
    pub condition: Option<String>,
    pub figure: WithFloor,
    /// Whether a greater value is the better one, as with precision.
    pub greater_is_better: bool,
    /// Settings in words: events, neighbours, kernels.
    pub description: String,
}

/// Events that are there more than once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Duplicates {
    /// Events of the generated sample that are equal to an earlier one, value for value, and not
    /// empty.
    pub generated: usize,
    pub generated_events: usize,
    pub reference: usize,
    pub reference_events: usize,
    /// Generated events that are equal to one of the reference.
    pub copied_from_reference: usize,
}
