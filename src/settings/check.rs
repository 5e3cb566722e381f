use std::collections::BTreeSet;

use detectors::{Calorimeter, DetectorError};
use thiserror::Error;

use super::training::{CriticSettings, GeneratorSettings, OptimiserSettings, TrainingSettings};
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
}

/// Settings that can run: every value is in its range and the detector exists.
#[derive(Debug, Clone)]
pub struct CheckedSettings {
    settings: TrainingSettings,
    detector: Calorimeter,
}

impl CheckedSettings {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// Broken TOML, an unknown key, or a value out of range; the message names key, value and range.
    pub fn from_toml(text: &str) -> Result<Self, SettingsError> {
        toml::from_str::<TrainingSettings>(text)?.check()
    }

    pub fn to_toml(&self) -> String {
        toml::to_string(&self.settings).expect("checked settings have only plain values")
    }

    pub fn detector(&self) -> &Calorimeter {
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
    /// # Errors
    /// The first value that is out of its range.
    pub fn check(self) -> Result<CheckedSettings, SettingsError> {
        exactly("format_version", u64::from(self.format_version), u64::from(FORMAT_VERSION))?;
        let detector = detectors::builtin(&self.detector)?;
        let range = detector.incident_energy_range_mev();
        let energy = |key: &str, value: f64| {
            within(key, value, *range.start(), *range.end(), "MeV, the detector's range")
        };
        energy("conditions.minimum_mev", self.conditions.minimum_mev)?;
        energy("conditions.maximum_mev", self.conditions.maximum_mev)?;
        if self.conditions.minimum_mev >= self.conditions.maximum_mev {
            return Err(out_of_range(
                "conditions.maximum_mev",
                self.conditions.maximum_mev,
                format!("more than `conditions.minimum_mev` = {}", self.conditions.minimum_mev),
            ));
        }
        self.generator.check()?;
        at_least("critic", self.critic.len() as u64, 1)?;
        let mut names = BTreeSet::new();
        for critic in &self.critic {
            critic.check()?;
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
        at_least("training.log_every", run.log_every, 1)?;
        at_least("training.checkpoint_every", run.checkpoint_every, 1)?;
        at_least("selection.every", self.selection.every, 1)?;
        at_least("selection.events", self.selection.events as u64, 100)?;
        Ok(CheckedSettings { settings: self, detector })
    }
}

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

fn within(key: &str, value: f64, low: f64, high: f64, what: &str) -> Result<(), SettingsError> {
    if value >= low && value <= high {
        return Ok(());
    }
    let expected = format!("{low} to {high} {what}");
    Err(out_of_range(key, value, expected.trim_end().to_owned()))
}

fn at_least(key: &str, value: u64, least: u64) -> Result<(), SettingsError> {
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
