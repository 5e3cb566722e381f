use std::sync::LazyLock;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// Numbers from the Poisson distribution of mean 1, each from 32 random bits.
pub(super) fn poisson_counts(mut random: ChaCha8Rng, count: usize, counts: &mut Vec<f64>) {
    counts.clear();
    counts.reserve(count);
    let poisson = &*POISSON;
    let mut bytes = [0; 4096];
    while counts.len() < count {
        let chunk = (count - counts.len()).min(bytes.len() / 4);
        random.fill_bytes(&mut bytes[..4 * chunk]);
        counts.extend(
            bytes[..4 * chunk].chunks_exact(4).map(|four| {
                poisson.count(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            }),
        );
    }
}

static POISSON: LazyLock<Poisson> = LazyLock::new(Poisson::new);

/// The Poisson distribution of mean 1.
struct Poisson {
    /// 2³² P(k ≤ 0), 2³² P(k ≤ 1), …, rounded. Greater numbers than 12 are less probable than 2⁻³².
    limits: [u32; 12],
    /// The number for each value of the leading bits; NaN where the other bits decide.
    by_leading_bits: Vec<f64>,
}

/// Bits that are looked up.
const LEADING: u32 = 11;

impl Poisson {
    fn new() -> Self {
        let (mut term, mut sum) = ((-1.0_f64).exp(), 0.0);
        let limits = std::array::from_fn(|k| {
            sum += term;
            term /= (k + 1) as f64;
            (sum * 2.0_f64.powi(32)).round() as u32
        });
        let by_leading_bits = (0..1_u32 << LEADING).map(|leading| {
            let least = leading << (32 - LEADING);
            let greatest = least | (u32::MAX >> LEADING);
            let count = passed(&limits, least);
            if count == passed(&limits, greatest) { count } else { f64::NAN }
        });
        Self { limits, by_leading_bits: by_leading_bits.collect() }
    }

    #[inline]
    fn count(&self, bits: u32) -> f64 {
        let found = self.by_leading_bits[(bits >> (32 - LEADING)) as usize];
        if found.is_nan() { passed(&self.limits, bits) } else { found }
    }
}

/// How many limits a number reaches.
fn passed(limits: &[u32], bits: u32) -> f64 {
    limits.iter().map(|limit| f64::from(u8::from(bits >= *limit))).sum()
}

#[cfg(test)]
mod unit_tests {
    use super::*;
    use crate::random::{Purpose, generator};

    #[test]
    fn counts_are_poisson() {
        let mut counts = vec![17.0; 3];
        poisson_counts(generator(3, Purpose::Bootstrap(0)), 200_001, &mut counts);
        assert_eq!(counts.len(), 200_001);
        let mut expected = (-1.0_f64).exp();
        for k in 0..7 {
            let share = counts.iter().filter(|count| **count == f64::from(k)).count() as f64;
            let (mean, deviation) = (200_001.0 * expected, (200_001.0 * expected).sqrt());
            assert!((share - mean).abs() < 4.0 * deviation, "{k}: {share} of {mean}");
            expected /= f64::from(k + 1);
        }
        let limits = POISSON.limits;
        assert_eq!(limits[0], 1_580_030_169);
        assert!(limits.is_sorted() && limits[11] > u32::MAX - 5);
        for limit in limits {
            for bits in [limit - 1, limit, limit.wrapping_add(1 << 20), limit.wrapping_sub(1 << 22)]
            {
                assert_eq!(POISSON.count(bits), passed(&limits, bits), "{bits}");
            }
        }
        assert_eq!((POISSON.count(0), POISSON.count(u32::MAX)), (0.0, 12.0));
    }
}
