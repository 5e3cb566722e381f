use serde::{Deserialize, Serialize};

use super::{GaussianModes, ShareDivergences, share_divergences};
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::checks::check_positive;

/// Which modes of a mixture the events are in, and how close to them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModeCoverage {
    /// Modes with at least one event of high quality.
    pub found: usize,
    /// Of all modes.
    pub modes: usize,
    /// Share of the events that are of high quality.
    pub high_quality: f64,
    /// Events of each mode, of any quality.
    pub counts: Vec<usize>,
    /// Of the counts and equal shares.
    pub divergences: ShareDivergences,
}

/// Modes found, share of events of high quality, and divergence of the modes' shares from equal
/// ones, by the rule of Lin et al. (PacGAN, arXiv:1712.04086), after Srivastava et al. (VEEGAN,
/// arXiv:1705.07761): each event belongs to the nearest mode; it is of high quality if its distance
/// is less than `sigmas` · σ (they take 3); a mode is found if it has an event of high quality. The
/// shares are those of all events, not only of those of high quality.
///
/// Perfect samples in two dimensions have a high quality share of 1 − exp(−9/2) = 98.89 % with 3 σ.
///
/// # Errors
/// Events with other features than the modes, or `sigmas` not above 0.
pub fn mode_coverage(
    events: &FeatureMatrix,
    modes: &GaussianModes,
    sigmas: f64,
) -> Result<ModeCoverage, ValidationError> {
    check_positive("sigmas", sigmas)?;
    modes.centres().check_same_features(events)?;
    let number = modes.centres().events();
    let mut counts = vec![0; number];
    let mut close = vec![0; number];
    for event in 0..events.events() {
        let (mode, distance) = modes.nearest(events.event(event));
        counts[mode] += 1;
        if distance < sigmas * modes.sigma() {
            close[mode] += 1;
        }
    }
    let divergences = share_divergences(&counts, &vec![1.0 / number as f64; number])?;
    Ok(ModeCoverage {
        found: close.iter().filter(|&&count| count > 0).count(),
        modes: number,
        high_quality: close.iter().sum::<usize>() as f64 / events.events() as f64,
        counts,
        divergences,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, generator, standard_normal, uniform};
    use ndarray::{Array2, arr2};

    /// What a perfect generator makes.
    fn perfect(modes: &GaussianModes, events: usize, seed: u64) -> FeatureMatrix {
        let mut random = generator(seed, Purpose::PathLength);
        let mut values = Array2::zeros((events, 2));
        for mut event in values.outer_iter_mut() {
            let mode = (uniform(&mut random) * modes.centres().events() as f64) as usize;
            for (value, centre) in event.iter_mut().zip(modes.centres().event(mode)) {
                *value = centre + modes.sigma() * standard_normal(&mut random);
            }
        }
        FeatureMatrix::new("perfect", values.view()).expect("valid")
    }

    #[test]
    fn perfect_samples_reach_the_ceilings_and_the_floors() {
        let ring = GaussianModes::ring(8, 1.0, 0.01).expect("valid");
        let grid = GaussianModes::grid(5, 2.0, 0.05).expect("valid");
        const REPEATS: u64 = 40;
        for (modes, floor) in [(ring, 0.0014), (grid, 0.0048)] {
            let (mut high_quality, mut divergence) = (0.0, 0.0);
            for seed in 0..REPEATS {
                let events = perfect(&modes, 2500, seed);
                let found = mode_coverage(&events, &modes, 3.0).expect("valid");
                assert_eq!(found.found, found.modes);
                high_quality += found.high_quality / REPEATS as f64;
                let divergences = found.divergences.generated_to_expected;
                divergence += divergences.expect("finite") / REPEATS as f64;
            }
            // Standard errors: √(.0111 / 10⁵) = 3.3 · 10⁻⁴, and floor · √(2 / (K − 1) / 40).
            assert!((high_quality - 0.98889).abs() < 1.4e-3, "{high_quality}");
            assert!((divergence / floor - 1.0).abs() < 0.34, "{divergence} {floor}");
        }
    }

    #[test]
    fn an_event_at_three_sigma_is_not_of_high_quality() {
        let modes = arr2(&[[0.0, 0.0], [16.0, 0.0], [0.0, 16.0]]);
        let modes = FeatureMatrix::new("modes", modes.view()).expect("valid");
        let modes = GaussianModes::new(modes, 1.0).expect("valid");
        let events = arr2(&[[3.0, 0.0], [0.0, 2.75], [16.0, 3.0], [0.0, 16.0]]);
        let events = FeatureMatrix::new("x", events.view()).expect("valid");
        let found = mode_coverage(&events, &modes, 3.0).expect("valid");
        assert_eq!((found.found, found.modes, found.high_quality), (2, 3, 0.5));
        assert_eq!(found.counts, [2, 1, 1]);
        assert!(mode_coverage(&events, &modes, 0.0).is_err());
        let ring = GaussianModes::ring(8, 1.0, 0.01).expect("valid");
        let other = FeatureMatrix::new("x", arr2(&[[1.0, 2.0, 3.0]]).view()).expect("valid");
        assert!(mode_coverage(&other, &ring, 3.0).is_err());
    }
}
