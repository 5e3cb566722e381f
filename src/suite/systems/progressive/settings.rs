use serde::{Deserialize, Serialize};

use super::super::loop_settings::require;
use crate::gan::OptimiserSettings;
use crate::suite::SuiteError;

/// Settings of [`super::ProgressiveGrowing`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgressiveSettings {
    /// Over all levels together.
    pub short_iterations: u64,
    pub paper_iterations: u64,
    pub batch_size: usize,
    pub latent: usize,
    /// Of the features of 4 × 4, 8 × 8, …; as many as the images need are used.
    pub channels: Vec<usize>,
    /// Updates of the critic for each of the generator.
    pub critic_steps: u64,
    /// λ of the gradient penalty.
    pub penalty_weight: f64,
    /// ε of the drift term.
    pub drift_weight: f64,
    /// β of the generator's moving average.
    pub average_decay: f64,
    /// Of both networks; it begins anew with each level.
    pub optimiser: OptimiserSettings,
}

impl ProgressiveSettings {
    pub(super) fn check(&self, name: &str) -> Result<(), SuiteError> {
        let require = |holds, problem: &str| require(name, holds, problem);
        require(
            self.batch_size > 1,
            "`batch_size` must be at least 2: the critic compares images",
        )?;
        require(self.latent > 0, "`latent` is 0, expected at least 1")?;
        require(self.critic_steps > 0, "`critic_steps` is 0, expected at least 1")?;
        let channels = !self.channels.is_empty() && !self.channels.contains(&0);
        require(channels, "`channels` needs positive numbers")?;
        let weights = [self.penalty_weight, self.drift_weight];
        require(
            weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0),
            "`penalty_weight` and `drift_weight` must be at least 0",
        )?;
        let decay = (0.0..1.0).contains(&self.average_decay);
        require(decay, "`average_decay` must be from 0 to less than 1")?;
        let checked = self.optimiser.check();
        require(checked.is_ok(), &format!("`optimiser`: {}", checked.err().unwrap_or_default()))
    }
}
