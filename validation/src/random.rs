//! Seeded random numbers: ChaCha8, one stream per purpose, drawn on the host.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What random numbers are drawn for. Each purpose has its own streams, so that a change of one
/// does not change the numbers of another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// Random halves of the reference, by number of the split.
    Halves(u32),
    /// Which events a classifier trains on, is watched with, and is tested on.
    ClassifierSplit,
    /// The classifier's first weights.
    ClassifierWeights,
    /// The order of the training events, by epoch.
    ClassifierOrder(u32),
    /// Samples with replacement of the events that a classifier is tested on.
    ClassifierBootstrap,
    /// The columns and the order of events of a classifier's features that are shuffled, by group
    /// of features.
    ClassifierShuffle(u32),
    /// How often each value counts in a bootstrap replica.
    Bootstrap(u32),
    /// Events of a Fréchet physics distance, by batch.
    FrechetBatch(u32),
    /// Events of a kernel physics distance, by batch.
    KernelBatch(u32),
    /// Events of a kernel distance, by subset.
    KernelSubset(u32),
    /// How a permutation test deals the events, by permutation.
    Permutation(u32),
    /// Directions of a sliced distance.
    Directions,
    /// First centres of clusters, by run.
    Clusters(u32),
    /// Which events of the larger of two samples are taken.
    Thinning,
    /// Orders in which duplicates are looked for, by order.
    Birthday(u32),
    /// Filters that images are looked at through.
    RandomFilters,
    /// How the splits of a score deal the events.
    ScoreSplits,
    /// Where the search for an event's latent point starts, by number of the start.
    Inversion(u32),
    /// Pairs of latent points of a path length.
    PathLength,
    /// Which series a recurrent network trains on and is tested on.
    SeriesSplit,
    /// The first weights of a recurrent network.
    SeriesWeights,
    /// The order in which a recurrent network sees the series, by set and pass over it.
    SeriesOrder(u32),
    /// Landmarks of a geometry score, by repeat.
    Landmarks(u32),
    /// Pairs of events whose similarity is measured.
    DiversityPairs,
}

impl Purpose {
    fn stream(self) -> u64 {
        let (kind, index) = match self {
            Self::Halves(split) => (1, split),
            Self::ClassifierSplit => (2, 0),
            Self::ClassifierWeights => (3, 0),
            Self::ClassifierOrder(epoch) => (4, epoch),
            Self::ClassifierBootstrap => (50, 0),
            Self::ClassifierShuffle(group) => (51, group),
            Self::Bootstrap(replica) => (30, replica),
            Self::FrechetBatch(batch) => (40, batch),
            Self::KernelBatch(batch) => (41, batch),
            Self::KernelSubset(subset) => (42, subset),
            Self::Permutation(number) => (43, number),
            Self::Directions => (44, 0),
            Self::Clusters(run) => (45, run),
            Self::Thinning => (46, 0),
            Self::Birthday(order) => (47, order),
            Self::RandomFilters => (55, 0),
            Self::ScoreSplits => (60, 0),
            Self::Inversion(start) => (61, start),
            Self::PathLength => (62, 0),
            Self::SeriesSplit => (63, 0),
            Self::SeriesWeights => (64, 0),
            Self::SeriesOrder(pass) => (65, pass),
            Self::Landmarks(repeat) => (48, repeat),
            Self::DiversityPairs => (66, 0),
        };
        kind << 32 | u64::from(index)
    }
}

/// The generator of a seed and purpose.
pub(crate) fn generator(seed: u64, purpose: Purpose) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut generator = ChaCha8Rng::from_seed(key);
    generator.set_stream(purpose.stream());
    generator
}

/// Uniform in [0, 1), with 53 random bits.
pub(crate) fn uniform(generator: &mut ChaCha8Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 * 2f64.powi(-53)
}

/// Normally distributed with mean 0 and variance 1 (Box and Muller).
pub(crate) fn standard_normal(generator: &mut ChaCha8Rng) -> f64 {
    // 1 − u is never 0.
    let radius = (-2.0 * (1.0 - uniform(generator)).ln()).sqrt();
    radius * (std::f64::consts::TAU * uniform(generator)).cos()
}

/// The numbers 0 to `count` − 1 in random order (Fisher and Yates).
pub(crate) fn permutation(count: usize, generator: &mut ChaCha8Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, index_below(last + 1, generator));
    }
    order
}

/// Uniform among 0 to `bound` − 1.
pub(crate) fn index_below(bound: usize, generator: &mut ChaCha8Rng) -> usize {
    // A 64-bit number scaled to the range: the bias is below 2⁻³² for any sample that fits in
    // memory.
    ((u128::from(generator.next_u64()) * bound as u128) >> 64) as usize
}

/// A number in which every bit of `number` changes about half of the bits (the finaliser of
/// splitmix64; Steele, Lea and Flood 2014). Different numbers give different ones.
pub(crate) fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permutation_has_every_number_once_and_depends_on_seed_and_purpose() {
        let draw = |seed, purpose| permutation(1000, &mut generator(seed, purpose));
        let order = draw(7, Purpose::ClassifierSplit);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..1000).collect::<Vec<_>>());
        assert_eq!(order, draw(7, Purpose::ClassifierSplit));
        assert_ne!(order, draw(8, Purpose::ClassifierSplit));
        assert_ne!(order, draw(7, Purpose::ClassifierWeights));
    }

    #[test]
    fn uniform_numbers_have_the_mean_and_variance_of_the_unit_interval() {
        let mut generator = generator(1, Purpose::ClassifierWeights);
        let drawn: Vec<f64> = (0..100_000).map(|_| uniform(&mut generator)).collect();
        let mean = drawn.iter().sum::<f64>() / 1e5;
        let variance = drawn.iter().map(|u| (u - mean).powi(2)).sum::<f64>() / 1e5;
        assert!((mean - 0.5).abs() < 0.004 && (variance - 1.0 / 12.0).abs() < 0.001);
    }

    #[test]
    fn normal_numbers_have_the_moments_of_the_normal_distribution() {
        let mut generator = generator(1, Purpose::PathLength);
        let drawn: Vec<f64> = (0..100_000).map(|_| standard_normal(&mut generator)).collect();
        let moment = |power| drawn.iter().map(|x| x.powi(power)).sum::<f64>() / 1e5;
        assert!(moment(1).abs() < 0.015 && (moment(2) - 1.0).abs() < 0.02);
        assert!(moment(3).abs() < 0.05 && (moment(4) - 3.0).abs() < 0.15);
    }
}
