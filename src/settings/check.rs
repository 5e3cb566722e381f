use std::collections::BTreeSet;

use detectors::{ConditionKind, Detector, DetectorError, Response};
use thiserror::Error;

use super::training::{
    CriticSettings, GeneratorSettings, OptimiserSettings, TrainingSettings, VoxelNoise,
};
use crate::codec::transforms::{TransformError, TransformSettings};
use crate::gan::View;
use crate::gan::penalties::Penalty;

pub(super) const FORMAT_VERSION: u32 = 1;

#[derive(Debug, Error)]
pub enum SettingsError {
    #[error("settings are not valid TOML: {0}")]
    Toml(#[from] toml::de::Error),

    #[error("`{key}` is {value}, expected {expected}")]
    OutOfRange { key: String, value: String, expected: String },

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
        let settings: TrainingSettings = toml::from_str(text)?;
        let detector = detectors::builtin(&settings.detector)?;
        settings.check(detector)
    }

    pub fn to_toml(&self) -> String {
        toml::to_string(&self.settings).expect("checked settings have only plain values")
    }

    pub fn detector(&self) -> &Detector {
        &self.detector
    }
}

impl std::ops::Deref for CheckedSettings {
    type Target = TrainingSettings;

    fn deref(&self) -> &TrainingSettings {
        &self.settings
    }
}

impl TrainingSettings {
    /// `detector` is what the settings' `detector` names.
    ///
    /// # Errors
    /// The first value that is out of its range.
    pub fn check(self, detector: Detector) -> Result<CheckedSettings, SettingsError> {
        exactly("format_version", u64::from(self.format_version), u64::from(FORMAT_VERSION))?;
        self.check_conditions(&detector)?;
        self.check_codec(&detector)?;
        self.generator.check()?;
        at_least("critic", self.critic.len() as u64, 1)?;
        let mut names = BTreeSet::new();
        for critic in &self.critic {
            critic.check()?;
            if critic.sees != View::Shower && self.codec.voxel_scale.is_none() {
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
        at_least("training.iterations", run.iterations, 1)?;
        at_least("training.batch_size", run.batch_size as u64, 2)?;
        at_least("training.critic_steps", run.critic_steps, 1)?;
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
            (Some(_), true) if self.generator.voxel_noise == VoxelNoise::Mixed => {
                let (found, most) = (detector.value_count(), MOST_MIXED_VOXELS);
                if found <= most {
                    return Ok(());
                }
                Err(out_of_range(
                    "generator.voxel_noise",
                    "mixed",
                    format!("`independent` or `none` for {found} voxels, more than {most}"),
                ))
            }
            _ => Ok(()),
        }
    }
}

/// A matrix that mixes the noise of more voxels has more weights than the rest of the generator.
const MOST_MIXED_VOXELS: usize = 4096;

impl GeneratorSettings {
    fn check(&self) -> Result<(), SettingsError> {
        at_least("generator.latent", self.latent as u64, 1)?;
        widths("generator.hidden", &self.hidden)?;
        self.optimiser.check("generator.optimiser")
    }
}

impl CriticSettings {
    fn check(&self) -> Result<(), SettingsError> {
        let key = |name: &str| format!("critic `{}`: {name}", self.name);
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if self.name.is_empty() || !self.name.chars().all(plain) {
            return Err(out_of_range(
                "critic.name",
                &self.name,
                "letters, digits, `-` and `_`".to_owned(),
            ));
        }
        widths(&key("hidden"), &self.hidden)?;
        within(&key("weight"), self.weight, 0.0, 1e6, "")?;
        match self.penalty {
            Penalty::GradientPenalty { weight } => {
                within(&key("penalty.weight"), weight, 0.0, 1e6, "")?;
            }
            Penalty::ZeroCentred { weight, final_weight } => {
                within(&key("penalty.weight"), weight, 1e-9, 1e6, "")?;
                within(&key("penalty.final_weight"), final_weight, 1e-9, 1e6, "")?;
            }
        }
        self.optimiser.check(&key("optimiser"))
    }
}

impl OptimiserSettings {
    fn check(&self, key: &str) -> Result<(), SettingsError> {
        within(&format!("{key}.learning_rate"), self.learning_rate, 1e-9, 1.0, "")?;
        if let Some(rate) = self.final_learning_rate {
            within(&format!("{key}.final_learning_rate"), rate, 0.0, 1.0, "")?;
        }
        within(&format!("{key}.constant_share"), self.constant_share, 0.0, 1.0, "")?;
        within(&format!("{key}.beta1"), self.beta1, 0.0, 0.9999, "")?;
        within(&format!("{key}.beta2"), self.beta2, 0.0, 0.999_999, "")
    }
}

const WIDEST_LAYER: usize = 65_536;

fn widths(key: &str, widths: &[usize]) -> Result<(), SettingsError> {
    at_least(&format!("{key} (number of layers)"), widths.len() as u64, 1)?;
    match widths.iter().find(|width| !(1..=WIDEST_LAYER).contains(*width)) {
        None => Ok(()),
        Some(width) => Err(out_of_range(key, width, format!("widths of 1 to {WIDEST_LAYER}"))),
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
