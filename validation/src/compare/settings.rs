use serde::{Deserialize, Serialize};

use crate::ValidationError;
use crate::classifier::{ClassifierSettings, FeatureSet};

/// What a validation computes, and the limits of its verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValidationSettings {
    /// Which classifiers are trained. Default both.
    pub classifiers: ClassifierChoice,
    pub classifier: ClassifierSettings,
    pub limits: Limits,
    /// Random halves of the reference that the floor is averaged over. Default 10.
    pub floor_splits: u32,
    /// Seed of the random halves. Default 1.
    pub seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassifierChoice {
    None,
    HighLevel,
    LowLevel,
    Both,
}

/// A sample passes if none of its figures exceeds its limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// AUC of the classifier on high-level features. Default 0.80; published GANs have 0.94 to
    /// 0.97 on CaloChallenge's photons, with another classifier.
    pub high_level_auc: f64,
    /// AUC of the classifier on voxels. Default 0.95.
    pub low_level_auc: f64,
    /// Greatest separation power of all observables. Default 0.05.
    pub separation: f64,
    /// Σ χ² / Σ ndf of E_tot/E_inc over the incident energies. Default 3.
    pub response_chi2_per_ndf: f64,
}

impl Default for ValidationSettings {
    fn default() -> Self {
        Self {
            classifiers: ClassifierChoice::Both,
            classifier: ClassifierSettings::default(),
            limits: Limits::default(),
            floor_splits: 10,
            seed: 1,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            high_level_auc: 0.80,
            low_level_auc: 0.95,
            separation: 0.05,
            response_chi2_per_ndf: 3.0,
        }
    }
}

impl ClassifierChoice {
    pub(super) fn feature_sets(self) -> &'static [FeatureSet] {
        match self {
            Self::None => &[],
            Self::HighLevel => &[FeatureSet::HighLevel],
            Self::LowLevel => &[FeatureSet::LowLevel],
            Self::Both => &[FeatureSet::HighLevel, FeatureSet::LowLevel],
        }
    }
}

impl ValidationSettings {
    /// # Errors
    /// [`ValidationError::Setting`] with the name of the setting that cannot be used. The
    /// classifier's settings are checked too.
    pub fn check(&self) -> Result<(), ValidationError> {
        self.classifier.check()?;
        if self.floor_splits == 0 {
            return Err(ValidationError::Setting {
                name: "floor_splits",
                found: "0".to_owned(),
                expected: "at least 1",
            });
        }
        let limits = [
            ("high_level_auc", self.limits.high_level_auc),
            ("low_level_auc", self.limits.low_level_auc),
            ("separation", self.limits.separation),
            ("response_chi2_per_ndf", self.limits.response_chi2_per_ndf),
        ];
        match limits.into_iter().find(|(_, limit)| !(limit.is_finite() && *limit >= 0.0)) {
            Some((name, limit)) => Err(ValidationError::Setting {
                name,
                found: limit.to_string(),
                expected: "a number of at least 0",
            }),
            None => Ok(()),
        }
    }
}
