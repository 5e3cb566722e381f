use serde::{Deserialize, Serialize};

/// The learning rate over a training: constant, then linear down to a final value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LearningRate {
    pub start: f64,
    pub end: f64,
    /// The share of the training during which it stays at `start`.
    pub constant_share: f64,
}

impl LearningRate {
    /// The rate at `progress`, the share of the training that is done.
    ///
    /// ```
    /// let rate = showerforge::gan::LearningRate { start: 4e-4, end: 2e-4, constant_share: 0.5 };
    /// assert_eq!(rate.at(0.5), 4e-4);
    /// assert!((rate.at(0.75) - 3e-4).abs() < 1e-12);
    /// assert_eq!(rate.at(1.0), 2e-4);
    /// ```
    pub fn at(&self, progress: f64) -> f64 {
        let falling = (1.0 - self.constant_share).max(f64::MIN_POSITIVE);
        let fallen = ((progress - self.constant_share) / falling).clamp(0.0, 1.0);
        self.start + (self.end - self.start) * fallen
    }
}
