use std::f64::consts::LN_2;

use super::roc::Scores;

/// Probabilities are kept this far from 0 and 1, as CaloChallenge does.
const TINY_PROBABILITY: f64 = 1e-6;

/// A rising function from score to probability that fits the events best (isotonic regression by
/// pool adjacent violators; Zadrozny and Elkan 2002), with straight lines between the scores.
#[derive(Debug, Clone, PartialEq)]
pub struct IsotonicCalibration {
    scores: Vec<f64>,
    probabilities: Vec<f64>,
}

/// Neighbouring scores that share a probability.
struct Block {
    positives: f64,
    events: f64,
    scores: usize,
}

impl Block {
    fn probability(&self) -> f64 {
        self.positives / self.events
    }
}

impl IsotonicCalibration {
    /// # Shapes
    /// `negative`: `[n]`, `positive`: `[m]`, scores in any order.
    pub fn fit(negative: &[f64], positive: &[f64]) -> Self {
        let events = negative
            .iter()
            .map(|&score| (score, 0.0, 1.0))
            .chain(positive.iter().map(|&score| (score, 1.0, 1.0)));
        Self::fit_events(events.collect())
    }

    /// The fit to weighted events. Those of negative weight are left out: a probability that
    /// fits them best need not exist.
    pub fn fit_scored(scores: &Scores) -> Self {
        let Some((negative, positive)) = &scores.weights else {
            return Self::fit(&scores.negative, &scores.positive);
        };
        let class = |scores: &[f64], weights: &[f64], label: f64| -> Vec<(f64, f64, f64)> {
            scores.iter().zip(weights).map(|(&score, &weight)| (score, label, weight)).collect()
        };
        let mut events = class(&scores.negative, negative, 0.0);
        events.extend(class(&scores.positive, positive, 1.0));
        events.retain(|(_, _, weight)| *weight > 0.0);
        Self::fit_events(events)
    }

    /// Of (score, label, positive weight).
    fn fit_events(mut events: Vec<(f64, f64, f64)>) -> Self {
        events.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut scores = Vec::new();
        let mut blocks: Vec<Block> = Vec::new();
        for equal in events.chunk_by(|a, b| a.0 == b.0) {
            scores.push(equal[0].0);
            let positives = equal.iter().map(|(_, label, weight)| label * weight).sum();
            let events = equal.iter().map(|(_, _, weight)| weight).sum();
            blocks.push(Block { positives, events, scores: 1 });
            while let [.., before, last] = &mut blocks[..]
                && before.probability() >= last.probability()
            {
                before.positives += last.positives;
                before.events += last.events;
                before.scores += last.scores;
                blocks.pop();
            }
        }
        let probabilities = blocks
            .iter()
            .flat_map(|block| {
                let probability =
                    block.probability().clamp(TINY_PROBABILITY, 1.0 - TINY_PROBABILITY);
                std::iter::repeat_n(probability, block.scores)
            })
            .collect();
        Self { scores, probabilities }
    }

    /// The probability that an event with this score is positive; beyond the scores of the fit,
    /// that of the nearest. ½ if it was fitted to nothing.
    pub fn probability(&self, score: f64) -> f64 {
        let above = self.scores.partition_point(|known| *known < score);
        match (above.checked_sub(1), self.scores.get(above)) {
            (None, None) => 0.5,
            (None, Some(_)) => self.probabilities[0],
            (Some(below), None) => self.probabilities[below],
            (Some(below), Some(&next)) => {
                let fraction = (score - self.scores[below]) / (next - self.scores[below]);
                let (p, q) = (self.probabilities[below], self.probabilities[above]);
                p + fraction * (q - p)
            }
        }
    }

    /// Mean of −ln of the probability given to each event's true class.
    pub fn cross_entropy(&self, negative: &[f64], positive: &[f64]) -> f64 {
        let of_negative: f64 = negative.iter().map(|&s| -(1.0 - self.probability(s)).ln()).sum();
        let of_positive: f64 = positive.iter().map(|&s| -self.probability(s).ln()).sum();
        (of_negative + of_positive) / (negative.len() + positive.len()).max(1) as f64
    }

    /// [`Self::cross_entropy`], weighted: (Σ −w ln p) / Σ w, with all weights.
    pub fn cross_entropy_of(&self, scores: &Scores) -> f64 {
        let Some((negative, positive)) = &scores.weights else {
            return self.cross_entropy(&scores.negative, &scores.positive);
        };
        let of_negative = scores.negative.iter().zip(negative);
        let of_positive = scores.positive.iter().zip(positive);
        let sum = of_negative.map(|(&s, w)| -w * (1.0 - self.probability(s)).ln()).sum::<f64>()
            + of_positive.map(|(&s, w)| -w * self.probability(s).ln()).sum::<f64>();
        sum / negative.iter().chain(positive).sum::<f64>()
    }
}

/// The Jensen–Shannon divergence in bits from the cross entropy of a calibrated classifier on
/// equally many events of both classes: (ln 2 − BCE) / ln 2. It is 0 for samples that cannot be
/// told apart (and fluctuates around it), 1 for disjoint ones.
pub fn jensen_shannon_divergence(cross_entropy: f64) -> f64 {
    (LN_2 - cross_entropy) / LN_2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn violators_are_pooled() {
        let calibration = IsotonicCalibration::fit(&[1.0, 3.0], &[2.0, 4.0]);
        assert_eq!(calibration.probability(0.0), TINY_PROBABILITY);
        assert_eq!(calibration.probability(2.5), 0.5);
        assert_eq!(calibration.probability(9.0), 1.0 - TINY_PROBABILITY);
    }

    #[test]
    fn chance_has_no_divergence_and_certainty_all() {
        assert_eq!(jensen_shannon_divergence(LN_2), 0.0);
        assert_eq!(jensen_shannon_divergence(0.0), 1.0);
    }

    #[test]
    fn a_whole_weight_is_a_repetition() {
        let scores = Scores {
            negative: vec![0.0, 1.0, 2.0],
            positive: vec![1.0, 2.0, 3.0],
            weights: Some((vec![3.0, 1.0, 2.0], vec![1.0, 2.0, 1.0])),
        };
        let negative = [0.0, 0.0, 0.0, 1.0, 2.0, 2.0];
        let positive = [1.0, 2.0, 2.0, 3.0];
        let (weighted, repeated) = (
            IsotonicCalibration::fit_scored(&scores),
            IsotonicCalibration::fit(&negative, &positive),
        );
        assert_eq!(weighted, repeated);
        approx::assert_relative_eq!(
            weighted.cross_entropy_of(&scores),
            repeated.cross_entropy(&negative, &positive),
            max_relative = 1e-12
        );
    }

    proptest! {
        #[test]
        fn it_rises_and_beats_the_constant_guess(
            a in prop::collection::vec(-3.0..3.0f64, 1..80),
            b in prop::collection::vec(-2.0..4.0f64, 1..80),
        ) {
            let calibration = IsotonicCalibration::fit(&a, &b);
            let grid: Vec<f64> =
                (-50..50).map(|i| calibration.probability(f64::from(i) / 10.0)).collect();
            prop_assert!(grid.windows(2).all(|pair| pair[0] <= pair[1]));
            let share = b.len() as f64 / (a.len() + b.len()) as f64;
            let constant = -share * share.ln() - (1.0 - share) * (1.0 - share).ln();
            prop_assert!(calibration.cross_entropy(&a, &b) <= constant + 1e-6);
        }
    }
}
