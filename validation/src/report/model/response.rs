use serde::{Deserialize, Serialize};

use super::observable::WithFloor;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResponsePoint {
    pub incident_energy_mev: f64,
    pub reference_events: usize,
    pub generated_events: usize,
    /// Mean of E_tot/E_inc and its standard error.
    pub reference_mean: f64,
    pub reference_mean_error: f64,
    pub generated_mean: f64,
    pub generated_mean_error: f64,
    /// Standard deviation of E_tot/E_inc over its mean, and its standard error.
    pub reference_resolution: f64,
    pub reference_resolution_error: f64,
    pub generated_resolution: f64,
    pub generated_resolution_error: f64,
}

/// How far response and resolution are off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResponseBias {
    /// |mean of the generated sample over that of the reference − 1|, averaged over the energies
    /// with the inverse squares of their errors before the absolute value is taken.
    pub mean: WithFloor,
    /// The greatest |ratio − 1| of one energy, and its energy in MeV.
    pub worst: WithFloor,
    pub worst_energy_mev: f64,
    /// |resolution of the generated sample over that of the reference − 1|, averaged likewise.
    pub resolution: WithFloor,
    /// Σ χ² / Σ ndf of E_tot/E_inc over the energies.
    pub chi2_per_ndf: WithFloor,
}
