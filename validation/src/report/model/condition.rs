use serde::{Deserialize, Serialize};

use super::observable::{ObservableComparison, WithFloor};

/// Whether a condition is distributed in the generated sample as in the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConditionCheck {
    pub condition: String,
    /// The test in words, with its figure.
    pub test: String,
    pub p_value: f64,
    /// What differs; `None` where nothing is seen.
    pub difference: Option<String>,
    /// Values that one of the samples has no events at, such as an energy that was not generated.
    pub missing: Vec<String>,
}

/// Both samples in one bin of a condition.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConditionBin {
    /// The condition's name, such as `incident_energy`.
    pub condition: String,
    /// The bin in words, such as `8.19 GeV` or `kaon`.
    pub label: String,
    /// The bin's edges in the condition's unit, or its value twice.
    pub from: f64,
    pub to: f64,
    pub reference_events: usize,
    pub generated_events: usize,
    /// Every observable of the event and of the layers.
    pub figures: Vec<BinFigure>,
    /// Those that are drawn in each bin, such as E_tot/E_inc, with their histograms.
    pub observables: Vec<ObservableComparison>,
    /// AUC on this bin's events, of each classifier that was trained on all: (features, AUC).
    pub auc: Vec<(String, WithFloor)>,
}

/// One observable in a bin of a condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BinFigure {
    pub observable: String,
    pub ks: WithFloor,
    pub ks_p_value: f64,
    pub separation: WithFloor,
    /// Of the means, in units of the reference's standard deviation.
    pub mean_shift: WithFloor,
    /// Ratio of the central 68 % half-widths, generated over reference.
    pub spread_ratio: WithFloor,
}
