use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ValidationError;
use crate::metrics::checks::{problem_of, setting};
use crate::metrics::draws::below;
use crate::random::{Purpose, generator};

/// How alike the events of one sample are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SampleDiversity {
    /// Mean similarity of the pairs: the greater, the less diverse.
    pub mean: f64,
    /// Standard error of the mean, as if pairs were independent.
    pub error: f64,
    pub pairs: usize,
}

/// The mean similarity of random pairs of a sample's events. With the multi-scale structural
/// similarity of images of one class it is the measure of collapse of Odena, Olah and Shlens
/// (arXiv:1610.09585), who draw 100 pairs a class: a generator that lacks diversity has a greater
/// value than the training events. To be read beside theirs.
///
/// `similarity` compares the events with two different numbers, 0 to `events` − 1. A pair may come
/// up again.
///
/// ```
/// use validation::metrics::scores::sample_diversity;
/// let values = [0.0, 1.0];
/// let found = sample_diversity(2, 10, 1, |a, b| Ok(1.0 - f64::abs(values[a] - values[b])))?;
/// assert_eq!((found.mean, found.error), (0.0, 0.0));
/// # Ok::<(), validation::ValidationError>(())
/// ```
///
/// # Errors
/// Fewer than two events or pairs, or a similarity that fails or is not finite.
pub fn sample_diversity(
    events: usize,
    pairs: usize,
    seed: u64,
    similarity: impl Fn(usize, usize) -> Result<f64, ValidationError> + Sync,
) -> Result<SampleDiversity, ValidationError> {
    if events < 2 {
        let purpose = "diversity of a sample".to_owned();
        return Err(ValidationError::TooFewEvents { purpose, found: events, needed: 2 });
    }
    if pairs < 2 {
        return Err(setting("pairs", pairs, "at least 2"));
    }
    let mut random = generator(seed, Purpose::DiversityPairs);
    let drawn: Vec<(usize, usize)> = (0..pairs)
        .map(|_| {
            let first = below(events, &mut random);
            let other = below(events - 1, &mut random);
            (first, if other < first { other } else { other + 1 })
        })
        .collect();
    let similarities = drawn
        .into_par_iter()
        .map(|(first, second)| {
            let value = similarity(first, second)?;
            if value.is_finite() {
                return Ok(value);
            }
            let problem = format!("is {value} for events {first} and {second}");
            Err(problem_of("similarity", problem))
        })
        .collect::<Result<Vec<f64>, _>>()?;
    let count = pairs as f64;
    let mean = similarities.iter().sum::<f64>() / count;
    let squares: f64 = similarities.iter().map(|value| (value - mean).powi(2)).sum();
    Ok(SampleDiversity { mean, error: (squares / (count - 1.0) / count).sqrt(), pairs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_of_different_events_and_equally_probable() {
        // Of four events, one of six pairs is alike.
        let alike = |a: usize, b: usize| {
            assert!(a != b && a < 4 && b < 4);
            Ok(if a + b == 1 { 1.0 } else { 0.0 })
        };
        let found = sample_diversity(4, 6000, 3, alike).expect("valid");
        assert!((found.mean - 1.0 / 6.0).abs() < 4.0 * found.error, "{found:?}");
        let error = (5.0 / 36.0 / 6000.0_f64).sqrt();
        approx::assert_relative_eq!(found.error, error, max_relative = 0.05);
        assert_eq!(found, sample_diversity(4, 6000, 3, alike).expect("valid"));
    }

    #[test]
    fn what_has_no_pairs_is_refused() {
        assert!(sample_diversity(1, 10, 1, |_, _| Ok(1.0)).is_err());
        assert!(sample_diversity(2, 1, 1, |_, _| Ok(1.0)).is_err());
        let refused = sample_diversity(2, 2, 1, |_, _| Ok(f64::NAN)).expect_err("NaN").to_string();
        assert!(refused.starts_with("sample `similarity` is NaN for events"));
    }
}
