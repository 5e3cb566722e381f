use serde::{Deserialize, Serialize};

use super::observable::WithFloor;

/// Correlation coefficients of the observables, and of the conditions with them, in both samples.
///
/// Each matrix is `[quantities × quantities]`, row by row; 0 where a quantity is constant, the
/// diagonal 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correlations {
    /// Names and axis labels of the quantities.
    pub names: Vec<String>,
    pub labels: Vec<String>,
    /// Pearson's coefficients of the values.
    pub reference: Vec<f64>,
    pub generated: Vec<f64>,
    /// Spearman's: Pearson's of the ranks, which no single far-off event can change.
    pub reference_of_ranks: Vec<f64>,
    pub generated_of_ranks: Vec<f64>,
    /// Events of each sample that were used.
    pub reference_events: usize,
    pub generated_events: usize,
    /// The greatest |difference| of two coefficients of ranks, and where it is.
    pub greatest: WithFloor,
    pub worst_pair: (String, String),
}
