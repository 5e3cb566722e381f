use serde::{Deserialize, Serialize};

use super::observable::WithFloor;

/// Pearson's correlation coefficients of the observables, in both samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correlations {
    /// Names and axis labels of the observables.
    pub names: Vec<String>,
    pub labels: Vec<String>,
    /// `[observables × observables]`, row by row; 0 where an observable is constant, the diagonal 1.
    pub reference: Vec<f64>,
    pub generated: Vec<f64>,
    /// Events of each sample that were used.
    pub reference_events: usize,
    pub generated_events: usize,
    /// The greatest |difference| of two coefficients, and where it is.
    pub greatest: WithFloor,
    pub worst_pair: (String, String),
}
