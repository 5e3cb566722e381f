use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::extrapolation::{Extrapolation, extrapolate};
use super::{Moments, frechet_distance_of_moments};
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::draws::with_replacement;
use crate::metrics::feature_matrix::check_pair;
use crate::random::{Purpose, generator};

/// Settings of the Fréchet physics distance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FrechetPhysicsSettings {
    /// Events of the smallest batches. Default 20,000; CaloChallenge takes 10,000.
    pub min_samples: usize,
    /// Events of the largest batches. Default 50,000.
    pub max_samples: usize,
    /// Batches of each size, over which the distance is averaged. Default 20.
    pub batches: usize,
    /// Sizes of batches, at regular distances in 1/N. Default 10.
    pub points: usize,
    /// Whether each feature is taken over its greatest absolute value in the reference. Default
    /// true.
    pub normalise: bool,
    /// Default 42.
    pub seed: u64,
}

impl Default for FrechetPhysicsSettings {
    fn default() -> Self {
        Self {
            min_samples: 20_000,
            max_samples: 50_000,
            batches: 20,
            points: 10,
            normalise: true,
            seed: 42,
        }
    }
}

impl FrechetPhysicsSettings {
    fn check(&self) -> Result<(), ValidationError> {
        let setting = |name, found: usize, expected| {
            Err(ValidationError::Setting { name, found: found.to_string(), expected })
        };
        if self.min_samples < 2 {
            return setting("min_samples", self.min_samples, "at least 2");
        }
        if self.max_samples <= self.min_samples {
            return setting("max_samples", self.max_samples, "more than `min_samples`");
        }
        if self.points < 3 {
            return setting("points", self.points, "at least 3");
        }
        if self.batches == 0 {
            return setting("batches", self.batches, "at least 1");
        }
        Ok(())
    }

    /// Events of the batches of each point: 1/N at regular distances from 1/`min_samples` to
    /// 1/`max_samples`, N rounded down.
    ///
    /// The order of the arithmetic is numpy's `linspace`: at the ends N is one less where 1/(1/N)
    /// falls below N.
    pub fn sizes(&self) -> Vec<usize> {
        let (first, last) = (1.0 / self.min_samples as f64, 1.0 / self.max_samples as f64);
        let intervals = self.points.saturating_sub(1);
        let step = (last - first) / intervals as f64;
        (0..self.points)
            .map(|point| if point == intervals { last } else { point as f64 * step + first })
            .map(|inverse| (1.0 / inverse) as usize)
            .collect()
    }
}

/// The events drawn for each batch of each size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrechetBatches {
    /// Numbers of events (of the reference, of the generated sample), `[points][batches]`.
    pub draws: Vec<Vec<(Vec<usize>, Vec<usize>)>>,
}

/// The distance for infinitely many events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrechetPhysicsDistance {
    /// The distance (a square, as every Fréchet distance here) and its error. CaloChallenge
    /// quotes 10³ times both.
    pub value: f64,
    pub error: f64,
    /// Slope against 1/N.
    pub slope: f64,
    /// Events of the batches and the mean distance of each size.
    pub points: Vec<(usize, f64)>,
}

/// The Fréchet physics distance (FPD): [`frechet_distance`](super::frechet_distance) of batches of
/// several sizes N, drawn with replacement, averaged for each size and extrapolated linearly in 1/N
/// to 0 (Kansal et al., arXiv:2211.10295, as in JetNet 0.2.5).
///
/// The draws are our own (ChaCha8), JetNet's are numpy's: the two agree within the error, and
/// [`FrechetBatches::distance`] agrees exactly for the same draws.
///
/// # Errors
/// Settings that cannot be used, different features, or fewer than two events.
pub fn frechet_physics_distance(
    reference: &FeatureMatrix,
    generated: &FeatureMatrix,
    settings: &FrechetPhysicsSettings,
) -> Result<FrechetPhysicsDistance, ValidationError> {
    settings.check()?;
    check_pair(reference, generated, "a Fréchet physics distance", 2)?;
    let sizes = settings.sizes();
    let batches = settings.batches;
    let draw = |point: usize, batch: usize| {
        let number = u32::try_from(point * batches + batch).unwrap_or(u32::MAX);
        let mut generator = generator(settings.seed, Purpose::FrechetBatch(number));
        let size = sizes[point];
        let first = with_replacement(size, reference.events(), &mut generator);
        (first, with_replacement(size, generated.events(), &mut generator))
    };
    let normalised;
    let (reference, generated) = if settings.normalise {
        normalised = reference.over_greatest(generated)?;
        (&normalised.0, &normalised.1)
    } else {
        (reference, generated)
    };
    let distances = (0..settings.points * batches)
        .into_par_iter()
        .map(|number| {
            let (first, second) = draw(number / batches, number % batches);
            distance_of_draws(reference, generated, &first, &second)
        })
        .collect::<Result<Vec<f64>, _>>()?;
    let means = distances.chunks_exact(batches).map(mean).collect::<Vec<_>>();
    extrapolated(sizes, &means)
}

