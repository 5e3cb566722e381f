//! What a user writes. Every key that may be left out has its default here.

use serde::{Deserialize, Serialize};
use validation::selection::Figure;

use super::safety::SafetySettings;
use crate::codec::transforms::TransformSettings;
use crate::codec::{EncodedLayout, LabelRanges, VoxelScale};
use crate::gan::objectives::Objective;
use crate::gan::penalties::Penalty;
use crate::gan::{
    Auxiliary, HeadKind, Matching, Noise, Observable, OptimiserSettings, Schedule, View,
};
use crate::nn::NetworkSettings;

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
    /// Their distribution; standard normal if left out.
    #[serde(default)]
    pub noise: Noise,
    pub network: NetworkSettings,
    /// Only for cells with `codec.voxel_scale`: `energy-shares`, `softmax-shares` or `rectified`.
    #[serde(default)]
    pub head: HeadKind,
    /// Only with an energy head: `mixed`, `independent` or `none`.
    #[serde(default)]
    pub voxel_noise: VoxelNoise,
    /// Terms of the loss by which observables are those of real events at the same condition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matching: Vec<Matching>,
    /// Largest norm of the gradient of all parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gradient_clip: Option<f64>,
    pub optimiser: OptimiserSettings,
}

impl GeneratorSettings {
    /// Outputs that the network must have.
    pub fn outputs(&self, layout: &EncodedLayout) -> usize {
        if !layout.has_total || self.head == HeadKind::Rectified {
            return layout.values;
        }
        let amplitudes = if self.voxel_noise == VoxelNoise::None { 0 } else { layout.values };
        layout.values + amplitudes + layout.sums()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CriticSettings {
    /// Its name in the log and in checkpoints.
    pub name: String,
    /// `shower`, `cells`, `total-energy`, `layer-energies` or `observables`.
    pub sees: View,
    /// What it sees with `sees = "observables"`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observables: Vec<Observable>,
    pub network: NetworkSettings,
    pub objective: Objective,
    /// Any number of penalties on its gradient or scores.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub penalty: Vec<Penalty>,
    /// Heads that tell conditions of events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auxiliary: Vec<Auxiliary>,
    /// Its share of the generator's loss.
    #[serde(default = "one")]
    pub weight: f64,
    /// Its updates before each generator update, `training.critic_steps` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// Events of the same condition that it sees at once (PacGAN, arXiv:1712.04086).
    #[serde(default = "single")]
    pub packing: usize,
    /// Deviation of normal noise that is added to what it sees (arXiv:1610.04490).
    #[serde(default = "zero")]
    pub instance_noise: Schedule,
    /// Share of pairs that are called by the other name.
    #[serde(default)]
    pub label_flip: f64,
    /// Weights are kept within ± this after each step (arXiv:1701.07875).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_clip: Option<f64>,
    /// Largest norm of the gradient of all parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gradient_clip: Option<f64>,
    pub optimiser: OptimiserSettings,
}

impl CriticSettings {
    /// Outputs that the network must have, where it sees `seen` values at once.
    pub fn outputs(&self, seen: usize) -> usize {
        self.objective.output_width(seen) + self.auxiliary.len()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunSettings {
    /// Iterations of the whole training: some updates of the critics, then some of the generator.
    pub iterations: u64,
    pub batch_size: usize,
    /// Critic updates before the generator's.
    pub critic_steps: u64,
    /// Generator updates of an iteration.
    #[serde(default = "one_step")]
    pub generator_steps: u64,
    /// Batches whose gradients are averaged for one update.
    #[serde(default = "one_step")]
    pub accumulation: u64,
    /// Events that go through the networks at once; less memory with fewer. If left out, all of a
    /// batch on a GPU, and on the CPU as many as fit its cache. With batch norm always all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events_per_pass: Option<usize>,
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

fn single() -> usize {
    1
}

fn one_step() -> u64 {
    1
}

fn zero() -> Schedule {
    Schedule::Constant(0.0)
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
