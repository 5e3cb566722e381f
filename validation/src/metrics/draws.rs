//! Random choices of events and directions.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::random::uniform;

/// A number from 0 to `count` − 1, each as probable (to 2⁻³² for what fits in memory).
pub(crate) fn below(count: usize, generator: &mut ChaCha8Rng) -> usize {
    ((u128::from(generator.next_u64()) * count as u128) >> 64) as usize
}

/// `draws` numbers from 0 to `count` − 1, each independent of the others.
pub(crate) fn with_replacement(
    draws: usize,
    count: usize,
    generator: &mut ChaCha8Rng,
) -> Vec<usize> {
    (0..draws).map(|_| below(count, generator)).collect()
}

/// `draws` different numbers from 0 to `count` − 1 in random order.
pub(crate) fn without_replacement(
    draws: usize,
    count: usize,
    generator: &mut ChaCha8Rng,
) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..count).collect();
    for place in 0..draws.min(count) {
        let choice = place + below(count - place, generator);
        numbers.swap(place, choice);
    }
    numbers.truncate(draws);
    numbers
}

/// A number of the normal distribution of mean 0 and variance 1 (Box and Muller).
pub(crate) fn normal(generator: &mut ChaCha8Rng) -> f64 {
    // 1 − u is in (0, 1]: its logarithm is finite.
    let radius = (-2.0 * libm::log(1.0 - uniform(generator))).sqrt();
    radius * libm::cos(std::f64::consts::TAU * uniform(generator))
}

/// A direction, uniform on the unit sphere.
pub(crate) fn direction(dimensions: usize, generator: &mut ChaCha8Rng) -> Vec<f64> {
    loop {
        let vector: Vec<f64> = (0..dimensions).map(|_| normal(generator)).collect();
        let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        if length > 0.0 {
            return vector.into_iter().map(|x| x / length).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, generator};

    #[test]
    fn normal_numbers_have_the_moments_of_the_normal_distribution() {
        let mut generator = generator(1, Purpose::Directions);
        let drawn: Vec<f64> = (0..100_000).map(|_| normal(&mut generator)).collect();
        let moment = |power| drawn.iter().map(|x| x.powi(power)).sum::<f64>() / 1e5;
        assert!(moment(1).abs() < 0.013 && (moment(2) - 1.0).abs() < 0.02);
        assert!(moment(3).abs() < 0.05 && (moment(4) - 3.0).abs() < 0.13);
    }

    #[test]
    fn draws_without_replacement_are_different_and_reach_all() {
        let mut generator = generator(1, Purpose::Directions);
        let mut times = [0; 10];
        for _ in 0..1000 {
            let mut drawn = without_replacement(4, 10, &mut generator);
            drawn.iter().for_each(|&number| times[number] += 1);
            drawn.sort_unstable();
            drawn.dedup();
            assert_eq!(drawn.len(), 4);
        }
        // 400 each, with a standard deviation of 15.
        assert!(times.iter().all(|times| (330..470).contains(times)), "{times:?}");
    }
}
