//! The error of a Jensen–Shannon divergence, by bootstrap.

use std::f64::consts::LN_2;

use super::calibration::IsotonicCalibration;
use super::roc::Scores;
use crate::random::{Purpose, generator, index_below};

/// Samples that are drawn with replacement.
const REPLICAS: usize = 200;

/// The bootstrap error of the JSD of `test` (Efron, Annals of Statistics 7 (1979) 1): the standard
/// deviation (with n − 1) over 200 samples drawn from the events of each class with replacement.
///
/// Network and calibration stay as they are; what another training would change is seen in the
/// spread over seeds only. Infinite where a class is empty or weights sum to nothing or less.
pub(super) fn divergence_error(calibration: &IsotonicCalibration, test: &Scores, seed: u64) -> f64 {
    // (w, −w ln p of the true class) of each event.
    let losses = |scores: &[f64], weights: Option<&Vec<f64>>, positive: bool| -> Vec<(f64, f64)> {
        let of = |(index, &score): (usize, &f64)| {
            let probability = calibration.probability(score);
            let loss = -(if positive { probability } else { 1.0 - probability }).ln();
            let weight = weights.map_or(1.0, |weights| weights[index]);
            (weight, weight * loss)
        };
        scores.iter().enumerate().map(of).collect()
    };
    let weights = test.weights.as_ref();
    let classes = [
        losses(&test.negative, weights.map(|weights| &weights.0), false),
        losses(&test.positive, weights.map(|weights| &weights.1), true),
    ];
    if classes.iter().any(Vec::is_empty) {
        return f64::INFINITY;
    }
    let mut random = generator(seed, Purpose::ClassifierBootstrap);
    let mut divergences = Vec::with_capacity(REPLICAS);
    for _ in 0..REPLICAS {
        let (mut total, mut loss) = (0.0, 0.0);
        for events in &classes {
            for _ in 0..events.len() {
                let event = events[index_below(events.len(), &mut random)];
                total += event.0;
                loss += event.1;
            }
        }
        if total <= 0.0 {
            return f64::INFINITY;
        }
        divergences.push((LN_2 - loss / total) / LN_2);
    }
    let count = REPLICAS as f64;
    let mean = divergences.iter().sum::<f64>() / count;
    let squares: f64 = divergences.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (count - 1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(weights: Option<(Vec<f64>, Vec<f64>)>) -> Scores {
        let negative = (0..400).map(|i| f64::from(i * 37 % 101)).collect();
        let positive = (0..300).map(|i| 20.0 + f64::from(i * 53 % 103)).collect();
        Scores { negative, positive, weights }
    }

    #[test]
    fn it_is_the_error_of_a_mean_in_two_strata() {
        let scores = scores(None);
        let calibration = IsotonicCalibration::fit_scored(&scores);
        let variance = |losses: Vec<f64>| {
            let mean = losses.iter().sum::<f64>() / losses.len() as f64;
            losses.iter().map(|loss| (loss - mean).powi(2)).sum::<f64>()
        };
        let of_negative = scores.negative.iter().map(|&s| -(1.0 - calibration.probability(s)).ln());
        let of_positive = scores.positive.iter().map(|&s| -calibration.probability(s).ln());
        let exact = (variance(of_negative.collect()) + variance(of_positive.collect())).sqrt()
            / (700.0 * LN_2);
        // 200 replicas know a deviation to 5 %.
        let found = divergence_error(&calibration, &scores, 3);
        approx::assert_relative_eq!(found, exact, max_relative = 0.15);
        assert_eq!(found, divergence_error(&calibration, &scores, 3));
        assert_ne!(found, divergence_error(&calibration, &scores, 4));
    }

    #[test]
    fn weights_that_cancel_leave_no_error() {
        let weights = (vec![-1.0; 400], vec![1.0; 300]);
        let scores = scores(Some(weights));
        let calibration = IsotonicCalibration::fit(&scores.negative, &scores.positive);
        assert_eq!(divergence_error(&calibration, &scores, 3), f64::INFINITY);
    }
}
