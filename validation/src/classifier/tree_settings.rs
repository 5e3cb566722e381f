use serde::{Deserialize, Serialize};

use super::split::SplitSettings;
use crate::ValidationError;

/// Gradient-boosted trees that tell two samples apart, and their training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TreeSettings {
    /// Default 300.
    pub maximum_trees: usize,
    /// Splits from the root of a tree to a leaf, at most. Default 5.
    pub maximum_depth: usize,
    /// What is taken of each tree's step. Default 0.1.
    pub learning_rate: f64,
    /// Bins of the histograms that splits are looked for in: 2 to 1000. Default 128.
    pub bins: usize,
    /// Smallest sum of p (1 − p) over the events of a leaf. Default 3.
    pub leaf_weight: f64,
    /// Weight of the squared leaf values in the loss. Default 1.
    pub l2: f64,
    /// Share of the events that each tree sees. Default 0.8.
    pub event_share: f64,
    /// Each tree sees at most so many features, drawn at random. Default 96.
    pub features_per_tree: usize,
    /// Of more features, only these many are used: the conditions, and those whose distributions
    /// in the training events differ most (by the Kolmogorov–Smirnov distance). Default 768.
    pub maximum_features: usize,
    /// Training ends after so many trees without a smaller cross entropy on the held-out events.
    /// Default 25.
    pub patience: usize,
    /// Share of the events to train on. Default 0.6.
    pub training_share: f64,
    /// Share of the events to stop and to calibrate with; what is left is the test. Default 0.2.
    pub held_out_share: f64,
    /// At most so many events of each sample are used. Default 50,000.
    pub maximum_events_per_sample: usize,
    /// Same seed, same result. Default 1.
    pub seed: u64,
}

impl Default for TreeSettings {
    fn default() -> Self {
        Self {
            maximum_trees: 300,
            maximum_depth: 5,
            learning_rate: 0.1,
            bins: 128,
            leaf_weight: 3.0,
            l2: 1.0,
            event_share: 0.8,
            features_per_tree: 96,
            maximum_features: 768,
            patience: 25,
            training_share: 0.6,
            held_out_share: 0.2,
            maximum_events_per_sample: 50_000,
            seed: 1,
        }
    }
}

impl TreeSettings {
    /// # Errors
    /// [`ValidationError::Setting`] with the name of the setting that cannot be used.
    pub fn check(&self) -> Result<ValidTreeSettings, ValidationError> {
        let counts = [
            ("maximum_trees", self.maximum_trees),
            ("maximum_depth", self.maximum_depth),
            ("features_per_tree", self.features_per_tree),
            ("maximum_features", self.maximum_features),
            ("patience", self.patience),
            ("maximum_events_per_sample", self.maximum_events_per_sample),
        ];
        let refused =
            |name, found: String, expected| Err(ValidationError::Setting { name, found, expected });
        if let Some((name, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return refused(name, "0".to_owned(), "at least 1");
        }
        if !(2..=1000).contains(&self.bins) {
            return refused("bins", self.bins.to_string(), "2 to 1000");
        }
        let positive = |number: f64| number > 0.0 && number.is_finite();
        let not_negative = |number: f64| number >= 0.0 && number.is_finite();
        let share = self.event_share > 0.0 && self.event_share <= 1.0;
        let numbers = [
            (
                "learning_rate",
                self.learning_rate,
                positive(self.learning_rate),
                "a positive number",
            ),
            (
                "leaf_weight",
                self.leaf_weight,
                not_negative(self.leaf_weight),
                "a number of at least 0",
            ),
            ("l2", self.l2, not_negative(self.l2), "a number of at least 0"),
            ("event_share", self.event_share, share, "more than 0 and at most 1"),
        ];
        SplitSettings::check_shares(self.training_share, self.held_out_share)?;
        match numbers.into_iter().find(|(_, _, good, _)| !good) {
            Some((name, found, _, expected)) => refused(name, found.to_string(), expected),
            None => Ok(ValidTreeSettings(self.clone())),
        }
    }
}

/// Settings that were checked: only these can train.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidTreeSettings(TreeSettings);

impl std::ops::Deref for ValidTreeSettings {
    type Target = TreeSettings;

    fn deref(&self) -> &TreeSettings {
        &self.0
    }
}

impl ValidTreeSettings {
    pub(super) fn split(&self) -> SplitSettings {
        SplitSettings {
            seed: self.seed,
            maximum_events_per_sample: self.maximum_events_per_sample,
            training_share: self.training_share,
            held_out_share: self.held_out_share,
        }
    }

    /// Trees and training, in words.
    pub fn description(&self) -> String {
        format!(
            "up to {} trees of depth {}, step size {}, histograms of {} bins, L2 {}, {} % of the \
             events and up to {} features a tree; the number of trees with the smallest cross \
             entropy on held-out events; seed {}",
            self.maximum_trees,
            self.maximum_depth,
            self.learning_rate,
            self.bins,
            self.l2,
            100.0 * self.event_share,
            self.features_per_tree,
            self.seed,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_cannot_be_used_are_refused_by_name() {
        assert!(TreeSettings::default().check().is_ok());
        let refused =
            |settings: TreeSettings| settings.check().expect_err("is refused").to_string();
        assert_eq!(
            refused(TreeSettings { bins: 1, ..Default::default() }),
            "setting `bins` is 1, expected 2 to 1000"
        );
        assert_eq!(
            refused(TreeSettings { learning_rate: f64::NAN, ..Default::default() }),
            "setting `learning_rate` is NaN, expected a positive number"
        );
        assert_eq!(
            refused(TreeSettings { event_share: 1.5, ..Default::default() }),
            "setting `event_share` is 1.5, expected more than 0 and at most 1"
        );
    }
}
