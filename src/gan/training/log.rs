use serde::{Deserialize, Serialize};

use super::selection::SelectionFigures;

/// One line of `metrics.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// Iterations done.
    pub iteration: u64,
    pub critics: Vec<CriticLog>,
    /// The weighted loss of matched observables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matching: Option<f64>,
    pub generator_learning_rate: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<SelectionFigures>,
}

/// The terms of one critic in the last step before the line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CriticLog {
    pub name: String,
    /// objective + Σ weight × penalty + auxiliary
    pub loss: f64,
    pub objective: f64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub penalties: Vec<PenaltyLog>,
    /// The weighted losses of the critic's heads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auxiliary: Option<f64>,
    /// BEGAN's k and measure of convergence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equilibrium: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convergence: Option<f64>,
    /// E D(real) − E D(generated)
    pub score_difference: f64,
    /// The generator's loss against this critic, before its weight.
    pub generator_loss: f64,
    pub learning_rate: f64,
}

/// A penalty, without its weight, and the weight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PenaltyLog {
    pub kind: String,
    pub value: f64,
    pub weight: f64,
}

impl LogLine {
    /// The first critic with a loss that is not a number: the training has diverged.
    pub fn diverged_critic(&self) -> Option<&str> {
        self.critics
            .iter()
            .find(|critic| !(critic.loss.is_finite() && critic.generator_loss.is_finite()))
            .map(|critic| critic.name.as_str())
    }
}
