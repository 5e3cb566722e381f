//! What a user writes about a calorimeter, before it is checked.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CalorimeterDescription {
    pub format_version: u32,
    pub name: String,
    pub title: String,
    pub particle: String,
    pub pdg_id: i32,
    pub readout_threshold_mev: f64,
    pub incident_energy_mev: EnergyRange,
    pub layer: Vec<LayerDescription>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnergyRange {
    pub minimum: f64,
    pub maximum: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LayerDescription {
    pub id: usize,
    pub name: String,
    pub radial_edges_mm: Vec<f64>,
    pub angular_bins: usize,
}
