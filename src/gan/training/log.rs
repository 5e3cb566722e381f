use serde::{Deserialize, Serialize};

use super::selection::SelectionFigures;

/// One line of `metrics.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// Iterations done.
    pub iteration: u64,
    pub critics: Vec<CriticLog>,
    pub generator_learning_rate: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<SelectionFigures>,
}

/// The terms of one critic in the last step before the line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CriticLog {
    pub name: String,
    /// objective + penalty_weight × penalty
    pub loss: f64,
    pub objective: f64,
    pub penalty: f64,
    pub penalty_weight: f64,
    /// E D(real) − E D(generated)
    pub score_difference: f64,
    /// The generator's loss against this critic, before its weight.
    pub generator_loss: f64,
    pub learning_rate: f64,
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
