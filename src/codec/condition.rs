use serde::{Deserialize, Serialize};

/// The condition a network sees: the logarithm of the incident energy, from −1 to 1 over the range
/// of the training.
///
/// c = 2 ln(E / E_min) / ln(E_max / E_min) − 1 (FastCaloGAN's label, arXiv:2109.02551, moved to a
/// symmetric interval).
///
/// ```
/// let scale = showerforge::codec::ConditionScale::new(256.0, 4096.0);
/// assert_eq!(scale.encode(1024.0), 0.0);
/// assert!((scale.decode(0.0) - 1024.0).abs() < 1e-9);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionScale {
    pub minimum_mev: f64,
    pub maximum_mev: f64,
}

impl ConditionScale {
    pub fn new(minimum_mev: f64, maximum_mev: f64) -> Self {
        Self { minimum_mev, maximum_mev }
    }

    pub fn encode(&self, energy_mev: f64) -> f64 {
        2.0 * libm::log(energy_mev / self.minimum_mev) / self.log_range() - 1.0
    }

    pub fn decode(&self, condition: f64) -> f64 {
        self.minimum_mev * libm::exp(0.5 * (condition + 1.0) * self.log_range())
    }

    /// Whether a network trained on this range may be asked for this energy; a part in a million
    /// is left for rounding.
    pub fn contains(&self, energy_mev: f64) -> bool {
        (self.minimum_mev * (1.0 - 1e-6)..=self.maximum_mev * (1.0 + 1e-6)).contains(&energy_mev)
    }

    fn log_range(&self) -> f64 {
        libm::log(self.maximum_mev / self.minimum_mev)
    }
}
