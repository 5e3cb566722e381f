use std::cmp::Ordering;

/// Scores of both classes, with the weights of their events where there are any.
///
/// ```
/// use validation::classifier::Scores;
/// let weights = Some((vec![1.0, 3.0], vec![1.0, 1.0]));
/// let scores = Scores { negative: vec![0.1, 0.4], positive: vec![0.35, 0.8], weights };
/// assert_eq!(scores.area_under_curve(), 0.625);
/// ```
///
/// # Shapes
/// `negative`: `[n]`, `positive`: `[m]`, finite, in any order; weights likewise.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    pub negative: Vec<f64>,
    pub positive: Vec<f64>,
    /// Weights of the negative and of the positive events.
    pub weights: Option<(Vec<f64>, Vec<f64>)>,
}

/// Weights of negatives and positives that are passed.
type Corner = (f64, f64);

impl Scores {
    /// # Shapes
    /// `scores`, `weights`: `[events]`, the negatives first.
    pub(super) fn new(scores: &[f64], negatives: usize, weights: Option<&[f64]>) -> Self {
        let (negative, positive) = scores.split_at(negatives);
        let weights = weights.map(|weights| {
            let (negative, positive) = weights.split_at(negatives);
            (negative.to_vec(), positive.to_vec())
        });
        Self { negative: negative.to_vec(), positive: positive.to_vec(), weights }
    }

    /// The same events with other scores.
    pub(super) fn map(&self, score: impl Fn(f64) -> f64) -> Self {
        let mapped = |scores: &[f64]| scores.iter().map(|&old| score(old)).collect();
        Self {
            negative: mapped(&self.negative),
            positive: mapped(&self.positive),
            weights: self.weights.clone(),
        }
    }

    /// The share of events, by weight, that are on their side of `threshold`: positives above it,
    /// negatives not. ½ where weights sum to nothing or less.
    pub(super) fn accuracy(&self, threshold: f64) -> f64 {
        let weights = self.weights.as_ref();
        let weight = |of: Option<&Vec<f64>>, index: usize| of.map_or(1.0, |of| of[index]);
        let (mut total, mut right) = (0.0, 0.0);
        let classes = [
            (&self.negative, weights.map(|weights| &weights.0), false),
            (&self.positive, weights.map(|weights| &weights.1), true),
        ];
        for (scores, weights, positive) in classes {
            for (index, &score) in scores.iter().enumerate() {
                total += weight(weights, index);
                if (score > threshold) == positive {
                    right += weight(weights, index);
                }
            }
        }
        if total > 0.0 { right / total } else { 0.5 }
    }

    /// [`area_under_curve`], weighted: the probability that a positive's score is above a
    /// negative's when both are drawn by their weights. Negative weights can lead out of 0 to 1,
    /// and are held there; ½ for a class whose weights sum to nothing or less.
    pub fn area_under_curve(&self) -> f64 {
        let Some((n, m)) = self.totals() else {
            return area_under_curve(&self.negative, &self.positive);
        };
        if n <= 0.0 || m <= 0.0 {
            return 0.5;
        }
        let corners = self.corners();
        let doubled: f64 = corners.windows(2).map(|p| (p[1].0 - p[0].0) * (p[0].1 + p[1].1)).sum();
        (doubled / (2.0 * n * m)).clamp(0.0, 1.0)
    }

    /// [`roc_curve`], weighted.
    pub fn roc_curve(&self, points: usize) -> Vec<(f64, f64)> {
        match self.totals() {
            Some((n, m)) if n > 0.0 && m > 0.0 => thinned(&self.corners(), (n, m), points),
            _ => roc_curve(&self.negative, &self.positive, points),
        }
    }

    /// Sums of the weights of both classes.
    fn totals(&self) -> Option<(f64, f64)> {
        let (negative, positive) = self.weights.as_ref()?;
        Some((negative.iter().sum(), positive.iter().sum()))
    }

    fn corners(&self) -> Vec<Corner> {
        let weighted = |scores: &[f64], weights: Option<&Vec<f64>>, positive: bool| {
            let entry = |(index, &score): (usize, &f64)| {
                (score, positive, weights.map_or(1.0, |weights| weights[index]))
            };
            scores.iter().enumerate().map(entry).collect::<Vec<_>>()
        };
        let of = self.weights.as_ref();
        let mut events = weighted(&self.negative, of.map(|of| &of.0), false);
        events.extend(weighted(&self.positive, of.map(|of| &of.1), true));
        events.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap_or(Ordering::Equal));
        let mut corners = vec![(0.0, 0.0)];
        let (mut negatives, mut positives) = (0.0, 0.0);
        for equal in events.chunk_by(|a, b| a.0 == b.0) {
            for &(_, positive, weight) in equal {
                *(if positive { &mut positives } else { &mut negatives }) += weight;
            }
            corners.push((negatives, positives));
        }
        corners
    }
}

/// Scores with their true class, highest score first.
fn ranked(negative: &[f64], positive: &[f64]) -> Vec<(f64, bool)> {
    let mut scores: Vec<(f64, bool)> = negative
        .iter()
        .map(|&score| (score, false))
        .chain(positive.iter().map(|&score| (score, true)))
        .collect();
    scores.sort_unstable_by(|a, b| b.0.partial_cmp(&a.0).unwrap_or(Ordering::Equal));
    scores
}

