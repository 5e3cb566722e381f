use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{WitnessComplex, relative_living_times};
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::draws::with_replacement;
use crate::metrics::pairwise::squared_distance;
use crate::random::{Purpose, generator};

/// Settings of the geometry score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GeometrySettings {
    /// L₀. Default 64.
    pub landmarks: usize,
    /// γ: the greatest relaxation over the greatest distance of an event from a landmark. Default
    /// N / 5000 / 128 of N events.
    pub gamma: Option<f64>,
    /// Numbers of holes that are told apart, from 0 on. Default 100.
    pub holes: usize,
    /// Sets of landmarks over which is averaged. Default 1,000.
    pub repeats: u32,
    /// Default 1.
    pub seed: u64,
}

impl Default for GeometrySettings {
    fn default() -> Self {
        Self { landmarks: 64, gamma: None, holes: 100, repeats: 1000, seed: 1 }
    }
}

impl GeometrySettings {
    fn check(&self) -> Result<(), ValidationError> {
        let setting =
            |name, found: String, expected| Err(ValidationError::Setting { name, found, expected });
        if !(4..=256).contains(&self.landmarks) {
            return setting("landmarks", self.landmarks.to_string(), "4 to 256");
        }
        if let Some(gamma) = self.gamma.filter(|gamma| !gamma.is_finite() || *gamma <= 0.0) {
            return setting("gamma", gamma.to_string(), "above 0");
        }
        if self.holes == 0 {
            return setting("holes", self.holes.to_string(), "at least 1");
        }
        if self.repeats == 0 {
            return setting("repeats", self.repeats.to_string(), "at least 1");
        }
        Ok(())
    }
}

/// How different the holes of two samples are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GeometryScore {
    /// Σ_i (MRLT₁(i) − MRLT₂(i))².
    pub score: f64,
    /// Mean relative living times, `[holes]`.
    pub first: Vec<f64>,
    pub second: Vec<f64>,
}

/// The geometry score (Khrulkov and Oseledets, arXiv:1802.02664): the squared distance of the
/// [`mean_living_times`] of two samples.
///
/// # Errors
/// Settings that cannot be used, different features, or fewer events than landmarks.
pub fn geometry_score(
    first: &FeatureMatrix,
    second: &FeatureMatrix,
    settings: &GeometrySettings,
) -> Result<GeometryScore, ValidationError> {
    first.check_same_features(second)?;
    let first = mean_living_times(first, settings)?;
    let second = mean_living_times(second, settings)?;
    let score = first.iter().zip(&second).map(|(a, b)| (a - b) * (a - b)).sum();
    Ok(GeometryScore { score, first, second })
}

/// The mean over random sets of landmarks of the relative living times of the holes of a sample's
/// witness complex: all events are witnesses, landmarks are drawn among them with replacement, and
/// distances enter without a square (as in the authors' program).
///
/// # Errors
/// Settings that cannot be used, or fewer events than landmarks.
pub fn mean_living_times(
    features: &FeatureMatrix,
    settings: &GeometrySettings,
) -> Result<Vec<f64>, ValidationError> {
    settings.check()?;
    features.check_events("a geometry score", settings.landmarks)?;
    let gamma = settings.gamma.unwrap_or(features.events() as f64 / 5000.0 / 128.0);
    let all: Vec<Vec<f64>> = (0..settings.repeats)
        .into_par_iter()
        .map(|repeat| {
            let mut generator = generator(settings.seed, Purpose::Landmarks(repeat));
            let landmarks = with_replacement(settings.landmarks, features.events(), &mut generator);
            living_times(features, &landmarks, gamma, settings.holes)
        })
        .collect();
    let mut mean = vec![0.0; settings.holes];
    for times in &all {
        mean.iter_mut().zip(times).for_each(|(mean, t)| *mean += t / all.len() as f64);
    }
    Ok(mean)
}

fn living_times(
    features: &FeatureMatrix,
    landmarks: &[usize],
    gamma: f64,
    holes: usize,
) -> Vec<f64> {
    let distances: Vec<f64> = (0..features.events())
        .flat_map(|witness| {
            let from = features.event(witness);
            landmarks.iter().map(|&to| squared_distance(from, features.event(to)).sqrt())
        })
        .collect();
    let most = gamma * distances.iter().copied().fold(0.0, f64::max);
    let complex = WitnessComplex::new(landmarks.len(), &distances, most);
    relative_living_times(&complex.holes(), most, holes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::uniform;
    use ndarray::Array2;
    use std::f64::consts::TAU;

    /// Events on circles of radius 1, beside each other.
    fn circles(events: usize, circles: usize, stream: u32) -> FeatureMatrix {
        let mut generator = generator(8, Purpose::Halves(stream));
        let mut values = Array2::zeros((events, 2));
        for (event, mut row) in values.rows_mut().into_iter().enumerate() {
            let angle = TAU * uniform(&mut generator);
            row[0] = angle.cos() + 3.0 * (event % circles) as f64;
            row[1] = angle.sin();
        }
        FeatureMatrix::new("circles", values.view()).expect("valid")
    }

    #[test]
    fn circles_are_counted_by_their_holes() {
        let settings = GeometrySettings {
            landmarks: 32,
            gamma: Some(1.0 / 8.0),
            holes: 10,
            repeats: 20,
            ..GeometrySettings::default()
        };
        let times =
            |number| mean_living_times(&circles(600, number, 1), &settings).expect("enough");
        let most = |times: &[f64]| {
            (0..times.len()).max_by(|&a, &b| times[a].total_cmp(&times[b])).expect("some")
        };
        assert_eq!((most(&times(1)), most(&times(2))), (1, 2));
        let same = geometry_score(&circles(600, 1, 1), &circles(600, 1, 2), &settings);
        let other = geometry_score(&circles(600, 1, 1), &circles(600, 2, 2), &settings);
        let (same, other) = (same.expect("enough").score, other.expect("enough").score);
        assert!(same < 0.02 && other > 0.2, "{same} {other}");
    }

    #[test]
    fn equal_events_have_no_holes_and_settings_are_checked() {
        let equal = FeatureMatrix::new("equal", Array2::<f64>::ones((70, 2)).view());
        let equal = equal.expect("valid");
        let few = GeometrySettings { repeats: 2, ..GeometrySettings::default() };
        assert_eq!(mean_living_times(&equal, &few).expect("enough")[0], 1.0);
        for bad in [
            GeometrySettings { landmarks: 3, ..few.clone() },
            GeometrySettings { landmarks: 71, ..few.clone() },
            GeometrySettings { gamma: Some(0.0), ..few.clone() },
            GeometrySettings { holes: 0, ..few.clone() },
            GeometrySettings { repeats: 0, ..few.clone() },
        ] {
            assert!(mean_living_times(&equal, &bad).is_err(), "{bad:?}");
        }
    }
}
