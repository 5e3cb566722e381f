use serde::{Deserialize, Serialize};

use crate::gan::OptimiserSettings;
use crate::nn::RecurrentKind;
use crate::suite::SuiteError;
use crate::suite::systems::loop_settings::require;
use crate::suite::systems::series::noise::StepNoise;

pub(super) const NAME: &str = "timegan";
pub(super) const DEFAULTS: &str = include_str!("../../../../../configs/suite/timegan.toml");

/// Settings of [`super::TimeGan`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeGanSettings {
    /// Iterations of the joint phase; those of the two phases before come on top.
    pub short_iterations: u64,
    pub paper_iterations: u64,
    /// Iterations of the first phase, as a share of those of the joint one.
    pub embedding_share: f64,
    /// The same of the second phase.
    pub supervision_share: f64,
    pub batch_size: usize,
    /// `gru` or `lstm`.
    pub cell: Cell,
    /// Numbers of a latent step, and of the states of all recurrent layers.
    pub hidden: usize,
    /// Recurrent layers of each network; the supervisor has one less.
    pub layers: usize,
    /// What the generator gets at each step. The paper's is a Wiener process, that of the authors'
    /// code is uniform.
    pub noise: StepNoise,
    /// Noise numbers of a step; as many as features where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latent: Option<usize>,
    /// γ
    pub embedded_weight: f64,
    /// Of √L_S in the loss of the generator.
    pub supervised_weight: f64,
    /// Of the difference of the moments.
    pub moment_weight: f64,
    /// Of L_R in the loss of the autoencoder.
    pub reconstruction_weight: f64,
    /// Of L_S in the loss of the autoencoder.
    pub embedding_supervised_weight: f64,
    /// Updates of the generator and the autoencoder for each of the discriminator.
    pub generator_steps: u64,
    /// The discriminator is left as it is while its loss is below.
    pub discriminator_threshold: f64,
    /// β of the moving averages of generator, supervisor and recovery; 0 for none.
    pub average_decay: f64,
    pub optimiser: OptimiserSettings,
    pub discriminator_optimiser: OptimiserSettings,
}

/// A recurrent layer by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    Gru,
    Lstm,
}

impl Cell {
    pub(in crate::suite::systems::series) fn kind(self) -> RecurrentKind {
        match self {
            Self::Gru => RecurrentKind::Gru,
            Self::Lstm => RecurrentKind::Lstm,
        }
    }
}

impl TimeGanSettings {
    pub(super) fn check(&self) -> Result<(), SuiteError> {
        let require = |holds, problem: &str| require(NAME, holds, problem);
        for (key, value) in [("batch_size", self.batch_size), ("hidden", self.hidden)] {
            require(value > 0, &format!("`{key}` is 0, expected at least 1"))?;
        }
        require(self.layers > 1, "`layers` must be at least 2: the supervisor has one less")?;
        require(self.latent != Some(0), "`latent` is 0, expected at least 1")?;
        require(self.generator_steps > 0, "`generator_steps` is 0, expected at least 1")?;
        for (key, value) in [
            ("embedding_share", self.embedding_share),
            ("supervision_share", self.supervision_share),
            ("embedded_weight", self.embedded_weight),
            ("supervised_weight", self.supervised_weight),
            ("moment_weight", self.moment_weight),
            ("reconstruction_weight", self.reconstruction_weight),
            ("embedding_supervised_weight", self.embedding_supervised_weight),
            ("discriminator_threshold", self.discriminator_threshold),
        ] {
            require(
                value.is_finite() && value >= 0.0,
                &format!("`{key}` is {value}, expected at least 0"),
            )?;
        }
        let decay = (0.0..1.0).contains(&self.average_decay);
        require(decay, "`average_decay` must be from 0 to less than 1")?;
        for (key, optimiser) in [
            ("optimiser", &self.optimiser),
            ("discriminator_optimiser", &self.discriminator_optimiser),
        ] {
            let checked = optimiser.check();
            require(checked.is_ok(), &format!("`{key}`: {}", checked.err().unwrap_or_default()))?;
        }
        Ok(())
    }

    /// Iterations of the three phases.
    pub(super) fn phases(&self, joint: u64) -> [u64; 3] {
        let share = |share: f64| (share * joint as f64).round() as u64;
        [share(self.embedding_share), share(self.supervision_share), joint]
    }
}