/// The corners of the ROC: (negatives, positives) with a score of at least each distinct score.
fn corners(negative: &[f64], positive: &[f64]) -> Vec<(usize, usize)> {
    let mut corners = vec![(0, 0)];
    let (mut above_negative, mut above_positive) = (0, 0);
    for equal in ranked(negative, positive).chunk_by(|a, b| a.0 == b.0) {
        let positives = equal.iter().filter(|(_, is_positive)| *is_positive).count();
        above_positive += positives;
        above_negative += equal.len() - positives;
        corners.push((above_negative, above_positive));
    }
    corners
}

/// The area under the ROC curve: the probability that a positive's score is above a negative's,
/// where equal scores count one half (Mann and Whitney's U over n m, exact). ½ for an empty class.
///
/// ```
/// let auc = validation::classifier::area_under_curve(&[0.1, 0.4], &[0.35, 0.8]);
/// assert_eq!(auc, 0.75);
/// ```
///
/// # Shapes
/// `negative`: `[n]`, `positive`: `[m]`, finite scores in any order.
pub fn area_under_curve(negative: &[f64], positive: &[f64]) -> f64 {
    let pairs = negative.len() as f64 * positive.len() as f64;
    if pairs == 0.0 {
        return 0.5;
    }
    // Twice the area in whole numbers: trapezia between the corners.
    let doubled: u128 = corners(negative, positive)
        .windows(2)
        .map(|pair| {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            (x1 - x0) as u128 * (y0 + y1) as u128
        })
        .sum();
    doubled as f64 / (2.0 * pairs)
}

/// The ROC curve as (false positive rate, true positive rate) from (0, 0) to (1, 1), with at most
/// `points` points (at least 2), evenly spread along it.
pub fn roc_curve(negative: &[f64], positive: &[f64], points: usize) -> Vec<(f64, f64)> {
    let totals = (negative.len().max(1) as f64, positive.len().max(1) as f64);
    let corners = corners(negative, positive);
    let corners: Vec<Corner> = corners.iter().map(|&(x, y)| (x as f64, y as f64)).collect();
    thinned(&corners, totals, points)
}

/// Rates at the corners, of which some are left out.
fn thinned(corners: &[Corner], (n, m): (f64, f64), points: usize) -> Vec<(f64, f64)> {
    let along = |&(x, y): &Corner| x / n + y / m;
    let step = 2.0 / points.saturating_sub(1).max(1) as f64;
    let last = corners.len() - 1;
    let mut curve: Vec<(f64, f64)> = Vec::with_capacity(points);
    let mut kept_at = f64::NEG_INFINITY;
    for (index, corner) in corners.iter().enumerate() {
        let at = along(corner);
        // The last but one is left out where it would crowd the end.
        if index == last || (at - kept_at >= step && 2.0 - at >= step) {
            curve.push((corner.0 / n, corner.1 / m));
            kept_at = at;
        }
    }
    curve
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scores() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec((-10..10i32).prop_map(|v| f64::from(v) / 3.0), 1..300)
    }

    proptest! {
        #[test]
        fn the_area_is_the_mean_over_all_pairs(a in scores(), b in scores()) {
            let wins: f64 = a.iter().flat_map(|n| b.iter().map(move |p| {
                if p > n { 1.0 } else if p == n { 0.5 } else { 0.0 }
            })).sum();
            let expected = wins / (a.len() * b.len()) as f64;
            prop_assert!((area_under_curve(&a, &b) - expected).abs() < 1e-12);
            prop_assert!((area_under_curve(&b, &a) + expected - 1.0).abs() < 1e-12);
        }

        #[test]
        fn the_weighted_area_is_the_weighted_mean_over_all_pairs(a in scores(), b in scores()) {
            let weight = |index: usize| [1.0, 2.5, -0.2][index % 3];
            let weights = |count: usize| (0..count).map(weight).collect::<Vec<f64>>();
            let (v, w) = (weights(a.len()), weights(b.len()));
            let wins: f64 = a.iter().zip(&v).flat_map(|(n, v)| b.iter().zip(&w).map(move |(p, w)| {
                v * w * if p > n { 1.0 } else if p == n { 0.5 } else { 0.0 }
            })).sum();
            let expected = wins / (v.iter().sum::<f64>() * w.iter().sum::<f64>());
            let weights = Some((v, w));
            let scores = Scores { negative: a, positive: b, weights };
            prop_assert!((scores.area_under_curve() - expected.clamp(0.0, 1.0)).abs() < 1e-9);
            let curve = scores.roc_curve(200);
            let (x, y) = curve[curve.len() - 1];
            prop_assert!((x - 1.0).abs() < 1e-12 && (y - 1.0).abs() < 1e-12);
        }

        #[test]
        fn the_curve_rises_from_end_to_end_within_its_points(a in scores(), b in scores()) {
            for points in [2, 7, 200] {
                let curve = roc_curve(&a, &b, points);
                prop_assert!(curve.len() <= points, "{} of {}", curve.len(), points);
                prop_assert_eq!(curve[0], (0.0, 0.0));
                prop_assert_eq!(curve[curve.len() - 1], (1.0, 1.0));
                prop_assert!(curve.windows(2).all(|p| p[0].0 <= p[1].0 && p[0].1 <= p[1].1));
            }
        }
    }

    #[test]
    fn an_empty_class_is_a_coin_toss() {
        assert_eq!(area_under_curve(&[], &[1.0]), 0.5);
    }
}
