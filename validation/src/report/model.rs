//! What a validation found, as data: the content of `report.json`, from which every figure and
//! table of the report is drawn.

use serde::{Deserialize, Serialize};

pub const FORMAT_VERSION: u32 = 1;

/// Everything a validation found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ValidationReport {
    pub format_version: u32,
    pub showerforge_version: String,
    pub detector: DetectorSummary,
    pub reference: SampleSummary,
    pub generated: SampleSummary,
    /// How the floor was made: reference against reference.
    pub floor: String,
    /// Histograms over all incident energies, in the order of the report.
    pub observables: Vec<ObservableComparison>,
    /// The same for single incident energies, where the sample has discrete energies.
    pub per_energy: Vec<EnergyComparison>,
    pub layer_images: Vec<LayerImage>,
    /// Mean response and resolution of E_tot/E_inc by incident energy.
    pub response: Vec<ResponsePoint>,
    pub classifiers: Vec<ClassifierResult>,
    pub verdict: Verdict,
    /// Remarks for the reader: a short training, few events, energies out of range.
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DetectorSummary {
    pub name: String,
    pub title: String,
    pub particle: String,
    pub voxels: usize,
    pub layers: usize,
    pub readout_threshold_mev: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SampleSummary {
    /// File name or description.
    pub label: String,
    pub events: usize,
    pub incident_energy_min_mev: f64,
    pub incident_energy_max_mev: f64,
    /// The distinct energies with their number of events; empty if they are continuous.
    pub discrete_energies: Vec<(f64, usize)>,
    /// Provenance attributes of the file, as (name, value).
    pub provenance: Vec<(String, String)>,
}

/// A figure with what reference against reference gives for it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct WithFloor {
    pub value: f64,
    pub floor: f64,
}

/// One observable of both samples, in one histogram.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ObservableComparison {
    /// Stable name, such as `E_tot_over_E_inc`, `E_1`, `ECeta_2`, `sparsity_12`.
    pub name: String,
    /// Axis label with the unit, such as `EC η of layer 2 (mm)`.
    pub label: String,
    /// Group for the table of contents: `total energy`, `layer energies`, `centres of energy`,
    /// `widths`, `sparsity`, `voxels`.
    pub group: String,
    pub layer: Option<usize>,
    pub log_x: bool,
    pub log_y: bool,
    pub histogram: HistogramPair,
    /// Kolmogorov–Smirnov distance (unbinned) and its asymptotic p-value.
    pub ks: WithFloor,
    pub ks_p_value: f64,
    /// χ²/ndf of the two histograms (ROOT's weighted–weighted form) and its p-value.
    pub chi2_per_ndf: WithFloor,
    pub chi2_ndf: usize,
    pub chi2_p_value: f64,
    pub separation: WithFloor,
}

/// Counts of both samples in the same bins (last bin closed; what falls outside is not counted).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HistogramPair {
    /// `[bins + 1]`
    pub edges: Vec<f64>,
    /// `[bins]`
    pub reference: Vec<f64>,
    /// `[bins]`
    pub generated: Vec<f64>,
    pub reference_entries: usize,
    pub generated_entries: usize,
    /// Entries below the first or above the last edge (or not a number).
    pub reference_outside: usize,
    pub generated_outside: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnergyComparison {
    pub incident_energy_mev: f64,
    pub observables: Vec<ObservableComparison>,
}

/// Mean energy per voxel of a layer, averaged over the events of each sample.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LayerImage {
    pub layer: usize,
    pub name: String,
    pub radial_edges_mm: Vec<f64>,
    pub angular_bins: usize,
    /// `[angular bins × radial bins]`, radius fastest, MeV.
    pub reference_mev: Vec<f64>,
    pub generated_mev: Vec<f64>,
}

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

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClassifierResult {
    /// `high-level` or `low-level`.
    pub features: String,
    pub feature_count: usize,
    pub training_events: usize,
    pub test_events: usize,
    pub auc: WithFloor,
    /// Jensen–Shannon divergence from the calibrated cross entropy, (ln 2 − BCE) / ln 2.
    pub jsd: WithFloor,
    /// (false positive rate, true positive rate), at most 200 points.
    pub roc: Vec<(f64, f64)>,
    /// Hidden layers and training, in words.
    pub description: String,
}

/// Thresholds fixed beforehand and what was found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Verdict {
    pub passed: bool,
    pub criteria: Vec<Criterion>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Criterion {
    pub name: String,
    pub value: f64,
    pub floor: f64,
    /// The value must not exceed this.
    pub limit: f64,
    pub passed: bool,
    /// Where the worst value was found, such as an observable's name.
    pub place: String,
}
