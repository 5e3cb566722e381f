//! What a validation found, as data: the content of `report.json`, from which every figure and
//! table of the report is drawn.

use detectors::{Family, Layer, LayerShape};
use serde::{Deserialize, Serialize};

pub const FORMAT_VERSION: u32 = 2;

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
    /// Mean response and resolution of E_tot/E_inc by incident energy, where there is one.
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
    /// Provenance attributes of the file, as (name, value).
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
    /// `widths`, `sparsity`, `voxels`, `columns`, …
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

/// Counts of both samples in the same bins (last bin closed; what falls outside is not counted), or
/// sums of weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HistogramPair {
    /// `[bins + 1]`
    pub edges: Vec<f64>,
    /// `[bins]`
    pub reference: Vec<f64>,
    /// `[bins]`
    pub generated: Vec<f64>,
    /// Sums of squared weights of weighted samples. `[bins]`
    pub reference_variances: Option<Vec<f64>>,
    pub generated_variances: Option<Vec<f64>>,
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

/// Mean value of each cell of a layer, averaged over the events of each sample.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LayerImage {
    pub layer: usize,
    pub name: String,
    pub shape: CellShape,
    /// `[cells]`, as the shape orders them, in the detector's unit.
    pub reference: Vec<f64>,
    pub generated: Vec<f64>,
}

/// How an image is cut into cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellShape {
    /// `[angular bins × radial bins]`, radius fastest.
    Rings { radial_edges_mm: Vec<f64>, angular_bins: usize },
    /// `[y bins × x bins]`, x fastest.
    Rectangles { x_edges_mm: Vec<f64>, y_edges_mm: Vec<f64> },
}

impl CellShape {
    pub(crate) fn of(layer: &Layer) -> Self {
        match layer.shape().clone() {
            LayerShape::Rings { radial_edges_mm, angular_bins } => {
                Self::Rings { radial_edges_mm, angular_bins }
            }
            LayerShape::Rectangles { x_edges_mm, y_edges_mm, .. } => {
                Self::Rectangles { x_edges_mm, y_edges_mm }
            }
        }
    }

    /// The values of a layer in the order of this shape.
    pub(crate) fn ordered<T: Copy>(&self, layer: &Layer, values: &[T]) -> Vec<T> {
        let (slow, fast) = layer.dimensions();
        match layer.shape() {
            LayerShape::Rectangles { y_fastest: true, .. } => (0..fast)
                .flat_map(|y| (0..slow).map(move |x| x * fast + y))
                .map(|index| values[index])
                .collect(),
            _ => values.to_vec(),
        }
    }

    pub fn cell_count(&self) -> usize {
        match self {
            Self::Rings { radial_edges_mm, angular_bins } => {
                radial_edges_mm.len().saturating_sub(1) * angular_bins
            }
            Self::Rectangles { x_edges_mm, y_edges_mm } => {
                x_edges_mm.len().saturating_sub(1) * y_edges_mm.len().saturating_sub(1)
            }
        }
    }
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
