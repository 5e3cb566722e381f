use serde::{Deserialize, Serialize};

use super::split::SplitSettings;
use crate::ValidationError;

/// How features are prepared for the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Each feature as it is, as CaloChallenge's network has them.
    AsIs,
    /// Each feature less its mean, over its standard deviation.
    Standardised,
    /// Each feature cut at its quantiles into up to eight pieces, and beside them the features
    /// decorrelated (up to 128 features) or as normal scores of their ranks (more). A network
    /// then sees what boosted trees see: thresholds anywhere, and small differences of strongly
    /// correlated features. Without it, it is clearly blunter. More than 1024 features are
    /// standardised only.
    QuantilesAndDecorrelated,
}

/// What makes an epoch the best on the held-out events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BestEpoch {
    /// The greatest AUC.
    Auc,
    /// The greatest share of events on their side of probability ½. Training ends where it is 1.
    Accuracy,
}

/// The network of a two-sample classifier and its training.
///
/// The defaults train in seconds and are as sharp as boosted trees on the same features; a blunt
/// classifier flatters the generator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClassifierSettings {
    /// Default 2.
    pub hidden_layers: usize,
    /// Units of each hidden layer. Default 256.
    pub hidden_width: usize,
    /// Probability that a hidden unit is left out in a training step. Default 0.2.
    pub dropout: f64,
    pub encoding: Encoding,
    /// Adam's first step size, which falls to 0 along a cosine. Default 0.001.
    pub learning_rate: f64,
    /// Whether the step size falls along the cosine or stays. Default true.
    pub learning_rate_decay: bool,
    /// Decoupled weight decay (AdamW). Default 0.01.
    pub weight_decay: f64,
    /// Adam's ε. Default 10⁻⁵.
    pub adam_epsilon: f64,
    /// Default 512.
    pub batch_size: usize,
    /// Whether an epoch ends with what is less than a batch. Default false.
    pub smaller_last_batch: bool,
    /// Default 40.
    pub maximum_epochs: usize,
    /// Training ends after so many epochs that are not better on the held-out events. Default 10.
    pub patience: usize,
    /// Default `auc`.
    pub best_epoch: BestEpoch,
    /// Whether AUC and ROC are those of the probabilities after isotonic calibration, as
    /// CaloChallenge has them, or those of the network's logits, which are sharper. Default false.
    pub calibrated_auc: bool,
    /// Share of the events to train on. Default 0.6.
    pub training_share: f64,
    /// Share of the events to choose the epoch and to calibrate with; what is left is the test.
    /// Default 0.2.
    pub held_out_share: f64,
    /// At most so many events of each sample are used. Default 50,000.
    pub maximum_events_per_sample: usize,
    /// Same seed, same result. Default 1.
    pub seed: u64,
    /// Trainings with this and the following seeds, each with its own split, first weights and
    /// order; only [`classify_seeds`](super::classify_seeds) makes more than one. Default 1.
    pub seeds: usize,
}

impl Default for ClassifierSettings {
    fn default() -> Self {
        Self {
            hidden_layers: 2,
            hidden_width: 256,
            dropout: 0.2,
            encoding: Encoding::QuantilesAndDecorrelated,
            learning_rate: 1e-3,
            learning_rate_decay: true,
            weight_decay: 0.01,
            adam_epsilon: 1e-5,
            batch_size: 512,
            smaller_last_batch: false,
            maximum_epochs: 40,
            patience: 10,
            best_epoch: BestEpoch::Auc,
            calibrated_auc: false,
            training_share: 0.6,
            held_out_share: 0.2,
            maximum_events_per_sample: 50_000,
            seed: 1,
            seeds: 1,
        }
    }
}

impl ClassifierSettings {
    /// CaloChallenge's network and training (arXiv:2410.21611), so that figures can be compared
    /// with published ones: 3 hidden layers of 2048 units, LeakyReLU 0.01, features as they are,
    /// Adam with step size 2·10⁻⁴ and ε = 10⁻⁸, batches of 1000, 50 epochs, of which the most
    /// accurate on the held-out events is kept; isotonic calibration on the held-out events, AUC
    /// and JSD on the test events after it; 10 trainings.
    ///
    /// It is the same but for these: 32 bits instead of 64; the features of a sample are kept
    /// within 512 MiB, which 20,000 showers of data set 2 fill; and the shares are those of data
    /// sets 2 and 3 (60, 20 and 20 %). Data set 1 has 80,000 and 20,000 of its 121,000 photons or
    /// 120,800 pions: set `training_share` and `held_out_share` for it. Hours without a GPU.
    pub fn published() -> Self {
        Self {
            hidden_layers: 3,
            hidden_width: 2048,
            dropout: 0.0,
            encoding: Encoding::AsIs,
            learning_rate: 2e-4,
            learning_rate_decay: false,
            weight_decay: 0.0,
            adam_epsilon: 1e-8,
            batch_size: 1000,
            smaller_last_batch: true,
            maximum_epochs: 50,
            patience: 50,
            best_epoch: BestEpoch::Accuracy,
            calibrated_auc: true,
            training_share: 0.6,
            held_out_share: 0.2,
            maximum_events_per_sample: 200_000,
            seed: 1,
            seeds: 10,
        }
    }

    /// A training for [`train_resnet`](super::train_resnet) on a few cores (an epoch takes about 20
    /// seconds of one core for every 1000 events of 6480 cells): features as they are, AdamW with step size 10⁻³ that falls to 0, batches of 64, 12
    /// epochs, 5000 events of each sample.
    pub fn resnet() -> Self {
        Self {
            encoding: Encoding::AsIs,
            dropout: 0.0,
            learning_rate: 1e-3,
            batch_size: 64,
            maximum_epochs: 12,
            patience: 4,
            maximum_events_per_sample: 5000,
            ..Self::default()
        }
    }

