use statrs::distribution::{ContinuousCDF, Normal};

use super::scale::Scale;

/// A feature as the quantile of the standard normal distribution that its rank among the training
/// events is: Φ⁻¹((below + not above) / 2n), standardised. Long tails become short, and the
/// spikes of empty voxels stay spikes.
pub(super) struct NormalScores {
    /// `[training events]`, rising
    sorted: Vec<f64>,
    scale: Scale,
}

impl NormalScores {
    pub(super) fn of(sorted: &[f64]) -> Self {
        let mut scores = Self { sorted: sorted.to_vec(), scale: Scale::default() };
        let raw: Vec<f64> = sorted.iter().map(|&value| scores.score(value)).collect();
        scores.scale = Scale::of(raw.iter().copied());
        scores
    }

    fn score(&self, value: f64) -> f64 {
        let below = self.sorted.partition_point(|known| *known < value);
        let not_above = self.sorted.partition_point(|known| *known <= value);
        let count = self.sorted.len().max(1) as f64;
        let rank = (below + not_above) as f64 / (2.0 * count);
        Normal::standard().inverse_cdf(rank.clamp(0.5 / count, 1.0 - 0.5 / count))
    }

    pub(super) fn encode(&self, value: f64) -> f64 {
        self.scale.apply(self.score(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_normal_and_keep_the_order() {
        let sorted: Vec<f64> = (0..1000).map(|i| f64::from(i).exp2().min(1e30)).collect();
        let scores = NormalScores::of(&sorted);
        assert!(scores.encode(sorted[10]) < scores.encode(sorted[50]));
        let third = NormalScores::of(&[1.0, 2.0, 3.0]);
        assert!(third.encode(2.0).abs() < 1e-12);
        assert_eq!(third.encode(-9.0), -third.encode(99.0));
        assert_eq!(NormalScores::of(&[4.0; 9]).encode(4.0), 0.0);
    }
}
