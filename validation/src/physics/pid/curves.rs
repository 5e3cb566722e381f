use serde::{Deserialize, Serialize};

use super::tracks::{Discriminant, PidConditions, TrackBin, Tracks};
use crate::Sample;
use crate::physics::Measured;

/// Cuts of a scan.
const CUTS: usize = 41;
/// The part of the reference's tracks beyond the first and the last cut.
const TAIL: f64 = 0.005;
/// Efficiencies that the misidentification is given at.
const EFFICIENCIES: [f64; 3] = [0.8, 0.9, 0.95];

/// Part of the tracks whose discriminant is above a cut.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EfficiencyPoint {
    pub cut: f64,
    /// Of the signal's tracks.
    pub efficiency: Measured,
    /// Of the background's tracks.
    pub misidentification: Measured,
}

/// The misidentification where the efficiency has a value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WorkingPoint {
    pub efficiency: f64,
    pub reference: Measured,
    pub generated: Measured,
}

/// Efficiency against misidentification of a scan of cuts, in both samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentificationCurve {
    pub signal: String,
    pub background: String,
    /// The discriminant, such as `RichDLLk`.
    pub variable: String,
    pub bin: TrackBin,
    /// At the same cuts in both samples, rising.
    pub reference: Vec<EfficiencyPoint>,
    pub generated: Vec<EfficiencyPoint>,
    /// At the efficiencies 0.8, 0.9 and 0.95, each sample with a cut of its own.
    pub working_points: Vec<WorkingPoint>,
}

/// Scans a cut on each discriminant in each bin of the tracks.
///
/// A track is identified if its discriminant is above the cut: ε = Σ_above w / Σ w with the error
/// √((1 − ε)² Σ_above w² + ε² Σ_below w²) / Σ w, which is √(ε (1 − ε) / n) without weights.
/// Negative weights may lead out of 0 to 1. 41 cuts are evenly spaced over all but 0.5 % of the
/// reference's tracks on either side. The cut of a working point is the signal's quantile: the
/// least value with at least 1 − ε of the weight at or below it.
///
/// Species without tracks, or whose weights have no positive sum, are left out.
pub fn identification_curves(
    reference: &Sample,
    generated: &Sample,
    conditions: &PidConditions,
    track_bins: &[TrackBin],
) -> Vec<IdentificationCurve> {
    let (Some(own), Some(other)) =
        (Tracks::of(reference, conditions), Tracks::of(generated, conditions))
    else {
        return Vec::new();
    };
    let mut curves = Vec::new();
    for &bin in track_bins {
        for pair in Discriminant::standard(reference.detector(), conditions) {
            let class = |tracks: &Tracks<'_>, species: &str| {
                Class::of(tracks.values(species, bin, pair.columns))
            };
            let of = |tracks: &Tracks<'_>| {
                Some((class(tracks, &pair.signal)?, class(tracks, &pair.background)?))
            };
            let (Some(own), Some(other)) = (of(&own), of(&other)) else { continue };
            let cuts = cuts(&own.0, &own.1);
            let scan = |(signal, background): &(Class, Class)| -> Vec<EfficiencyPoint> {
                let point = |&cut: &f64| EfficiencyPoint {
                    cut,
                    efficiency: signal.above(cut),
                    misidentification: background.above(cut),
                };
                cuts.iter().map(point).collect()
            };
            let at = |(signal, background): &(Class, Class), efficiency: f64| {
                background.above(signal.quantile(1.0 - efficiency))
            };
            let working_point = |efficiency: f64| WorkingPoint {
                efficiency,
                reference: at(&own, efficiency),
                generated: at(&other, efficiency),
            };
            curves.push(IdentificationCurve {
                reference: scan(&own),
                generated: scan(&other),
                working_points: EFFICIENCIES.map(working_point).to_vec(),
                signal: pair.signal,
                background: pair.background,
                variable: pair.name,
                bin,
            });
        }
    }
    curves
}

/// Sorted values of a species, with the sums of the weights from the first on.
struct Class {
    values: Vec<f64>,
    weights: Vec<f64>,
    squares: Vec<f64>,
}

impl Class {
    fn of(mut tracks: Vec<(f64, f64)>) -> Option<Self> {
        tracks.sort_by(|a, b| a.0.total_cmp(&b.0));
        let running = |of: fn(f64) -> f64| {
            let mut sum = 0.0;
            tracks
                .iter()
                .map(|(_, weight)| {
                    sum += of(*weight);
                    sum
                })
                .collect::<Vec<f64>>()
        };
        let (weights, squares) = (running(|w| w), running(|w| w * w));
        let total = *weights.last()?;
        let values = tracks.iter().map(|(value, _)| *value).collect();
        (total > 0.0).then_some(Self { values, weights, squares })
    }

    /// Sums over the tracks that are not above a cut.
    fn below(&self, cut: f64) -> (f64, f64) {
        match self.values.partition_point(|value| *value <= cut) {
            0 => (0.0, 0.0),
            count => (self.weights[count - 1], self.squares[count - 1]),
        }
    }

    fn above(&self, cut: f64) -> Measured {
        let last = self.values.len() - 1;
        let (total, squares) = (self.weights[last], self.squares[last]);
        let (below, squares_below) = self.below(cut);
        let part = (total - below) / total;
        let variance =
            (1.0 - part).powi(2) * (squares - squares_below) + part.powi(2) * squares_below;
        Measured { value: part, error: variance.max(0.0).sqrt() / total }
    }

    /// The least value with at least a part of the weight at or below it.
    fn quantile(&self, part: f64) -> f64 {
        let last = self.values.len() - 1;
        let wanted = part * self.weights[last];
        let index = self.weights.iter().position(|sum| *sum >= wanted).unwrap_or(last);
        self.values[index]
    }
}

fn cuts(signal: &Class, background: &Class) -> Vec<f64> {
    let ends = |class: &Class| {
        let last = (class.values.len() - 1) as f64;
        let at = |part: f64| class.values[(part * last).round() as usize];
        (at(TAIL), at(1.0 - TAIL))
    };
    let (a, b) = (ends(signal), ends(background));
    let (low, high) = (a.0.min(b.0), a.1.max(b.1));
    let step = (high - low) / (CUTS - 1) as f64;
    (0..CUTS).map(|cut| low + cut as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn efficiencies_of_weighted_tracks() {
        let plain = Class::of(vec![(1.0, 1.0), (2.0, 1.0), (3.0, 1.0), (4.0, 1.0)]).expect("four");
        let found = plain.above(2.0);
        assert_eq!(found.value, 0.5);
        approx::assert_relative_eq!(found.error, (0.25f64 / 4.0).sqrt(), epsilon = 1e-12);
        assert_eq!((plain.above(0.0).value, plain.above(4.0).value), (1.0, 0.0));
        assert_eq!((plain.quantile(0.5), plain.quantile(0.0)), (2.0, 1.0));
        let weighted = Class::of(vec![(4.0, -1.0), (1.0, 2.0), (2.0, 3.0)]).expect("positive sum");
        assert_eq!((weighted.above(3.0).value, weighted.above(1.0).value), (-0.25, 0.5));
        assert!(Class::of(vec![(1.0, -1.0)]).is_none() && Class::of(Vec::new()).is_none());
    }
}
