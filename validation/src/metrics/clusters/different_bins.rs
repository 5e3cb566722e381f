use serde::{Deserialize, Serialize};

use super::k_means;
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::feature_matrix::check_pair;

/// Settings of the number of different bins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DifferentBinsSettings {
    /// K. Default 100.
    pub bins: usize,
    /// Two-sided level of each bin's test. Default 0.05.
    pub level: f64,
    /// Whether each feature is taken over its standard deviation in the reference. Default
    /// false.
    pub standardise: bool,
    /// Default 1.
    pub seed: u64,
}

impl Default for DifferentBinsSettings {
    fn default() -> Self {
        Self { bins: 100, level: 0.05, standardise: false, seed: 1 }
    }
}

/// In how many bins two samples differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DifferentBins {
    /// NDB: bins in which the shares differ.
    pub different: usize,
    /// NDB / K. The level where the distributions are the same.
    pub share: f64,
    /// Jensen–Shannon divergence of the shares, in nats.
    pub divergence: f64,
    /// Two-sided p-value of each bin; 1 for a bin that is empty, or full, in both.
    pub p_values: Vec<f64>,
}

/// The number of statistically different bins (Richardson and Weiss, arXiv:1805.12462): the bins
/// are k-means clusters of the reference, the events of both samples fall in the bin of the nearest
/// centre, and each bin's shares are held against each other by
///
/// z = (p₁ − p₂) / √(p (1 − p) (1/n₁ + 1/n₂))
///
/// with the pooled share p, two-sided.
///
/// The clusters are made from the same reference events whose shares are compared. These adapt to
/// the clusters, so that even a sample of the same distribution gives somewhat more than the level.
///
/// # Errors
/// Settings that cannot be used, different features, or fewer reference events than bins.
pub fn different_bins(
    reference: &FeatureMatrix,
    generated: &FeatureMatrix,
    settings: &DifferentBinsSettings,
) -> Result<DifferentBins, ValidationError> {
    reference.check_events("a number of different bins", settings.bins)?;
    check_pair(reference, generated, "a number of different bins", 1)?;
    let standardised;
    let (reference, generated) = if settings.standardise {
        standardised = reference.over_deviation(generated)?;
        (&standardised.0, &standardised.1)
    } else {
        (reference, generated)
    };
    let clusters = k_means(reference, settings.bins, settings.seed, 0)?;
    let count = |bins: &[usize]| {
        let mut counts = vec![0_u64; settings.bins];
        bins.iter().for_each(|&bin| counts[bin] += 1);
        counts
    };
    let (first, second) = (count(&clusters.of_events), count(&clusters.assign(generated)?));
    different_bins_of_counts(&first, &second, settings.level)
}

/// [`different_bins`] of the events in each bin.
///
/// # Shapes
/// `first` and `second`: `[bins]`
///
/// # Errors
/// Different numbers of bins, a sample without events, or a level that is not between 0 and 1.
pub fn different_bins_of_counts(
    first: &[u64],
    second: &[u64],
    level: f64,
) -> Result<DifferentBins, ValidationError> {
    if !(level > 0.0 && level < 1.0) {
        let found = level.to_string();
        return Err(ValidationError::Setting { name: "level", found, expected: "between 0 and 1" });
    }
    let (n, m) = (first.iter().sum::<u64>() as f64, second.iter().sum::<u64>() as f64);
    if first.len() != second.len() || n == 0.0 || m == 0.0 {
        return Err(ValidationError::Setting {
            name: "bins",
            found: format!("{} with {n} and {} with {m} events", first.len(), second.len()),
            expected: "as many of both samples, with events",
        });
    }
    let mut divergence = 0.0;
    let mut p_values = Vec::with_capacity(first.len());
    for (&a, &b) in first.iter().zip(second) {
        let (p, q) = (a as f64 / n, b as f64 / m);
        let pooled = (a + b) as f64 / (n + m);
        let error = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
        let z = if error > 0.0 { (p - q) / error } else { 0.0 };
        p_values.push(libm::erfc(z.abs() / std::f64::consts::SQRT_2));
        let middle = (p + q) / 2.0;
        let part = |p: f64| if p > 0.0 { 0.5 * p * (p / middle).ln() } else { 0.0 };
        divergence += part(p) + part(q);
    }
    let different = p_values.iter().filter(|&&p| p < level).count();
    let share = different as f64 / first.len() as f64;
    Ok(DifferentBins { different, share, divergence, p_values })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, generator, uniform};
    use ndarray::Array2;

    fn features(events: usize, below: f64, stream: u32) -> FeatureMatrix {
        let mut generator = generator(6, Purpose::Halves(stream));
        let values = Array2::from_shape_fn((events, 3), |_| below * uniform(&mut generator));
        FeatureMatrix::new("test", values.view()).expect("valid")
    }

    #[test]
    fn the_same_distribution_differs_at_the_level_and_a_narrower_one_in_most_bins() {
        let reference = features(10_000, 1.0, 1);
        let of = |generated: &FeatureMatrix| {
            different_bins(&reference, generated, &DifferentBinsSettings::default()).expect("valid")
        };
        let same = of(&features(5000, 1.0, 2));
        // 0.05 with a standard deviation of 0.02, and something for the clusters' adaptation.
        assert!(same.share < 0.2, "{}", same.share);
        let narrow = of(&features(5000, 0.7, 2));
        assert!(narrow.share > 0.6 && narrow.divergence > 10.0 * same.divergence);
    }

    #[test]
    fn a_bin_that_is_empty_in_both_does_not_differ() {
        let found = different_bins_of_counts(&[50, 50, 0], &[10, 90, 0], 0.05).expect("valid");
        assert_eq!((found.different, found.p_values[2]), (2, 1.0));
        let full = different_bins_of_counts(&[5], &[7], 0.05).expect("valid");
        assert_eq!((full.different, full.divergence), (0, 0.0));
        assert!(different_bins_of_counts(&[0, 0], &[1, 2], 0.05).is_err());
        assert!(different_bins_of_counts(&[1, 2], &[1], 0.05).is_err());
        assert!(different_bins_of_counts(&[1, 2], &[1, 2], 1.0).is_err());
    }
}
