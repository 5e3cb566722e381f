use detectors::Family;
use serde::{Deserialize, Serialize};

use super::provenance::FileSummary;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DetectorSummary {
    pub name: String,
    pub title: String,
    pub particle: String,
    pub family: Family,
    /// Values of an event.
    pub values: usize,
    /// Layers of cells; 0 for a table.
    pub layers: usize,
    /// What a value is, such as `energy`, and its unit.
    pub quantity: String,
    pub unit: String,
    /// Unit of lengths across the axis.
    pub length_unit: String,
    pub readout_threshold: f64,
    /// Whether values are fractions of an incident energy, so that there is a response.
    pub has_incident_energy: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SampleSummary {
    /// File name or description.
    pub label: String,
    pub events: usize,
    /// (Σ w)² / Σ w² of weighted events.
    pub effective_events: Option<f64>,
    pub conditions: Vec<ConditionSummary>,
    /// The distinct incident energies in MeV with their number of events; empty if they are
    /// continuous, or there are none.
    pub discrete_energies: Vec<(f64, usize)>,
    /// Events whose every cell is below the threshold; `None` for a table.
    pub empty_events: Option<usize>,
    /// The files that the sample was read from.
    pub files: Vec<FileSummary>,
    /// Provenance attributes of the first file, as (name, value).
    pub provenance: Vec<(String, String)>,
}

/// A condition of a sample's events; of an image, the sum of its pixels.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConditionSummary {
    pub name: String,
    pub unit: String,
    pub minimum: f64,
    pub maximum: f64,
    pub is_image: bool,
    /// Name and events of each category.
    pub categories: Vec<(String, usize)>,
}
