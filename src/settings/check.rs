use std::collections::BTreeSet;

use detectors::{ConditionKind, Detector, DetectorError, Family, Response};
use serde::Deserialize;
use thiserror::Error;

use super::networks;
use super::training::{CriticSettings, GeneratorSettings, TrainingSettings, VoxelNoise};
use crate::codec::transforms::{TransformError, TransformSettings};
use crate::gan::objectives::Objective;
use crate::gan::penalties::Penalty;
use crate::gan::{HeadKind, Schedule, View};

pub(super) const FORMAT_VERSION: u32 = 2;

#[derive(Debug, Error)]
pub enum SettingsError {
    #[error("settings are not valid TOML: {0}")]
    Toml(#[from] toml::de::Error),

    #[error("`{key}` is {value}, expected {expected}")]
    OutOfRange { key: String, value: String, expected: String },

    #[error("`{key}`: {problem}")]
    Wrong { key: String, problem: String },

    #[error(transparent)]
    Detector(#[from] DetectorError),

    #[error("`codec.transform`: {0}")]
    Transform(#[from] TransformError),
}

/// Settings that can run: every value is in its range and the detector exists.
#[derive(Debug, Clone)]
pub struct CheckedSettings {
    settings: TrainingSettings,
    detector: Detector,
}

impl CheckedSettings {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// Broken TOML, an unknown key, or a value out of range; the message names key, value and range.
    pub fn from_toml(text: &str) -> Result<Self, SettingsError> {
        let settings = TrainingSettings::from_toml(text)?;
        let detector = detectors::builtin(&settings.detector)?;
        settings.check(detector)
    }

    pub fn to_toml(&self) -> String {
        toml::to_string(&self.settings).expect("checked settings have only plain values")
    }

    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    /// Events of the same condition that are drawn together: all critics' packs fit into them.
    pub fn packing(&self) -> usize {
        self.settings.critic.iter().map(|critic| critic.packing).fold(1, least_common_multiple)
    }
}

impl std::ops::Deref for CheckedSettings {
    type Target = TrainingSettings;

    fn deref(&self) -> &TrainingSettings {
        &self.settings
    }
}

/// What is read first: keys of another format would be called unknown.
#[derive(Deserialize)]
struct Version {
    format_version: u32,
}

impl TrainingSettings {
    /// Reads a configuration without checking its values.
    ///
    /// # Errors
    /// Broken TOML, another format, or an unknown key.
    pub fn from_toml(text: &str) -> Result<Self, SettingsError> {
        if let Ok(Version { format_version }) = toml::from_str(text) {
            exactly("format_version", u64::from(format_version), u64::from(FORMAT_VERSION))?;
        }
        Ok(toml::from_str(text)?)
    }

    /// `detector` is what the settings' `detector` names.
    ///
    /// # Errors
    /// The first value that is out of its range.
    pub fn check(self, detector: Detector) -> Result<CheckedSettings, SettingsError> {
        exactly("format_version", u64::from(self.format_version), u64::from(FORMAT_VERSION))?;
        self.check_conditions(&detector)?;
        self.check_codec(&detector)?;
        let sums = self.codec.voxel_scale.is_some();
        self.generator.check(sums)?;
        at_least("critic", self.critic.len() as u64, 1)?;
        let mut names = BTreeSet::new();
        for critic in &self.critic {
            critic.check(&detector)?;
            if !matches!(critic.sees, View::Shower | View::Cells) && !sums {
                return Err(out_of_range(
                    &format!("critic `{}`: sees", critic.name),
                    "an energy sum",
                    "`shower`: there are no energy sums without `codec.voxel_scale`".to_owned(),
                ));
            }
            if !names.insert(critic.name.as_str()) {
                return Err(out_of_range(
                    "critic.name",
                    &critic.name,
                    "a name used only once".to_owned(),
                ));
            }
        }
        let run = &self.training;
        let packing =
            self.critic.iter().map(|critic| critic.packing).fold(1, least_common_multiple);
        if !run.batch_size.is_multiple_of(packing) {
            let expected = format!("a multiple of {packing}, by which critics see packed events");
            return Err(out_of_range("training.batch_size", run.batch_size, expected));
        }
        at_least("training.iterations", run.iterations, 1)?;
        at_least("training.batch_size", run.batch_size as u64, 2)?;
        at_least("training.critic_steps", run.critic_steps, 1)?;
        at_least("training.generator_steps", run.generator_steps, 1)?;
        at_least("training.accumulation", run.accumulation, 1)?;
        at_least("training.events_per_pass", run.events_per_pass.unwrap_or(1) as u64, 1)?;
        within("training.average_decay", run.average_decay, 0.0, 1.0, "")?;
        at_least("training.memory_mib", run.memory_mib as u64, 1)?;
        if run.azimuthal_symmetry && !detector.is_azimuthally_symmetric() {
            return Err(out_of_range(
                "training.azimuthal_symmetry",
                true,
                format!("false: detector `{}` is not symmetric about its axis", detector.name()),
            ));
        }
        if run.azimuthal_symmetry && self.codec.voxel_scale.is_none() {
            return Err(out_of_range(
                "training.azimuthal_symmetry",
                true,
                "false: with `codec.transform`, cells cannot be turned".to_owned(),
            ));
        }
        at_least("training.log_every", run.log_every, 1)?;
        at_least("training.checkpoint_every", run.checkpoint_every, 1)?;
        at_least("selection.every", self.selection.every, 1)?;
        at_least("selection.events", self.selection.events as u64, 100)?;
        networks::check(&self, &detector)?;
        let by = self.selection.by;
        if !by.exists(&detector) {
            return Err(out_of_range(
                "selection.by",
                by.name(),
                format!("another figure: a table like `{}` has no such one", detector.name()),
            ));
        }
        self.safety.check()?;
        Ok(CheckedSettings { settings: self, detector })
    }

    fn check_conditions(&self, detector: &Detector) -> Result<(), SettingsError> {
        for (name, range) in &self.conditions {
            let numbers = detector.conditions().iter().find_map(|condition| match condition.kind {
                ConditionKind::Number { minimum, maximum, .. } if condition.name == *name => {
                    Some((condition, minimum, maximum))
                }
                _ => None,
            });
            let Some((condition, low, high)) = numbers else {
                let known: Vec<String> = detector
                    .conditions()
                    .iter()
                    .filter(|condition| matches!(condition.kind, ConditionKind::Number { .. }))
                    .map(|condition| format!("`{}`", condition.name))
                    .collect();
                return Err(out_of_range(
                    "conditions",
                    name,
                    format!("names of numbers: {}", known.join(", ")),
                ));
            };
            let what = format!("{}, the detector's range", condition.unit);
            within(&format!("conditions.{name}.minimum"), range.minimum, low, high, &what)?;
            within(&format!("conditions.{name}.maximum"), range.maximum, low, high, &what)?;
            if range.minimum >= range.maximum {
                return Err(out_of_range(
                    &format!("conditions.{name}.maximum"),
                    range.maximum,
                    format!("more than `conditions.{name}.minimum` = {}", range.minimum),
                ));
            }
        }
        Ok(())
    }

    fn check_codec(&self, detector: &Detector) -> Result<(), SettingsError> {
        TransformSettings::check(&self.codec.transform)?;
        let is_table = matches!(detector.response(), Response::Table(_));
        match (self.codec.voxel_scale, self.codec.transform.is_empty()) {
            (Some(_), false) => Err(out_of_range(
                "codec.transform",
                "given beside `codec.voxel_scale`",
                "just one of the two".to_owned(),
            )),
            // Points, images and series may be in network units already.
            (None, true) if detector.family() == Family::General => Ok(()),
            (None, true) => Err(out_of_range(
                "codec",
                "empty",
                "`voxel_scale`, or `[[codec.transform]]`".to_owned(),
            )),
            (Some(_), true) if is_table => Err(out_of_range(
                "codec.voxel_scale",
                "given",
                "`[[codec.transform]]` for a table".to_owned(),
            )),
            (Some(_), true) => self.generator.check_voxel_noise(detector.value_count()),
            _ => Ok(()),
        }
    }
}

/// A matrix that mixes the noise of more voxels has more weights than the rest of the generator.
const MOST_MIXED_VOXELS: usize = 4096;

impl GeneratorSettings {
    /// Whether the noise of so many voxels can be mixed, where it is to be.
    pub(super) fn check_voxel_noise(&self, voxels: usize) -> Result<(), SettingsError> {
        if self.voxel_noise != VoxelNoise::Mixed || voxels <= MOST_MIXED_VOXELS {
            return Ok(());
        }
        Err(out_of_range(
            "generator.voxel_noise",
            "mixed",
            format!("`independent` or `none` for {voxels} voxels, more than {MOST_MIXED_VOXELS}"),
        ))
    }

    pub(super) fn check(&self, has_sums: bool) -> Result<(), SettingsError> {
        at_least("generator.latent", self.latent as u64, 1)?;
        self.noise.check().map_err(|problem| wrong("generator.noise", problem))?;
        if !has_sums && self.head != HeadKind::default() {
            return Err(wrong(
                "generator.head",
                "given, expected none: there are no heads without `codec.voxel_scale`".to_owned(),
            ));
        }
        if !has_sums && !self.matching.is_empty() {
            return Err(wrong(
                "generator.matching",
                "given, expected none: observables need `codec.voxel_scale`".to_owned(),
            ));
        }
        if self.head == HeadKind::Rectified && self.voxel_noise != VoxelNoise::None {
            return Err(wrong(
                "generator.voxel_noise",
                "not `none`, expected `none` beside `head = \"rectified\"`".to_owned(),
            ));
        }
        for matching in &self.matching {
            within("generator.matching: weight", matching.weight, 0.0, 1e6, "")?;
        }
        clip("generator.gradient_clip", self.gradient_clip)?;
        self.optimiser.check().map_err(|problem| wrong("generator.optimiser", problem))
    }
}

impl CriticSettings {
    fn check(&self, detector: &Detector) -> Result<(), SettingsError> {
        let key = |name: &str| format!("critic `{}`: {name}", self.name);
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if self.name.is_empty() || !self.name.chars().all(plain) {
            return Err(out_of_range(
                "critic.name",
                &self.name,
                "letters, digits, `-` and `_`".to_owned(),
            ));
        }
        if (self.sees == View::Observables) == self.observables.is_empty() {
            return Err(wrong(
                &key("observables"),
                "expected names beside `sees = \"observables\"`, and only there".to_owned(),
            ));
        }
        within(&key("weight"), self.weight, 0.0, 1e6, "")?;
        at_least(&key("steps"), self.steps.unwrap_or(1), 1)?;
        at_least(&key("packing"), self.packing as u64, 1)?;
        schedule(&key("instance_noise"), &self.instance_noise)?;
        within(&key("label_flip"), self.label_flip, 0.0, 0.5, "")?;
        clip(&key("weight_clip"), self.weight_clip)?;
        clip(&key("gradient_clip"), self.gradient_clip)?;
        self.check_objective(detector)?;
        for penalty in &self.penalty {
            let kind = penalty.kind();
            schedule(&key(&format!("penalty `{kind}`: weight")), penalty.weight())?;
            let gradients_only = matches!(penalty, Penalty::GradientPenalty(_));
            let fits = match self.objective {
                Objective::Cramer(_) => gradients_only,
                _ => self.objective.has_score(),
            };
            if !fits {
                return Err(wrong(
                    &key("penalty"),
                    format!("`{kind}`, which this objective has no use for"),
                ));
            }
        }
        self.optimiser.check().map_err(|problem| wrong(&key("optimiser"), problem))
    }

    fn check_objective(&self, detector: &Detector) -> Result<(), SettingsError> {
        let key = |name: &str| format!("critic `{}`: {name}", self.name);
        match &self.objective {
            Objective::LeastSquares(targets) => {
                for target in [targets.fake, targets.real, targets.generator] {
                    within(&key("objective"), target, -1e3, 1e3, "for a target")?;
                }
            }
            Objective::Cramer(cramer) => {
                at_least(&key("objective: dimension"), cramer.dimension as u64, 1)?;
            }
            Objective::Began(began) => {
                within(&key("objective: diversity"), began.diversity, 0.0, 10.0, "")?;
                within(
                    &key("objective: proportional_gain"),
                    began.proportional_gain,
                    0.0,
                    1.0,
                    "",
                )?;
                within(&key("objective: exponent"), f64::from(began.exponent), 1.0, 2.0, "")?;
            }
            _ => {}
        }
        let flips = matches!(
            self.objective,
            Objective::Cramer(_)
                | Objective::Began(_)
                | Objective::RelativisticPaired
                | Objective::Constrainer(_)
        );
        if flips && self.label_flip > 0.0 {
            return Err(wrong(
                &key("label_flip"),
                "given, expected none: this objective has no labels".to_owned(),
            ));
        }
        let conditions = self.auxiliary.iter().map(|head| head.condition.as_str());
        for condition in conditions.chain(self.objective.target_condition()) {
            let is_number = detector.conditions().iter().any(|known| {
                known.name == condition && matches!(known.kind, ConditionKind::Number { .. })
            });
            if !is_number {
                return Err(wrong(
                    &key("condition"),
                    format!("`{condition}`, expected the name of a condition that is a number"),
                ));
            }
        }
        for head in &self.auxiliary {
            within(&key("auxiliary: weight"), head.weight, 0.0, 1e6, "")?;
        }
        if !self.auxiliary.is_empty() && !self.objective.has_score() {
            return Err(wrong(
                &key("auxiliary"),
                "given, expected none: this objective has no score beside which heads could stand"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}

fn least_common_multiple(a: usize, b: usize) -> usize {
    let greatest_common_divisor = |mut a: usize, mut b: usize| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    a / greatest_common_divisor(a, b) * b
}

fn schedule(key: &str, schedule: &Schedule) -> Result<(), SettingsError> {
    schedule.check(1e6).map_err(|problem| wrong(key, problem))
}

fn clip(key: &str, largest: Option<f64>) -> Result<(), SettingsError> {
    match largest {
        Some(largest) => within(key, largest, 1e-9, 1e9, ""),
        None => Ok(()),
    }
}

pub(super) fn within(
    key: &str,
    value: f64,
    low: f64,
    high: f64,
    what: &str,
) -> Result<(), SettingsError> {
    if value >= low && value <= high {
        return Ok(());
    }
    let expected = format!("{low} to {high} {what}");
    Err(out_of_range(key, value, expected.trim_end().to_owned()))
}

pub(super) fn at_least(key: &str, value: u64, least: u64) -> Result<(), SettingsError> {
    if value >= least {
        return Ok(());
    }
    Err(out_of_range(key, value, format!("at least {least}")))
}

fn exactly(key: &str, value: u64, expected: u64) -> Result<(), SettingsError> {
    if value == expected {
        return Ok(());
    }
    Err(out_of_range(key, value, format!("{expected}, which this version of showerforge reads")))
}

fn out_of_range(key: &str, value: impl ToString, expected: String) -> SettingsError {
    SettingsError::OutOfRange { key: key.to_owned(), value: value.to_string(), expected }
}

pub(super) fn wrong(key: &str, problem: String) -> SettingsError {
    SettingsError::Wrong { key: key.to_owned(), problem }
}
