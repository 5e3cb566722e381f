//! The error of an area under the ROC curve, and of a difference of two (DeLong, DeLong and
//! Clarke-Pearson, Biometrics 44 (1988) 837), in O(n log n) by ranks (Sun and Xu, IEEE Signal
//! Processing Letters 21 (2014) 1389).

use super::roc::Scores;

/// Of each event, the share of the other class that it stands on the right side of, an equal score
/// counting one half. The mean over either class is the AUC.
#[derive(Debug, Clone)]
pub(super) struct Placements {
    negative: Vec<f64>,
    positive: Vec<f64>,
}

impl Scores {
    /// The standard error of [`Scores::area_under_curve`] by DeLong's method:
    ///
    /// σ² = S²(V₀) / n + S²(V₁) / m,
    ///
    /// where V₀ of a negative is the share of positives above it, V₁ of a positive the share of
    /// negatives below it (equal scores count one half), and S² the sample variance with n − 1.
    ///
    /// With weights, shares, means and variances are weighted, and for a class
    /// S²(V)/n = n'/(n' − 1) Σ w² (V − V̄)² / (Σ w)² with n' = (Σ w)² / Σ w². It is infinite for a
    /// class of one event or of weights that sum to nothing, and 0 where the classes are disjoint:
    /// the method knows no smaller overlap than none.
    pub fn area_under_curve_error(&self) -> f64 {
        match self.placements() {
            Some(placements) => error_of(&placements, self),
            None => f64::INFINITY,
        }
    }

    /// `None` for classes whose weights sum to nothing or less.
    pub(super) fn placements(&self) -> Option<Placements> {
        let weight = |positive: bool, index: usize| match &self.weights {
            Some((_, weights)) if positive => weights[index],
            Some((weights, _)) => weights[index],
            None => 1.0,
        };
        let total = |positive: bool, events: usize| -> f64 {
            (0..events).map(|index| weight(positive, index)).sum()
        };
        let (n, m) = (total(false, self.negative.len()), total(true, self.positive.len()));
        if !(n > 0.0 && m > 0.0) {
            return None;
        }
        let class = |scores: &[f64], positive: bool| -> Vec<(f64, bool, usize)> {
            scores.iter().enumerate().map(|(index, &score)| (score, positive, index)).collect()
        };
        let mut events = class(&self.negative, false);
        events.extend(class(&self.positive, true));
        events.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
        let mut placements = Placements {
            negative: vec![0.0; self.negative.len()],
            positive: vec![0.0; self.positive.len()],
        };
        let (mut negatives_below, mut positives_below) = (0.0, 0.0);
        for equal in events.chunk_by(|a, b| a.0 == b.0) {
            let of = |class: bool| -> f64 {
                let of_class = equal.iter().filter(|(_, positive, _)| *positive == class);
                of_class.map(|&(_, positive, index)| weight(positive, index)).sum()
            };
            let (negatives, positives) = (of(false), of(true));
            for &(_, positive, index) in equal {
                if positive {
                    placements.positive[index] = (negatives_below + 0.5 * negatives) / n;
                } else {
                    placements.negative[index] = (m - positives_below - 0.5 * positives) / m;
                }
            }
            negatives_below += negatives;
            positives_below += positives;
        }
        Some(placements)
    }
}

impl Placements {
    /// Placement by placement, this less the mean of the others: its mean is a difference of AUCs
    /// on the same events.
    pub(super) fn less_mean_of(&self, others: &[Self]) -> Self {
        let less = |own: &[f64], of: fn(&Self) -> &[f64]| {
            let mean = |index: usize| {
                others.iter().map(|other| of(other)[index]).sum::<f64>()
                    / others.len().max(1) as f64
            };
            own.iter().enumerate().map(|(index, value)| value - mean(index)).collect()
        };
        Self {
            negative: less(&self.negative, |other| &other.negative),
            positive: less(&self.positive, |other| &other.positive),
        }
    }
}

/// The standard error of the mean of placements, or of differences of them; `scores` tell the
/// weights.
pub(super) fn error_of(placements: &Placements, scores: &Scores) -> f64 {
    let weights = scores.weights.as_ref();
    (variance_of_mean(&placements.negative, weights.map(|weights| &weights.0[..]))
        + variance_of_mean(&placements.positive, weights.map(|weights| &weights.1[..])))
    .sqrt()
}

