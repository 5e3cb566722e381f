//! What a training does when it diverges.

use serde::{Deserialize, Serialize};

use super::SettingsError;
use super::check::{at_least, within};

/// When a training counts as diverged or collapsed, and what follows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SafetySettings {
    /// `stop` or `roll-back`.
    pub on_divergence: OnDivergence,
    /// A roll-back multiplies all learning rates by this.
    pub rate_factor: f64,
    /// After so many roll-backs, the next trouble stops the training.
    pub most_roll_backs: u64,
    /// The generator has collapsed if the variance of its events at fixed conditions is less than
    /// this share of the data's. 0 never says so.
    pub smallest_variance_ratio: f64,
    /// A critic has diverged if its loss or score difference is more than this times its median of
    /// the last lines of the log. `inf` never says so.
    pub largest_loss_ratio: f64,
}

/// What follows when a training has diverged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnDivergence {
    /// End with an error; the last checkpoint stays.
    #[default]
    Stop,
    /// Go back to the last checkpoint, with smaller learning rates and other random numbers.
    RollBack,
}

impl Default for SafetySettings {
    fn default() -> Self {
        Self {
            on_divergence: OnDivergence::Stop,
            rate_factor: 0.5,
            most_roll_backs: 5,
            smallest_variance_ratio: 0.01,
            largest_loss_ratio: 1000.0,
        }
    }
}

impl SafetySettings {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        within("safety.rate_factor", self.rate_factor, 1e-3, 1.0, "")?;
        at_least("safety.most_roll_backs", self.most_roll_backs, 1)?;
        within("safety.smallest_variance_ratio", self.smallest_variance_ratio, 0.0, 0.5, "")?;
        within("safety.largest_loss_ratio", self.largest_loss_ratio, 2.0, f64::INFINITY, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_its_default_and_what_is_wrong_is_named() {
        let read: SafetySettings = toml::from_str("on_divergence = \"roll-back\"").expect("valid");
        assert_eq!(read.on_divergence, OnDivergence::RollBack);
        assert_eq!(
            SafetySettings { on_divergence: OnDivergence::Stop, ..read },
            Default::default()
        );
        let never = toml::from_str::<SafetySettings>("largest_loss_ratio = inf").expect("valid");
        assert!(never.check().is_ok());
        for (text, expected) in [
            ("rate_factor = 1.5", "`safety.rate_factor` is 1.5, expected 0.001 to 1"),
            ("most_roll_backs = 0", "`safety.most_roll_backs` is 0, expected at least 1"),
            ("largest_loss_ratio = nan", "`safety.largest_loss_ratio` is NaN, expected 2 to inf"),
        ] {
            let settings: SafetySettings = toml::from_str(text).expect("valid TOML");
            assert_eq!(settings.check().expect_err("out of range").to_string(), expected);
        }
    }
}
