use serde::{Deserialize, Serialize};

use crate::gan::OptimiserSettings;
use crate::suite::SuiteError;
use crate::suite::systems::loop_settings::require;

pub(super) const NAME: &str = "c-rnn-gan";
pub(super) const DEFAULTS: &str = include_str!("../../../../../configs/suite/c-rnn-gan.toml");

/// Settings of [`super::CRnnGan`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CRnnGanSettings {
    /// Iterations with an update of each network, behind the pretraining.
    pub short_iterations: u64,
    pub paper_iterations: u64,
    /// Iterations of the pretraining, as a share of those behind it.
    pub pretraining_share: f64,
    pub batch_size: usize,
    /// Noise numbers of a step.
    pub latent: usize,
    /// Numbers of the states in both networks.
    pub hidden: usize,
    /// Recurrent layers of the generator, and of the discriminator in both directions.
    pub layers: usize,
    /// Share of the outputs of each recurrent layer that is dropped in training.
    pub dropout: f64,
    pub generator_loss: GeneratorLoss,
    /// λ of λ Σ w² over the parameters of each network.
    pub l2_weight: f64,
    /// The largest norm of a network's gradient.
    pub largest_gradient: f64,
    pub optimiser: OptimiserSettings,
    pub discriminator_optimiser: OptimiserSettings,
}

/// What the generator minimises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GeneratorLoss {
    /// E ln(1 − d(g(z)))
    Saturating,
    /// −E ln d(g(z))
    NonSaturating,
    /// E (R(x) − R(g(z)))², R the discriminator's last recurrent layer, pair by pair.
    FeatureMatching,
}

impl CRnnGanSettings {
    pub(super) fn check(&self) -> Result<(), SuiteError> {
        let require = |holds, problem: &str| require(NAME, holds, problem);
        for (key, value) in [
            ("batch_size", self.batch_size),
            ("latent", self.latent),
            ("hidden", self.hidden),
            ("layers", self.layers),
        ] {
            require(value > 0, &format!("`{key}` is 0, expected at least 1"))?;
        }
        require((0.0..1.0).contains(&self.dropout), "`dropout` must be from 0 to less than 1")?;
        let positive = self.largest_gradient > 0.0 && self.largest_gradient.is_finite();
        require(positive, "`largest_gradient` must be positive")?;
        for (key, value) in
            [("pretraining_share", self.pretraining_share), ("l2_weight", self.l2_weight)]
        {
            require(
                value.is_finite() && value >= 0.0,
                &format!("`{key}` is {value}, expected at least 0"),
            )?;
        }
        for (key, optimiser) in [
            ("optimiser", &self.optimiser),
            ("discriminator_optimiser", &self.discriminator_optimiser),
        ] {
            let checked = optimiser.check();
            require(checked.is_ok(), &format!("`{key}`: {}", checked.err().unwrap_or_default()))?;
        }
        Ok(())
    }

    /// Iterations of the pretraining in front of so many.
    pub(super) fn pretraining(&self, iterations: u64) -> u64 {
        (self.pretraining_share * iterations as f64).round() as u64
    }
}
