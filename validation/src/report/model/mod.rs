//! What a validation found, as data: the content of `report.json`, from which every figure and
//! table of the report is drawn.

mod cells;
mod classifier;
mod condition;
mod correlation;
mod distance;
mod layer;
mod observable;
mod physics;
mod provenance;
mod response;
mod sample;
mod verdict;

use serde::{Deserialize, Serialize};

use crate::compare::ValidationSettings;
pub use cells::{CellCheck, CellFault};
pub use classifier::ClassifierResult;
pub use condition::{BinFigure, ConditionBin, ConditionCheck};
pub use correlation::Correlations;
pub use distance::{Duplicates, FeatureDistance};
pub use layer::{CellShape, LayerImage};
pub use observable::{HistogramPair, ObservableComparison, WithFloor};
pub use physics::PhysicsResult;
pub use provenance::{FileSummary, Provenance, StageTime, TrainingCurve};
pub use response::{ResponseBias, ResponsePoint};
pub use sample::{ConditionSummary, DetectorSummary, SampleSummary};
pub use verdict::{Criterion, Status, ThresholdsSummary, Verdict};

pub const FORMAT_VERSION: u32 = 3;

/// Everything a validation found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ValidationReport {
    pub format_version: u32,
    pub showerforge_version: String,
    pub detector: DetectorSummary,
    pub reference: SampleSummary,
    /// The second reference sample that the floor was made with, if there was one.
    pub second_reference: Option<SampleSummary>,
    /// How the floor was made: reference against reference.
    pub floor: String,
    /// The limits that the verdicts were made with.
    pub thresholds: ThresholdsSummary,
    pub settings: ValidationSettings,
    /// One for each generated sample, in the order they were given.
    pub models: Vec<ModelResult>,
    pub provenance: Provenance,
    /// Remarks for the reader that concern all samples.
    pub notes: Vec<String>,
}

/// What was found of one generated sample.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ModelResult {
    /// Short and different from that of every other sample, for legends and columns.
    pub name: String,
    pub generated: SampleSummary,
    pub verdict: Verdict,
    /// Whether the conditions are distributed as the reference's.
    pub condition_checks: Vec<ConditionCheck>,
    /// Histograms over all events, in the order of the report.
    pub observables: Vec<ObservableComparison>,
    /// The same figures in bins of each condition: energy, angle, species.
    pub per_condition: Vec<ConditionBin>,
    pub layer_images: Vec<LayerImage>,
    /// Cells that are dead or hot; `None` for a table.
    pub cells: Option<CellCheck>,
    /// Mean response and resolution of E_tot/E_inc by incident energy, where there is one.
    pub response: Vec<ResponsePoint>,
    /// How far the mean response is off, over all energies.
    pub response_bias: Option<ResponseBias>,
    /// What is special to the kind of detector.
    pub physics: PhysicsResult,
    /// `None` with too few events or observables.
    pub correlations: Option<Correlations>,
    /// |difference of the shares of events without any value|; `None` for a table.
    pub empty_events: Option<WithFloor>,
    pub classifiers: Vec<ClassifierResult>,
    /// Distances of the samples in feature space.
    pub distances: Vec<FeatureDistance>,
    pub duplicates: Option<Duplicates>,
    /// What the figures say against the sample, in words, worst first.
    pub weaknesses: Vec<String>,
    /// Curves of the training that made the model, where its record was given.
    pub training: Vec<TrainingCurve>,
    /// Remarks for the reader: few events, energies out of range, what was left out.
    pub notes: Vec<String>,
}
