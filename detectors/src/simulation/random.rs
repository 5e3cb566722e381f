//! Random numbers that depend on (seed, purpose, number of the event) and on nothing else.
//!
//! ChaCha8 with one stream for each event. Every transcendental function comes from `libm`, so that
//! an event is the same on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Means from which Poisson numbers are drawn by PTRS and no longer by inversion.
const LEAST_MEAN_FOR_REJECTION: f64 = 10.0;
/// Means from which a rounded normal number stands for a Poisson number: its skewness is below
/// 10⁻⁴, and ln Γ loses the digits that PTRS needs.
const LEAST_MEAN_FOR_NORMAL: f64 = 1e8;

/// What random numbers are for; each purpose has streams of its own, so that an event is the same
/// whether its conditions were drawn or given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Conditions,
    Event,
}

impl Purpose {
    fn name(self) -> &'static [u8; 24] {
        match self {
            Self::Conditions => b"simulation 1: conditions",
            Self::Event => b"simulation 1: an event  ",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Random {
    generator: ChaCha8Rng,
    spare_normal: Option<f64>,
}

impl Random {
    /// The key is the seed and the name of the purpose; the stream is the number of the event.
    pub fn new(seed: u64, purpose: Purpose, number: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..].copy_from_slice(purpose.name());
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(number);
        Self { generator, spare_normal: None }
    }

    /// Uniform in [0, 1), in steps of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.generator.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    pub fn uniform_in(&mut self, minimum: f64, maximum: f64) -> f64 {
        minimum + self.uniform() * (maximum - minimum)
    }

    /// Uniform in 0..bound, by the high half of a 64-bit product (Lemire, arXiv:1805.10941,
    /// without the rejection step: the bias is below bound · 2⁻⁶⁴).
    pub fn index(&mut self, bound: usize) -> usize {
        ((u128::from(self.generator.next_u64()) * bound as u128) >> 64) as usize
    }

    /// Exponential with mean 1: −ln(1 − u).
    pub fn exponential(&mut self) -> f64 {
        -libm::log(1.0 - self.uniform())
    }

