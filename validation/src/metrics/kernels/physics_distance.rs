use serde::{Deserialize, Serialize};

use super::Kernel;
use super::discrepancy::Discrepancy;
use super::sums::{sum_between, sum_within};
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::draws::with_replacement;
use crate::metrics::feature_matrix::check_pair;
use crate::metrics::pairwise::Points;
use crate::metrics::percentile::percentile;
use crate::random::{Purpose, generator};

/// Settings of the kernel physics distance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KernelPhysicsSettings {
    /// Default 10.
    pub batches: usize,
    /// Events of each batch. Default 5,000; CaloChallenge takes 10,000.
    pub batch_size: usize,
    /// Whether each feature is taken over its greatest absolute value in the reference. Default
    /// true.
    pub normalise: bool,
    /// Default 42.
    pub seed: u64,
}

impl Default for KernelPhysicsSettings {
    fn default() -> Self {
        Self { batches: 10, batch_size: 5000, normalise: true, seed: 42 }
    }
}

/// The distance over batches. CaloChallenge quotes 10³ times value and error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KernelPhysicsDistance {
    /// The median; a square, which may be below 0.
    pub value: f64,
    /// Half of the distance between the 16.275 % and the 83.725 % quantile.
    pub error: f64,
    /// Of each batch.
    pub batches: Vec<f64>,
}

/// The kernel physics distance (KPD): the unbiased squared maximum mean discrepancy with the kernel
/// (x·y / d + 1)⁴ of batches drawn with replacement, their median and half of their central 67.45 %
/// (Kansal et al., arXiv:2211.10295, as in JetNet 0.2.5).
///
/// The draws are our own (ChaCha8), JetNet's are numpy's: the two agree within the error, and
/// [`kernel_physics_distance_of_draws`] agrees exactly for the same draws.
///
/// # Errors
/// Settings that cannot be used, different features, or fewer than two events.
pub fn kernel_physics_distance(
    reference: &FeatureMatrix,
    generated: &FeatureMatrix,
    settings: &KernelPhysicsSettings,
) -> Result<KernelPhysicsDistance, ValidationError> {
    if settings.batches == 0 {
        let found = settings.batches.to_string();
        return Err(ValidationError::Setting { name: "batches", found, expected: "at least 1" });
    }
    check_pair(reference, generated, "a kernel physics distance", 2)?;
    let draws: Vec<_> = (0..settings.batches)
        .map(|batch| {
            let number = u32::try_from(batch).unwrap_or(u32::MAX);
            let mut generator = generator(settings.seed, Purpose::KernelBatch(number));
            let size = settings.batch_size;
            let first = with_replacement(size, reference.events(), &mut generator);
            (first, with_replacement(size, generated.events(), &mut generator))
        })
        .collect();
    if settings.normalise {
        let (reference, generated) = reference.over_greatest(generated)?;
        return kernel_physics_distance_of_draws(&reference, &generated, &draws);
    }
    kernel_physics_distance_of_draws(reference, generated, &draws)
}

/// The kernel physics distance of batches with these numbers of events (of the reference, of the
/// generated sample). Two draws of one event count as two events. The features enter as they are.
///
/// # Errors
/// Different features, no batch, or a batch of fewer than two draws.
///
/// # Panics
/// If there is no event of a number.
pub fn kernel_physics_distance_of_draws(
    reference: &FeatureMatrix,
    generated: &FeatureMatrix,
    draws: &[(Vec<usize>, Vec<usize>)],
) -> Result<KernelPhysicsDistance, ValidationError> {
    reference.check_same_features(generated)?;
    let least = draws.iter().map(|(first, second)| first.len().min(second.len())).min();
    if let None | Some(0 | 1) = least {
        return Err(ValidationError::Setting {
            name: "batch_size",
            found: least.unwrap_or(0).to_string(),
            expected: "at least 2",
        });
    }
    let kernel = Kernel::polynomial(4, reference.features());
    let batches: Vec<f64> = draws
        .iter()
        .map(|(first, second)| {
            let (first, second) = (Drawn::new(reference, first), Drawn::new(generated, second));
            let within = |drawn: &Drawn| {
                (sum_within(&kernel, &drawn.points, Some(&drawn.times)), drawn.total)
            };
            let between = sum_between(
                &kernel,
                (&first.points, Some(&first.times)),
                (&second.points, Some(&second.times)),
            );
            Discrepancy::from_sums(within(&first), within(&second), between).unbiased
        })
        .collect();
    let mut sorted = batches.clone();
    sorted.sort_by(f64::total_cmp);
    Ok(KernelPhysicsDistance {
        value: percentile(&sorted, 50.0),
        error: (percentile(&sorted, 83.725) - percentile(&sorted, 16.275)) / 2.0,
        batches,
    })
}

/// The events that were drawn, and how often.
struct Drawn {
    points: Points,
    times: Vec<f64>,
    total: f64,
}

impl Drawn {
    fn new(features: &FeatureMatrix, draws: &[usize]) -> Self {
        let mut times = vec![0.0; features.events()];
        for &draw in draws {
            times[draw] += 1.0;
        }
        let events = (0..times.len()).filter(|&event| times[event] > 0.0);
        let points = Points::of_events(features, events, None);
        times.retain(|times| *times > 0.0);
        Self { points, times, total: draws.len() as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::kernels::maximum_mean_discrepancy;
    use crate::random::uniform;
    use ndarray::Array2;

    fn features(events: usize, stream: u32) -> FeatureMatrix {
        let mut generator = generator(5, Purpose::Halves(stream));
        let values = Array2::from_shape_fn((events, 4), |_| uniform(&mut generator));
        FeatureMatrix::new("test", values.view()).expect("valid")
    }

    #[test]
    fn an_event_drawn_twice_counts_as_two() {
        let (first, second) = (features(40, 1), features(50, 2));
        let draws = |seed: usize, count, below| -> Vec<usize> {
            (0..count).map(|i| (i * i * 31 + seed * i) % below).collect()
        };
        let batch = (draws(1, 300, 40), draws(2, 310, 50));
        let (a, b) = (first.select(&batch.0), second.select(&batch.1));
        let found = kernel_physics_distance_of_draws(&first, &second, &[batch]).expect("valid");
        let expected = maximum_mean_discrepancy(&a, &b, &Kernel::polynomial(4, 4)).expect("valid");
        assert!((found.value - expected.unbiased).abs() < 1e-12);
        assert_eq!(found.error, 0.0);
    }

    #[test]
    fn threads_do_not_change_it_and_settings_are_checked() {
        let (first, second) = (features(700, 1), features(800, 2));
        let settings = KernelPhysicsSettings { batches: 3, batch_size: 900, ..Default::default() };
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("threads start")
                .install(|| kernel_physics_distance(&first, &second, &settings).expect("valid"))
        };
        assert_eq!(with(1), with(3));
        for bad in [
            KernelPhysicsSettings { batches: 0, ..settings.clone() },
            KernelPhysicsSettings { batch_size: 1, ..settings.clone() },
        ] {
            assert!(kernel_physics_distance(&first, &second, &bad).is_err(), "{bad:?}");
        }
    }
}