impl FrechetBatches {
    /// The Fréchet physics distance for these draws; the features enter as they are.
    ///
    /// # Errors
    /// Different features, batches of fewer than two events or of different sizes at one point,
    /// fewer than three points.
    ///
    /// # Panics
    /// If there is no event of a number.
    pub fn distance(
        &self,
        reference: &FeatureMatrix,
        generated: &FeatureMatrix,
    ) -> Result<FrechetPhysicsDistance, ValidationError> {
        reference.check_same_features(generated)?;
        let mut sizes = Vec::new();
        let mut means = Vec::new();
        for point in &self.draws {
            let size = point.first().map_or(0, |(first, _)| first.len());
            if point.iter().any(|(first, second)| first.len() != size || second.len() != size) {
                return Err(ValidationError::Setting {
                    name: "draws",
                    found: "batches of different sizes at one point".to_owned(),
                    expected: "batches of one size at each point",
                });
            }
            let distances = point
                .par_iter()
                .map(|(first, second)| distance_of_draws(reference, generated, first, second))
                .collect::<Result<Vec<f64>, _>>()?;
            sizes.push(size);
            means.push(mean(&distances));
        }
        extrapolated(sizes, &means)
    }
}

fn distance_of_draws(
    reference: &FeatureMatrix,
    generated: &FeatureMatrix,
    first: &[usize],
    second: &[usize],
) -> Result<f64, ValidationError> {
    frechet_distance_of_moments(
        &Moments::of_draws(reference, first)?,
        &Moments::of_draws(generated, second)?,
    )
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn extrapolated(
    sizes: Vec<usize>,
    means: &[f64],
) -> Result<FrechetPhysicsDistance, ValidationError> {
    let Extrapolation { intercept, error, slope } = extrapolate(&sizes, means)?;
    let points = sizes.into_iter().zip(means.iter().copied()).collect();
    Ok(FrechetPhysicsDistance { value: intercept, error, slope, points })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::uniform;
    use ndarray::Array2;

    fn uniform_features(events: usize, shift: f64, stream: u32) -> FeatureMatrix {
        let mut generator = generator(5, Purpose::Halves(stream));
        let values = Array2::from_shape_fn((events, 3), |_| uniform(&mut generator) + shift);
        FeatureMatrix::new("test", values.view()).expect("valid")
    }

    fn small() -> FrechetPhysicsSettings {
        FrechetPhysicsSettings {
            min_samples: 100,
            max_samples: 400,
            batches: 8,
            points: 4,
            normalise: false,
            seed: 1,
        }
    }

    #[test]
    fn sizes_are_regular_in_one_over_n_and_rounded_as_by_numpy() {
        // numpy 2.4.6: (1 / linspace(1/20000, 1/50000, 10)).astype("int32"), and from 1/10000.
        let default = FrechetPhysicsSettings::default();
        assert_eq!(
            default.sizes(),
            [20000, 21428, 23076, 24999, 27272, 30000, 33333, 37499, 42857, 49999]
        );
        let challenge = FrechetPhysicsSettings { min_samples: 10_000, ..default };
        assert_eq!(
            challenge.sizes(),
            [10000, 10975, 12162, 13636, 15517, 18000, 21428, 26470, 34615, 49999]
        );
    }

    #[test]
    fn two_samples_of_one_distribution_are_at_0_and_a_shift_is_found() {
        let reference = uniform_features(2000, 0.0, 1);
        let same = frechet_physics_distance(&reference, &uniform_features(2000, 0.0, 2), &small());
        let same = same.expect("valid");
        assert!(same.value < 5e-3, "{same:?}");
        let shifted =
            frechet_physics_distance(&reference, &uniform_features(2000, 0.1, 2), &small());
        let shifted = shifted.expect("valid");
        assert!((shifted.value - 0.03).abs() < 4.0 * shifted.error, "{shifted:?}");
        assert_eq!(shifted.points.len(), 4);
    }

    #[test]
    fn threads_do_not_change_it() {
        let (a, b) = (uniform_features(300, 0.0, 1), uniform_features(300, 0.1, 2));
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("threads start")
                .install(|| frechet_physics_distance(&a, &b, &small()).expect("valid"))
        };
        assert_eq!(with(1), with(3));
    }

    #[test]
    fn settings_that_fit_no_line_are_refused() {
        let (a, b) = (uniform_features(300, 0.0, 1), uniform_features(300, 0.1, 2));
        for settings in [
            FrechetPhysicsSettings { points: 2, ..small() },
            FrechetPhysicsSettings { max_samples: 100, ..small() },
            FrechetPhysicsSettings { min_samples: 1, ..small() },
            FrechetPhysicsSettings { batches: 0, ..small() },
        ] {
            let found = frechet_physics_distance(&a, &b, &settings);
            assert!(matches!(found, Err(ValidationError::Setting { .. })), "{settings:?}");
        }
    }
}