fn variance_of_mean(values: &[f64], weights: Option<&[f64]>) -> f64 {
    let weight = |index: usize| weights.map_or(1.0, |weights| weights[index]);
    let (mut sum, mut squares, mut mean) = (0.0, 0.0, 0.0);
    for (index, value) in values.iter().enumerate() {
        sum += weight(index);
        squares += weight(index).powi(2);
        mean += weight(index) * value;
    }
    mean /= sum;
    let effective = sum * sum / squares;
    if !(effective > 1.0 && sum > 0.0) {
        return f64::INFINITY;
    }
    let spread: f64 = values
        .iter()
        .enumerate()
        .map(|(index, value)| (weight(index) * (value - mean)).powi(2))
        .sum();
    effective / (effective - 1.0) * spread / (sum * sum)
}

/// [`Scores::area_under_curve_error`] of events without weights.
///
/// ```
/// let error = validation::classifier::area_under_curve_error(&[0.1, 0.4], &[0.35, 0.8]);
/// assert_eq!(error, 0.125_f64.sqrt());
/// ```
///
/// # Shapes
/// `negative`: `[n]`, `positive`: `[m]`, finite scores in any order.
pub fn area_under_curve_error(negative: &[f64], positive: &[f64]) -> f64 {
    let scores = Scores { negative: negative.to_vec(), positive: positive.to_vec(), weights: None };
    scores.area_under_curve_error()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, generator, uniform};
    use proptest::prelude::*;

    fn scores() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec((-10..10i32).prop_map(|v| f64::from(v) / 3.0), 2..60)
    }

    proptest! {
        /// DeLong's own form, over all pairs.
        #[test]
        fn ranks_give_what_all_pairs_give(a in scores(), b in scores()) {
            let kernel = |n: f64, p: f64| if p > n { 1.0 } else if p == n { 0.5 } else { 0.0 };
            let variance = |values: Vec<f64>| {
                let count = values.len() as f64;
                let mean = values.iter().sum::<f64>() / count;
                values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0) / count
            };
            let share = |of: &[f64], own: &dyn Fn(f64) -> f64| {
                of.iter().map(|&other| own(other)).sum::<f64>() / of.len() as f64
            };
            let v0 = a.iter().map(|&n| share(&b, &|p| kernel(n, p))).collect();
            let v1 = b.iter().map(|&p| share(&a, &|n| kernel(n, p))).collect();
            let expected = (variance(v0) + variance(v1)).sqrt();
            prop_assert!((area_under_curve_error(&a, &b) - expected).abs() < 1e-12);
        }

        #[test]
        fn equal_weights_change_nothing(a in scores(), b in scores()) {
            let weights = Some((vec![2.5; a.len()], vec![0.3; b.len()]));
            let plain = area_under_curve_error(&a, &b);
            let scores = Scores { negative: a, positive: b, weights };
            prop_assert!((scores.area_under_curve_error() - plain).abs() < 1e-12);
        }
    }

    #[test]
    fn the_error_is_the_spread_over_samples() {
        let mut random = generator(1, Purpose::ClassifierWeights);
        let mut draw = |count: usize, shift: f64| -> Vec<f64> {
            (0..count).map(|_| shift + (0..3).map(|_| uniform(&mut random)).sum::<f64>()).collect()
        };
        // Weights of 1 and 3 make the second class fluctuate more than its number tells.
        let weights = |count: usize| (0..count).map(|i| 1.0 + 2.0 * (i % 2) as f64).collect();
        let (mut areas, mut errors) = (Vec::new(), Vec::new());
        for _ in 0..2000 {
            let scores = Scores {
                negative: draw(60, 0.0),
                positive: draw(40, 0.4),
                weights: Some((vec![1.0; 60], weights(40))),
            };
            areas.push(scores.area_under_curve());
            errors.push(scores.area_under_curve_error().powi(2));
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let centre = mean(&areas);
        let spread = mean(&areas.iter().map(|a| (a - centre).powi(2)).collect::<Vec<_>>()).sqrt();
        approx::assert_relative_eq!(mean(&errors).sqrt(), spread, max_relative = 0.05);
    }

    #[test]
    fn one_event_has_no_error_and_disjoint_classes_none() {
        assert_eq!(area_under_curve_error(&[0.0], &[1.0, 2.0]), f64::INFINITY);
        assert_eq!(area_under_curve_error(&[], &[1.0, 2.0]), f64::INFINITY);
        assert_eq!(area_under_curve_error(&[0.0, 0.5], &[1.0, 2.0]), 0.0);
        let cancelled = Scores {
            negative: vec![0.0, 1.0],
            positive: vec![0.0, 1.0],
            weights: Some((vec![1.0, -1.0], vec![1.0, 1.0])),
        };
        assert_eq!(cancelled.area_under_curve_error(), f64::INFINITY);
    }
}