    /// # Errors
    /// [`ValidationError::Setting`] with the name of the setting that cannot be used.
    pub fn check(&self) -> Result<ValidClassifierSettings, ValidationError> {
        let counts = [
            ("hidden_layers", self.hidden_layers),
            ("hidden_width", self.hidden_width),
            ("batch_size", self.batch_size),
            ("maximum_epochs", self.maximum_epochs),
            ("patience", self.patience),
            ("maximum_events_per_sample", self.maximum_events_per_sample),
            ("seeds", self.seeds),
        ];
        if let Some((name, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return Err(ValidationError::Setting {
                name,
                found: "0".to_owned(),
                expected: "at least 1",
            });
        }
        let numbers = [
            ("dropout", self.dropout, (0.0..1.0).contains(&self.dropout), "0 to below 1"),
            (
                "learning_rate",
                self.learning_rate,
                self.learning_rate > 0.0 && self.learning_rate.is_finite(),
                "a positive number",
            ),
            (
                "weight_decay",
                self.weight_decay,
                self.weight_decay >= 0.0 && self.weight_decay.is_finite(),
                "a number of at least 0",
            ),
            (
                "adam_epsilon",
                self.adam_epsilon,
                self.adam_epsilon > 0.0 && self.adam_epsilon.is_finite(),
                "a positive number",
            ),
        ];
        SplitSettings::check_shares(self.training_share, self.held_out_share)?;
        match numbers.into_iter().find(|(_, _, good, _)| !good) {
            Some((name, found, _, expected)) => {
                Err(ValidationError::Setting { name, found: found.to_string(), expected })
            }
            None => Ok(ValidClassifierSettings(self.clone())),
        }
    }
}

/// Settings that were checked: only these can train.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidClassifierSettings(ClassifierSettings);

impl std::ops::Deref for ValidClassifierSettings {
    type Target = ClassifierSettings;

    fn deref(&self) -> &ClassifierSettings {
        &self.0
    }
}

impl ValidClassifierSettings {
    /// One training, with the seed that is `number` after the first.
    pub(crate) fn of_seed(&self, number: usize) -> Self {
        let seed = self.seed.wrapping_add(number as u64);
        Self(ClassifierSettings { seed, seeds: 1, ..self.0.clone() })
    }

    pub(super) fn split(&self) -> SplitSettings {
        SplitSettings {
            seed: self.seed,
            maximum_events_per_sample: self.maximum_events_per_sample,
            training_share: self.training_share,
            held_out_share: self.held_out_share,
        }
    }

    /// Hidden layers and training, in words.
    pub(crate) fn description(&self) -> String {
        let layers = if self.hidden_layers == 1 { "layer" } else { "layers" };
        let encoding = match self.encoding {
            Encoding::AsIs => "features as they are",
            Encoding::Standardised => "standardised features",
            Encoding::QuantilesAndDecorrelated => {
                "features in quantile pieces, and decorrelated or as normal scores"
            }
        };
        format!(
            "{} hidden {layers} of {} units, LeakyReLU 0.01, dropout {}; {encoding}; {}",
            self.hidden_layers,
            self.hidden_width,
            self.dropout,
            self.training_description(),
        )
    }

    /// The ResNet of [`train_resnet`](super::train_resnet) and its training, in words.
    pub fn resnet_description(&self) -> String {
        format!(
            "3-D ResNet-18 with 32, 64, 64 and 128 channels; features as they are; {}",
            self.training_description(),
        )
    }

    fn training_description(&self) -> String {
        let best = match self.best_epoch {
            BestEpoch::Auc => "AUC",
            BestEpoch::Accuracy => "accuracy",
        };
        let calibrated = if self.calibrated_auc { "; AUC after calibration" } else { "" };
        let seeds = match self.seeds {
            1 => String::new(),
            seeds => format!(" and {} more", seeds - 1),
        };
        format!(
            "AdamW, step size {}{}, weight decay {}, batches of {}, up to {} epochs; the epoch \
             with the best {best} on held-out events{calibrated}; seed {}{seeds}",
            self.learning_rate,
            if self.learning_rate_decay { " falling to 0" } else { "" },
            self.weight_decay,
            self.batch_size,
            self.maximum_epochs,
            self.seed,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_told_in_words() {
        let published = ClassifierSettings::published().check().expect("valid").description();
        assert_eq!(
            published,
            "3 hidden layers of 2048 units, LeakyReLU 0.01, dropout 0; features as they are; \
             AdamW, step size 0.0002, weight decay 0, batches of 1000, up to 50 epochs; the epoch \
             with the best accuracy on held-out events; AUC after calibration; seed 1 and 9 more"
        );
    }

    #[test]
    fn settings_that_cannot_be_used_are_refused_by_name() {
        assert!(ClassifierSettings::default().check().is_ok());
        assert!(ClassifierSettings::published().check().is_ok());
        let bad = ClassifierSettings { batch_size: 0, ..Default::default() };
        assert_eq!(
            bad.check().expect_err("is refused").to_string(),
            "setting `batch_size` is 0, expected at least 1"
        );
        let bad = ClassifierSettings { training_share: 0.9, ..Default::default() };
        assert_eq!(
            bad.check().expect_err("is refused").to_string(),
            "setting `held_out_share` is 0.2, expected more than 0, and with `training_share` \
             less than 1"
        );
        let bad = ClassifierSettings { dropout: 1.0, ..Default::default() };
        assert_eq!(
            bad.check().expect_err("is refused").to_string(),
            "setting `dropout` is 1, expected 0 to below 1"
        );
    }
}
