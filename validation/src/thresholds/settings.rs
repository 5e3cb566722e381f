use serde::{Deserialize, Serialize};

/// What a threshold's file says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criteria {
    pub format_version: u32,
    /// In the order of the verdict table.
    #[serde(default)]
    pub criterion: Vec<Threshold>,
}

/// One limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    pub measure: Measure,
    /// Of classifiers and distances: `high-level`, `low-level`, … Default: any.
    pub features: Option<String>,
    /// Of classifiers: `network`, `boosted-trees`, … Default: any.
    pub classifier: Option<String>,
    /// Names of observables, in which `*` stands for any characters. Default: all.
    pub observables: Option<Vec<String>>,
    /// Over all events, or the worst bin of a condition. Default: all events.
    #[serde(default)]
    pub per: Scope,
    /// Default: the excess over the floor.
    #[serde(default)]
    pub judge: Judge,
    pub amber: f64,
    pub red: f64,
}

/// The figures that there are limits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Number of values of the conditions (energies, species) that one sample lacks, and of
    /// conditions that are distributed otherwise.
    Conditions,
    /// Of an observable, the Kolmogorov–Smirnov distance.
    KolmogorovSmirnov,
    #[serde(rename = "chi2-per-ndf")]
    Chi2PerNdf,
    Separation,
    AndersonDarling,
    /// In units of the reference's standard deviation.
    Wasserstein,
    EnergyDistance,
    JensenShannon,
    /// Of an observable in a bin: difference of the means in standard deviations of the reference.
    MeanShift,
    /// Of an observable in a bin: |ratio of the standard deviations − 1|.
    SpreadRatio,
    /// Mean of |response / response of the reference − 1| over the energies.
    ResponseBias,
    /// The greatest of one energy.
    ResponseBiasWorst,
    /// The same of the resolution, over all energies.
    ResolutionBias,
    /// Σ χ² / Σ ndf of E_tot/E_inc over the incident energies.
    #[serde(rename = "response-chi2-per-ndf")]
    ResponseChi2PerNdf,
    /// The greatest difference of two correlation coefficients.
    Correlation,
    DeadCells,
    HotCells,
    /// Standard deviation of the z of the cells' occupancies, minus 1.
    CellSpread,
    /// Share of events that are equal to an earlier one.
    Duplicates,
    /// Share of events that are equal to one of the reference.
    Copies,
    /// Share of events without any value above the threshold.
    EmptyEvents,
    Auc,
    Jsd,
    Fpd,
    Kpd,
    Frechet,
    Mmd,
    SlicedWasserstein,
    Precision,
    Recall,
    Density,
    Coverage,
    /// Of the PRD curve: F₈, the recall's side.
    #[serde(rename = "prd-f8")]
    PrdF8,
    /// F_{1/8}, the precision's side.
    #[serde(rename = "prd-f1-8")]
    PrdF18,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    #[default]
    All,
    /// The worst bin of any condition.
    Condition,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judge {
    #[default]
    Excess,
    Value,
}

/// Limits that were checked, with the text they were read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds {
    pub(super) source: String,
    pub(super) text: String,
    pub(super) sha256: String,
    pub(super) criteria: Vec<Threshold>,
}
