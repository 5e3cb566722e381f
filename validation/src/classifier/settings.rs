use serde::{Deserialize, Serialize};

use crate::ValidationError;

/// How features are prepared for the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Each feature less its mean, over its standard deviation.
    Standardised,
    /// Each feature cut at its quantiles into up to eight pieces, and beside them the features
    /// decorrelated (up to 128 features) or as normal scores of their ranks (more). A network
    /// then sees what boosted trees see: thresholds anywhere, and small differences of strongly
    /// correlated features. Without it, it is clearly blunter. More than 1024 features are
    /// standardised only.
    QuantilesAndDecorrelated,
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
    /// Default 512.
    pub batch_size: usize,
    /// Default 40.
    pub maximum_epochs: usize,
    /// Training ends after so many epochs without a better AUC on the held-out events. Default 10.
    pub patience: usize,
    /// At most so many events of each sample are used. Default 50,000.
    pub maximum_events_per_sample: usize,
    /// Same seed, same result. Default 1.
    pub seed: u64,
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
            batch_size: 512,
            maximum_epochs: 40,
            patience: 10,
            maximum_events_per_sample: 50_000,
            seed: 1,
        }
    }
}

impl ClassifierSettings {
    /// The size and training of CaloChallenge's network: 3 hidden layers of 2048 units, Adam with
    /// step size 2·10⁻⁴, batches of 1000, 50 epochs; here in 32 bits and on standardised features.
    /// Minutes to hours without a GPU.
    pub fn published() -> Self {
        Self {
            hidden_layers: 3,
            hidden_width: 2048,
            dropout: 0.0,
            encoding: Encoding::Standardised,
            learning_rate: 2e-4,
            learning_rate_decay: false,
            weight_decay: 0.0,
            batch_size: 1000,
            maximum_epochs: 50,
            patience: 50,
            maximum_events_per_sample: 100_000,
            seed: 1,
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
        ];
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
    /// Hidden layers and training, in words.
    pub(crate) fn description(&self) -> String {
        let layers = if self.hidden_layers == 1 { "layer" } else { "layers" };
        let encoding = match self.encoding {
            Encoding::Standardised => "standardised features",
            Encoding::QuantilesAndDecorrelated => {
                "features in quantile pieces, and decorrelated or as normal scores"
            }
        };
        format!(
            "{} hidden {layers} of {} units, LeakyReLU 0.01, dropout {}; {encoding}; AdamW, step \
             size {}{}, weight decay {}, batches of {}, up to {} epochs; the epoch with the best \
             AUC on held-out events; seed {}",
            self.hidden_layers,
            self.hidden_width,
            self.dropout,
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
    fn settings_that_cannot_be_used_are_refused_by_name() {
        assert!(ClassifierSettings::default().check().is_ok());
        assert!(ClassifierSettings::published().check().is_ok());
        let bad = ClassifierSettings { batch_size: 0, ..Default::default() };
        assert_eq!(
            bad.check().expect_err("is refused").to_string(),
            "setting `batch_size` is 0, expected at least 1"
        );
        let bad = ClassifierSettings { dropout: 1.0, ..Default::default() };
        assert_eq!(
            bad.check().expect_err("is refused").to_string(),
            "setting `dropout` is 1, expected 0 to below 1"
        );
    }
}
