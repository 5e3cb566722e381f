//! Random choices of events and directions.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

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
