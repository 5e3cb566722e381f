use serde::{Deserialize, Serialize};

use super::tracks::{Discriminant, PidConditions, TrackBin, Tracks};
use crate::Sample;
use crate::physics::{Measured, Moments};

/// The area under the ROC curve between two species, in both samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpeciesAuc {
    pub signal: String,
    pub background: String,
    /// The discriminant, such as `RichDLLk`.
    pub variable: String,
    pub bin: TrackBin,
    pub reference: Measured,
    pub generated: Measured,
}

/// [`weighted_auc`] of both samples in each bin of the tracks: of each column between each two
/// species (the later one in the list is the signal), or of the standard discriminants alone
/// ([`Discriminant::standard`]).
///
/// Pairs are left out that have less than two tracks of a species, or as few by their weights.
pub fn species_aucs(
    reference: &Sample,
    generated: &Sample,
    conditions: &PidConditions,
    track_bins: &[TrackBin],
    every_column: bool,
) -> Vec<SpeciesAuc> {
    let (Some(own), Some(other)) =
        (Tracks::of(reference, conditions), Tracks::of(generated, conditions))
    else {
        return Vec::new();
    };
    let detector = reference.detector();
    let mut pairs = Vec::new();
    if every_column {
        for (later, signal) in own.species.iter().enumerate() {
            for background in &own.species[..later] {
                let columns = 0..detector.columns().len();
                pairs.extend(
                    columns.map(|c| Discriminant::of_column(detector, c, signal, background)),
                );
            }
        }
    } else {
        pairs = Discriminant::standard(detector, conditions);
    }
    let mut found = Vec::new();
    for &bin in track_bins {
        for pair in &pairs {
            let area = |tracks: &Tracks<'_>| {
                let values = |species: &str| tracks.values(species, bin, pair.columns);
                weighted_auc(&values(&pair.signal), &values(&pair.background))
            };
            if let (Some(reference), Some(generated)) = (area(&own), area(&other)) {
                found.push(SpeciesAuc {
                    signal: pair.signal.clone(),
                    background: pair.background.clone(),
                    variable: pair.name.clone(),
                    bin,
                    reference,
                    generated,
                });
            }
        }
    }
    found
}

/// The probability that a signal's value is above a background's, equal ones counting one half,
/// with values drawn by their weights:
///
/// Σ_i Σ_j w_i w_j (1(s_i > b_j) + ½ 1(s_i = b_j)) / (Σ_i w_i Σ_j w_j)
///
/// The error is DeLong's (1988): with the placements V_i = Σ_j w_j (1(s_i > b_j) + …) / Σ_j w_j, and
/// likewise those of the background, the variance is that of the two means. Negative weights may
/// lead out of 0 to 1.
///
/// ```
/// use validation::physics::pid::weighted_auc;
/// let (signal, background) = ([(3.0, 1.0), (1.0, 1.0)], [(0.0, 1.0), (2.0, 1.0)]);
/// assert_eq!(weighted_auc(&signal, &background).map(|auc| auc.value), Some(0.75));
/// ```
///
/// # Shapes
/// (value, weight) of each track. `None` for less than two tracks of a class, or as few by their
/// weights ([`Moments`]).
pub fn weighted_auc(signal: &[(f64, f64)], background: &[(f64, f64)]) -> Option<Measured> {
    let of_signal = Moments::of(placements(signal, background))?;
    // The background's are mirrored: what is above it.
    let mirrored = placements(background, signal).into_iter();
    let of_background = Moments::of(mirrored.map(|(part, weight)| (1.0 - part, weight)))?;
    Some(Measured {
        value: of_signal.mean.value,
        error: of_signal.mean.error.hypot(of_background.mean.error),
    })
}

/// Of each value, the part of the others' weight that is below it, with its own weight.
fn placements(values: &[(f64, f64)], others: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut sorted = others.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut sums = vec![0.0];
    for (_, weight) in &sorted {
        sums.push(sums[sums.len() - 1] + weight);
    }
    let total = sums[sorted.len()];
    let placement = |&(value, weight): &(f64, f64)| {
        let below = sums[sorted.partition_point(|(other, _)| *other < value)];
        let not_above = sums[sorted.partition_point(|(other, _)| *other <= value)];
        (0.5 * (below + not_above) / total, weight)
    };
    values.iter().map(placement).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_count_one_half_and_order_does_not_matter() {
        let found = weighted_auc(&[(2.0, 1.0), (1.0, 1.0)], &[(1.0, 1.0), (1.0, 1.0)]);
        assert_eq!(found.map(|auc| auc.value), Some(0.75));
        let signal: Vec<(f64, f64)> = (0..50).map(|i| (f64::from(i * 7 % 50), 1.0)).collect();
        let same = weighted_auc(&signal, &signal).expect("fifty");
        approx::assert_relative_eq!(same.value, 0.5, epsilon = 1e-12);
        // Of two uniform distributions, √((1/12 + 1/12) / 50).
        approx::assert_relative_eq!(same.error, (1.0f64 / 300.0).sqrt(), max_relative = 0.02);
    }

    #[test]
    fn negative_weights_take_tracks_away() {
        let tracks: Vec<(f64, f64)> = (0..8).map(|i| (f64::from(i) + 0.3, 1.0)).collect();
        let background: Vec<(f64, f64)> = (0..4).map(|i| (f64::from(i), 1.0)).collect();
        let more = [&tracks[..], &[(2.5, 1.0), (2.5, -1.0)]].concat();
        let (with, without) =
            (weighted_auc(&more, &background), weighted_auc(&tracks, &background));
        let value = |auc: Option<Measured>| auc.expect("enough tracks").value;
        approx::assert_relative_eq!(value(with), value(without), epsilon = 1e-12);
        assert!(weighted_auc(&[(1.0, 1.0)], &background).is_none());
        assert!(weighted_auc(&[], &background).is_none());
    }
}
