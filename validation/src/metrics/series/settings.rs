use serde::{Deserialize, Serialize};

use crate::ValidationError;
use crate::metrics::checks::{check_positive, setting};

/// What the values of the series are before a network sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeriesScaling {
    /// Each feature from 0 to 1 by its range in the real series.
    RangeOfReal,
    /// As they are, for values that are between 0 and 1 already. The published scores of sines are
    /// of this kind.
    None,
}

/// Settings of a recurrent network's training for a score of series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesScoreSettings {
    /// Units of the recurrent layer; `None` for half of the features, and at least 1.
    pub hidden: Option<usize>,
    /// Steps of training.
    pub iterations: usize,
    /// Series of each step (of each of the two sets, where there are two).
    pub batch: usize,
    /// Of Adam.
    pub learning_rate: f64,
    /// Share of the series of each set that the discriminative score is tested on.
    pub test_share: f64,
    pub scaling: SeriesScaling,
    pub seed: u64,
}

impl SeriesScoreSettings {
    /// As TimeGAN's discriminative score: 2,000 steps of 128 series, tested on 20 %.
    pub fn discriminative() -> Self {
        Self {
            hidden: None,
            iterations: 2000,
            batch: 128,
            learning_rate: 1e-3,
            test_share: 0.2,
            scaling: SeriesScaling::RangeOfReal,
            seed: 1,
        }
    }

    /// As TimeGAN's predictive score: 5,000 steps of 128 series.
    pub fn predictive() -> Self {
        Self { iterations: 5000, ..Self::discriminative() }
    }

    pub(super) fn check(&self) -> Result<(), ValidationError> {
        if self.hidden == Some(0) {
            return Err(setting("hidden", 0, "at least 1"));
        }
        for (name, value) in [("iterations", self.iterations), ("batch", self.batch)] {
            if value == 0 {
                return Err(setting(name, value, "at least 1"));
            }
        }
        if !(self.test_share > 0.0 && self.test_share < 1.0) {
            return Err(setting("test_share", self.test_share, "between 0 and 1"));
        }
        check_positive("learning_rate", self.learning_rate)
    }

    pub(super) fn units(&self, features: usize) -> usize {
        self.hidden.unwrap_or((features / 2).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_cannot_run_are_refused_by_name() {
        let good = SeriesScoreSettings::discriminative();
        assert!(good.check().is_ok());
        assert_eq!((good.units(5), good.units(1)), (2, 1));
        for (settings, name) in [
            (SeriesScoreSettings { hidden: Some(0), ..good.clone() }, "hidden"),
            (SeriesScoreSettings { iterations: 0, ..good.clone() }, "iterations"),
            (SeriesScoreSettings { batch: 0, ..good.clone() }, "batch"),
            (SeriesScoreSettings { test_share: 1.0, ..good.clone() }, "test_share"),
            (SeriesScoreSettings { learning_rate: f64::NAN, ..good.clone() }, "learning_rate"),
        ] {
            let refused = settings.check().expect_err("refused").to_string();
            assert!(refused.starts_with(&format!("setting `{name}` is")), "{refused}");
        }
    }
}
