use serde::{Deserialize, Serialize};

use crate::gan::OptimiserSettings;
use crate::suite::SuiteError;
use crate::suite::systems::loop_settings::require;
use crate::suite::systems::series::noise::StepNoise;
use crate::suite::systems::series::time_gan::Cell;

/// Settings of [`super::RecurrentGan`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecurrentGanSettings {
    /// Updates of the generator.
    pub short_iterations: u64,
    pub paper_iterations: u64,
    pub batch_size: usize,
    /// Noise numbers of a step.
    pub latent: usize,
    pub noise: StepNoise,
    /// `gru` or `lstm`.
    pub cell: Cell,
    /// Numbers of the states in the generator.
    pub hidden: usize,
    /// The same in the discriminator.
    pub discriminator_hidden: usize,
    /// Recurrent layers of each network.
    pub layers: usize,
    /// Updates of the discriminator for each of the generator.
    pub discriminator_steps: u64,
    /// How often in the training the generator is compared with the data by the maximum mean
    /// discrepancy; the best one is what is left in the end. 0 for the last one.
    pub selections: u64,
    pub optimiser: OptimiserSettings,
    pub discriminator_optimiser: OptimiserSettings,
}

impl RecurrentGanSettings {
    pub(super) fn check(&self, name: &str) -> Result<(), SuiteError> {
        for (key, value) in [
            ("batch_size", self.batch_size),
            ("latent", self.latent),
            ("hidden", self.hidden),
            ("discriminator_hidden", self.discriminator_hidden),
            ("layers", self.layers),
        ] {
            require(name, value > 0, &format!("`{key}` is 0, expected at least 1"))?;
        }
        for (key, optimiser) in [
            ("optimiser", &self.optimiser),
            ("discriminator_optimiser", &self.discriminator_optimiser),
        ] {
            let problem = optimiser.check().err();
            let text = format!("`{key}`: {}", problem.clone().unwrap_or_default());
            require(name, problem.is_none(), &text)?;
        }
        Ok(())
    }
}
