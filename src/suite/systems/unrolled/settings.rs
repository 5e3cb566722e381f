use serde::{Deserialize, Serialize};

use super::super::loop_settings::require;
use super::inner_optimiser::InnerOptimiser;
use crate::gan::{OptimiserSettings, Progress};
use crate::nn::{Activation, Initialisation};
use crate::suite::SuiteError;

/// Settings of [`super::Unrolled`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnrolledSettings {
    pub short_iterations: u64,
    pub paper_iterations: u64,
    pub batch_size: usize,
    pub latent: usize,
    /// K, the critic's steps that the generator looks ahead; 0 is a GAN without unrolling.
    pub steps: usize,
    pub generator_objective: GeneratorObjective,
    /// Widths of the generator's hidden layers.
    pub generator_hidden: Vec<usize>,
    /// Widths of the critic's hidden layers.
    pub critic_hidden: Vec<usize>,
    /// Between the layers of both networks.
    pub activation: Activation,
    /// Of the weights of both networks.
    pub initialisation: Initialisation,
    /// β of the generator's moving average; 0 for the generator as it is.
    pub average_decay: f64,
    pub optimiser: OptimiserSettings,
    /// `adam`, or `sgd` without momentum.
    pub critic_optimiser: OptimiserSettings,
}

/// What the generator minimises against the critic it looks ahead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GeneratorObjective {
    /// −L, L the critic's loss, as in equation 10 of arXiv:1611.02163.
    Saturating,
    /// −E ln D(G(z))
    NonSaturating,
}

impl UnrolledSettings {
    pub(super) fn check(&self, name: &str) -> Result<(), SuiteError> {
        let require = |holds, problem: &str| require(name, holds, problem);
        require(self.batch_size > 0, "`batch_size` is 0, expected at least 1")?;
        require(self.latent > 0, "`latent` is 0, expected at least 1")?;
        require(self.steps <= 100, "`steps` is more than 100")?;
        let hidden = |widths: &[usize]| !widths.contains(&0);
        require(hidden(&self.generator_hidden), "`generator_hidden` needs positive numbers")?;
        require(hidden(&self.critic_hidden), "`critic_hidden` needs positive numbers")?;
        let decay = (0.0..1.0).contains(&self.average_decay);
        require(decay, "`average_decay` must be from 0 to less than 1")?;
        for (key, optimiser) in
            [("optimiser", &self.optimiser), ("critic_optimiser", &self.critic_optimiser)]
        {
            let checked = optimiser.check();
            require(checked.is_ok(), &format!("`{key}`: {}", checked.err().unwrap_or_default()))?;
        }
        let start = Progress { iteration: 0, iterations: 1 };
        require(
            InnerOptimiser::of(&self.critic_optimiser, start).is_some(),
            "`critic_optimiser` must be `adam`, or `sgd` without momentum",
        )
    }
}