    /// Normal with mean 0 and variance 1: √(−2 ln u₁) (cos 2πu₂, sin 2πu₂), u₁ in (0, 1]
    /// (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare_normal.take() {
            return spare;
        }
        let radius = (2.0 * self.exponential()).sqrt();
        let (sin, cos) = libm::sincos(std::f64::consts::TAU * self.uniform());
        self.spare_normal = Some(radius * sin);
        radius * cos
    }

    /// Gamma with mean and variance `shape`, by squeezed rejection from (1 + cx)³ (Marsaglia and
    /// Tsang, ACM Trans. Math. Softw. 26 (2000) 363). A shape below 1 is one more, times
    /// u^(1/shape).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let u = 1.0 - self.uniform();
            return self.gamma(shape + 1.0) * libm::pow(u, 1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let root = 1.0 + c * x;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            let u = 1.0 - self.uniform();
            if u < 1.0 - 0.0331 * x * x * x * x
                || libm::log(u) < 0.5 * x * x + d * (1.0 - v + libm::log(v))
            {
                return d * v;
            }
        }
    }

    /// Beta with mean `mean`, whose shapes add up to `concentration`; its variance is
    /// mean (1 − mean) / (concentration + 1).
    pub fn beta(&mut self, mean: f64, concentration: f64) -> f64 {
        let one = self.gamma(concentration * mean);
        let other = self.gamma(concentration * (1.0 - mean));
        if one + other > 0.0 { one / (one + other) } else { mean }
    }

    /// Poisson; exact for means below 10⁸. Inversion below 10, from there PTRS (Hörmann, Insurance:
    /// Mathematics and Economics 12 (1993) 39), from 10⁸ a rounded normal number.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        if mean < LEAST_MEAN_FOR_REJECTION {
            return self.poisson_by_inversion(mean);
        }
        if mean >= LEAST_MEAN_FOR_NORMAL {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as u64;
        }
        let b = 0.931 + 2.53 * mean.sqrt();
        let a = -0.059 + 0.02483 * b;
        let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        let squeeze = 0.9277 - 3.6224 / (b - 2.0);
        let log_mean = libm::log(mean);
        loop {
            let u = self.uniform() - 0.5;
            let v = 1.0 - self.uniform();
            let edge = 0.5 - u.abs();
            let k = ((2.0 * a / edge + b) * u + mean + 0.43).floor();
            if edge >= 0.07 && v <= squeeze {
                return k as u64;
            }
            if k < 0.0 || (edge < 0.013 && v > edge) {
                continue;
            }
            let proposal = libm::log(v * inverse_alpha / (a / (edge * edge) + b));
            if proposal <= k * log_mean - mean - libm::lgamma(k + 1.0) {
                return k as u64;
            }
        }
    }

    /// Adds up probabilities until they pass a uniform number.
    fn poisson_by_inversion(&mut self, mean: f64) -> u64 {
        let u = self.uniform();
        let mut probability = libm::exp(-mean.max(0.0));
        let (mut sum, mut k) = (probability, 0_u64);
        // Rounding may keep the sum below a `u` next to 1; no mean below 10 gets near 200.
        while u >= sum && k < 200 {
            k += 1;
            probability *= mean / k as f64;
            sum += probability;
        }
        k
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(number: u64) -> Random {
        Random::new(11, Purpose::Event, number)
    }

    /// Mean, variance and third central moment of n numbers.
    fn moments(n: usize, mut draw: impl FnMut() -> f64) -> [f64; 3] {
        let values: Vec<f64> = (0..n).map(|_| draw()).collect();
        let mean = values.iter().sum::<f64>() / n as f64;
        let central = |k| values.iter().map(|x| (x - mean).powi(k)).sum::<f64>() / n as f64;
        [mean, central(2), central(3)]
    }

    #[test]
    fn streams_differ_by_seed_purpose_and_number_and_repeat_themselves() {
        let first = |seed, purpose, number| Random::new(seed, purpose, number).uniform();
        let base = first(1, Purpose::Event, 0);
        assert_eq!(base, first(1, Purpose::Event, 0));
        assert_ne!(base, first(2, Purpose::Event, 0));
        assert_ne!(base, first(1, Purpose::Conditions, 0));
        assert_ne!(base, first(1, Purpose::Event, 1));
    }

    #[test]
    fn moments_of_normals() {
        let mut random = random(0);
        let [mean, variance, third] = moments(400_000, || random.normal());
        // Standard errors: 1, √2 and √15 over √n.
        assert!(mean.abs() < 6e-3 && (variance - 1.0).abs() < 9e-3 && third.abs() < 2.5e-2);
    }

    #[test]
    fn moments_of_exponentials() {
        let mut random = random(1);
        let [mean, variance, third] = moments(400_000, || random.exponential());
        assert!((mean - 1.0).abs() < 6e-3, "{mean}");
        assert!((variance - 1.0).abs() < 2e-2, "{variance}");
        assert!((third - 2.0).abs() < 0.15, "{third}");
    }

    #[test]
    fn moments_of_gammas_below_and_above_shape_1() {
        for shape in [0.2, 1.0, 3.7, 40.0] {
            let mut random = random(2);
            let n = 200_000;
            let [mean, variance, third] = moments(n, || random.gamma(shape));
            let error = (shape / n as f64).sqrt();
            assert!((mean - shape).abs() < 4.5 * error, "{shape}: {mean}");
            assert!((variance / shape - 1.0).abs() < 0.05, "{shape}: {variance}");
            assert!((third / (2.0 * shape) - 1.0).abs() < 0.15, "{shape}: {third}");
        }
    }

    #[test]
    fn moments_of_poisson_numbers_in_every_branch() {
        for mean in [0.05, 3.0, 9.9, 10.0, 47.0, 2_000.0, 3e8] {
            let mut random = random(3);
            let n = 200_000;
            let [average, variance, third] = moments(n, || random.poisson(mean) as f64);
            let error = (mean / n as f64).sqrt();
            assert!((average - mean).abs() < 4.5 * error, "{mean}: {average}");
            let relative = ((2.0 + 1.0 / mean) / n as f64).sqrt();
            assert!((variance / mean - 1.0).abs() < 4.5 * relative, "{mean}: {variance}");
            // Skewness 1/√mean, with a standard error of at least √(6/n).
            let skewness = third / variance.powf(1.5);
            assert!((skewness - 1.0 / mean.sqrt()).abs() < 0.03 + 0.2 / mean, "{mean}: {skewness}");
        }
    }

    #[test]
    fn small_poisson_probabilities_are_exact() {
        // P(k; 12) by PTRS against e^−12 12^k / k!, within 4.5 standard deviations.
        let (n, mean) = (300_000, 12.0_f64);
        let mut random = random(4);
        let mut counts = [0_u32; 40];
        (0..n).for_each(|_| counts[(random.poisson(mean) as usize).min(39)] += 1);
        let mut probability = (-mean).exp();
        for (k, count) in counts.iter().enumerate().take(30) {
            let expected = probability * f64::from(n);
            let error = expected.sqrt().max(1.0);
            assert!((f64::from(*count) - expected).abs() < 4.5 * error, "{k}: {count}, {expected}");
            probability *= mean / (k + 1) as f64;
        }
    }

    #[test]
    fn moments_of_betas() {
        let mut random = random(5);
        let [mean, variance, _] = moments(200_000, || random.beta(0.3, 4.0));
        assert!((mean - 0.3).abs() < 3e-3, "{mean}");
        assert!((variance - 0.3 * 0.7 / 5.0).abs() < 1e-3, "{variance}");
    }
}
