//! What a user writes. Every key that may be left out has its default here.

use serde::{Deserialize, Serialize};
use validation::selection::Figure;

use super::safety::SafetySettings;
use crate::codec::transforms::TransformSettings;
use crate::codec::{LabelRanges, VoxelScale};
use crate::gan::objectives::Objective;
use crate::gan::penalties::Penalty;
use crate::gan::{Betas, LearningRate, View};
use crate::nn::Activation;

/// A training configuration, as it stands in the TOML file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingSettings {
    pub format_version: u32,
    /// Name of a built-in detector, or a file: a description in TOML or a CaloChallenge binning in
    /// XML, relative to the configuration.
    pub detector: String,
    /// Ranges of conditions the surrogate is for, `{ minimum, maximum }` by name, in the detector's
    /// units; the detector's own where left out.
    #[serde(default)]
    pub conditions: LabelRanges,
    pub codec: CodecSettings,
    pub generator: GeneratorSettings,
    /// The critics, in order; at least one.
    pub critic: Vec<CriticSettings>,
    pub training: RunSettings,
    #[serde(default)]
    pub selection: SelectionSettings,
    #[serde(default)]
    pub safety: SafetySettings,
}

/// Just one of the two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodecSettings {
    /// Cells with energy heads: `square-root` or `linear`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voxel_scale: Option<VoxelScale>,
    /// Transforms one after the other, without energy heads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transform: Vec<TransformSettings>,
}

/// Noise that a generator of cells adds to each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VoxelNoise {
    /// One number a cell, mixed by a learned matrix; for up to 4,096 cells.
    #[default]
    Mixed,
    /// One number a cell.
    Independent,
    None,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneratorSettings {
    /// Noise numbers at the input.
    pub latent: usize,
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// `relu`, `leaky-relu` or `silu`.
    pub activation: Activation,
    /// Hidden layers as wide as their input add to it.
    #[serde(default)]
    pub residual: bool,
    /// Only with energy heads: `mixed`, `independent` or `none`.
    #[serde(default)]
    pub voxel_noise: VoxelNoise,
    pub optimiser: OptimiserSettings,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CriticSettings {
    /// Its name in the log and in checkpoints.
    pub name: String,
    /// `shower`, `total-energy` or `layer-energies`.
    pub sees: View,
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// `relu`, `leaky-relu` or `silu`.
    pub activation: Activation,
    /// `wasserstein` or `relativistic-paired`.
    pub objective: Objective,
    pub penalty: Penalty,
    /// Its share of the generator's loss.
    #[serde(default = "one")]
    pub weight: f64,
    pub optimiser: OptimiserSettings,
}

/// Adam's settings; the learning rate falls linearly after `constant_share` of the training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimiserSettings {
    pub learning_rate: f64,
    /// Learning rate at the end, the same as at the start if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_learning_rate: Option<f64>,
    #[serde(default = "constant_share")]
    pub constant_share: f64,
    pub beta1: f64,
    pub beta2: f64,
}

impl OptimiserSettings {
    pub fn betas(&self) -> Betas {
        Betas { first: self.beta1, second: self.beta2 }
    }

    pub fn schedule(&self) -> LearningRate {
        LearningRate {
            start: self.learning_rate,
            end: self.final_learning_rate.unwrap_or(self.learning_rate),
            constant_share: self.constant_share,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunSettings {
    /// Generator updates in the whole training.
    pub iterations: u64,
    pub batch_size: usize,
    /// Critic updates before each generator update.
    pub critic_steps: u64,
    /// Decay of the generator's exponential moving average.
    pub average_decay: f64,
    /// Turn and reflect each training event at random about the axis, where the detector is
    /// symmetric.
    #[serde(default)]
    pub azimuthal_symmetry: bool,
    /// Encoded training events in memory at once, in MiB. A greater sample is streamed: random
    /// blocks of it are in memory, and others after each has been drawn from.
    #[serde(default = "memory_mib")]
    pub memory_mib: usize,
    /// Iterations between two lines of the log.
    #[serde(default = "log_every")]
    pub log_every: u64,
    /// Iterations between two checkpoints.
    #[serde(default = "checkpoint_every")]
    pub checkpoint_every: u64,
    /// Earlier checkpoints that are kept in `checkpoints/`: so many of the last, and ever rarer
    /// ones before them. 0 keeps none.
    #[serde(default)]
    pub keep_checkpoints: u64,
    /// Write the log as event files for TensorBoard too.
    #[serde(default)]
    pub tensorboard: bool,
}

/// How the best model is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SelectionSettings {
    /// Iterations between two evaluations.
    pub every: u64,
    /// Validation events that are generated anew for each.
    pub events: usize,
    /// The figure that the best model has the lowest value of: `chi2-per-ndf`, `total-chi2-per-ndf`,
    /// `separation`, `kolmogorov-smirnov`, `auc-high-level` or `auc-low-level`.
    pub by: Figure,
}

impl Default for SelectionSettings {
    fn default() -> Self {
        Self { every: 1_000, events: 6_000, by: Figure::default() }
    }
}

fn one() -> f64 {
    1.0
}

fn constant_share() -> f64 {
    1.0
}

fn memory_mib() -> usize {
    1024
}

fn log_every() -> u64 {
    20
}

fn checkpoint_every() -> u64 {
    1_000
}
