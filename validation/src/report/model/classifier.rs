use serde::{Deserialize, Serialize};

use super::observable::WithFloor;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClassifierResult {
    /// `network`, `boosted trees`, …
    pub kind: String,
    /// `high-level`, `low-level`, …
    pub features: String,
    pub feature_count: usize,
    pub training_events: usize,
    pub test_events: usize,
    /// With several seeds the mean, and its error their standard deviation.
    pub auc: WithFloor,
    /// Jensen–Shannon divergence from the calibrated cross entropy, (ln 2 − BCE) / ln 2.
    pub jsd: WithFloor,
    /// Trainings that value and error were made of.
    pub seeds: usize,
    /// (false positive rate, true positive rate), at most 200 points.
    pub roc: Vec<(f64, f64)>,
    /// The features that gave the sample away, worst first: name, AUC of the feature alone, loss
    /// of AUC when its values are shuffled and the error of that.
    pub giveaways: Vec<(String, f64, f64, f64)>,
    /// Hidden layers and training, in words.
    pub description: String,
}
