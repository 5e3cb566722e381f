use serde::{Deserialize, Serialize};

use crate::ValidationError;
use crate::classifier::{ClassifierSettings, FeatureSet, TreeSettings};

/// What a validation computes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValidationSettings {
    /// Features that classifiers are trained on. Default high-level and low-level.
    pub classifiers: ClassifierChoice,
    /// The network's settings.
    pub classifier: ClassifierSettings,
    /// Gradient-boosted trees as a second opinion beside the network; `None` for none.
    pub boosted_trees: Option<TreeSettings>,
    /// What is computed beside the observables. Default all.
    pub topics: Vec<Topic>,
    /// Random halves of the reference that the floor is averaged over; without, there is no floor.
    /// Default 10.
    pub floor_splits: u32,
    /// Replicas of each observable that the errors of its tests are taken from; without, they have
    /// none. Default 50.
    pub bootstrap_replicas: u32,
    /// Seed of the random halves. Default 1.
    pub seed: u64,
}

/// A part of a validation that can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// The observables in bins of each condition.
    Conditions,
    /// Correlations between the observables.
    Correlations,
    /// Dead and hot cells.
    Cells,
    /// Repeated and copied events.
    Duplicates,
    /// What is special to the kind of detector: profiles, identification, power spectra.
    Physics,
    /// Distances in feature space.
    Distances,
    Classifiers,
}

impl Topic {
    pub const ALL: [Self; 7] = [
        Self::Conditions,
        Self::Correlations,
        Self::Cells,
        Self::Duplicates,
        Self::Physics,
        Self::Distances,
        Self::Classifiers,
    ];

    /// As it is written in settings and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conditions => "conditions",
            Self::Correlations => "correlations",
            Self::Cells => "cells",
            Self::Duplicates => "duplicates",
            Self::Physics => "physics",
            Self::Distances => "distances",
            Self::Classifiers => "classifiers",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassifierChoice {
    None,
    HighLevel,
    LowLevel,
    /// High-level and low-level.
    Both,
    /// CaloChallenge's three: high-level, low-level, and low-level normalised to the layers.
    All,
}

impl Default for ValidationSettings {
    fn default() -> Self {
        Self {
            classifiers: ClassifierChoice::Both,
            classifier: ClassifierSettings::default(),
            boosted_trees: Some(TreeSettings::default()),
            topics: Topic::ALL.to_vec(),
            floor_splits: 10,
            bootstrap_replicas: 50,
            seed: 1,
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
            Self::All => {
                &[FeatureSet::HighLevel, FeatureSet::LowLevel, FeatureSet::LowLevelNormalised]
            }
        }
    }
}

impl ValidationSettings {
    /// # Errors
    /// [`ValidationError::Setting`] with the name of the setting that cannot be used. The
    /// classifier's settings are checked too.
    pub fn check(&self) -> Result<(), ValidationError> {
        self.classifier.check()?;
        self.boosted_trees.as_ref().map(TreeSettings::check).transpose()?;
        Ok(())
    }
}
