//! Random numbers that depend on (seed, purpose, number of the event or step) and on nothing
//! else: not on the batch size, the threads, the device or how a job was split.
//!
//! ChaCha8 with one stream for each event or step. Normals come from the Box–Muller transform on
//! our own elementary functions ([`crate::simd`]), so that they are the same on every machine and
//! with every version of the dependencies.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use crate::simd::elementary::uniform;
use crate::simd::{Level, NormalPairs};

/// The name of the generator, as it is written into files.
pub const GENERATOR_NAME: &str = "ChaCha8, Box-Muller";

/// What random numbers are for; each purpose has streams of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Initialisation,
    CriticBatch,
    CriticNoise,
    GeneratorBatch,
    GeneratorNoise,
    Interpolation,
    Selection,
    Generation,
    Shuffle,
    Dequantisation,
    /// Masks of dropout, and noise added to what critics see.
    Regularisation,
    Collapse,
    /// Conditions of generated events that are drawn from a range.
    Conditions,
    /// Which events of a file are generated again.
    Verification,
    /// Data of the suite's problems.
    Problem,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Initialisation => "initialisation",
            Self::CriticBatch => "critic batch",
            Self::CriticNoise => "critic noise",
            Self::GeneratorBatch => "generator batch",
            Self::GeneratorNoise => "generator noise",
            Self::Interpolation => "interpolation",
            Self::Selection => "selection",
            Self::Generation => "generation",
            Self::Shuffle => "shuffle",
            Self::Dequantisation => "dequantisation",
            Self::Regularisation => "regularisation",
            Self::Collapse => "collapse",
            Self::Conditions => "conditions",
            Self::Verification => "verification",
            Self::Problem => "problem",
        }
    }
}

/// All streams of one seed and purpose.
#[derive(Debug, Clone)]
pub struct Streams {
    key: [u8; 32],
}

impl Streams {
    pub fn new(seed: u64, purpose: Purpose) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"showerforge random streams 1\0");
        hash.update(seed.to_le_bytes());
        hash.update(purpose.name());
        Self { key: hash.finalize().into() }
    }

    /// Other streams of the same seed and purpose, for going on after `attempt` roll-backs; those of
    /// [`Self::new`] for 0.
    pub fn of_attempt(seed: u64, purpose: Purpose, attempt: u64) -> Self {
        let Self { key } = Self::new(seed, purpose);
        if attempt == 0 {
            return Self { key };
        }
        let mut hash = Sha256::new();
        hash.update(key);
        hash.update(attempt.to_le_bytes());
        Self { key: hash.finalize().into() }
    }

    /// The key of the generator as its words.
    pub(crate) fn key_words(&self) -> [u32; 8] {
        let (words, _) = self.key.as_chunks::<4>();
        std::array::from_fn(|i| u32::from_le_bytes(words[i]))
    }

    /// Uniform numbers of stream `number`.
    pub fn uniforms(&self, number: u64) -> Uniforms {
        let mut generator = ChaCha8Rng::from_seed(self.key);
        generator.set_stream(number);
        Uniforms { generator }
    }

    /// Normal numbers of stream `number`.
    pub fn normals(&self, number: u64) -> Normals {
        Normals { uniforms: self.uniforms(number), spare: None }
    }

    /// Normal numbers of the streams from number `first` on, `width` of each: those that
    /// [`Normals::fill`] gives, computed together, which saves time where they are few.
    ///
    /// # Shapes
    /// `values`: `[streams, width]`.
    pub fn fill_normals(&self, first: u64, width: usize, values: &mut [f32]) {
        // Of a stream's last pair there may be one to spare.
        let padded = width.next_multiple_of(2);
        let mut words = vec![0; values.len() / width * padded];
        for (words, number) in words.chunks_exact_mut(padded).zip(first..) {
            let mut generator = self.uniforms(number).generator;
            words.iter_mut().for_each(|word| *word = generator.next_u32());
        }
        if padded == width {
            return Level::best().run(NormalPairs { words: &words, out: values });
        }
        let mut out = vec![0.0; words.len()];
        Level::best().run(NormalPairs { words: &words, out: &mut out });
        for (values, out) in values.chunks_exact_mut(width).zip(out.chunks_exact(padded)) {
            values.copy_from_slice(&out[..width]);
        }
    }
}

#[derive(Debug, Clone)]
pub struct Uniforms {
    generator: ChaCha8Rng,
}

impl Uniforms {
    /// Uniform in [0, 1), in steps of 2⁻²⁴.
    pub fn draw(&mut self) -> f32 {
        uniform(self.generator.next_u32())
    }

    /// Uniform in [0, 1), in steps of 2⁻⁵³.
    pub fn draw_f64(&mut self) -> f64 {
        (self.generator.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Uniform in 0..bound, by the high half of a 64-bit product (Lemire, arXiv:1805.10941,
    /// without the rejection step: the bias is below bound · 2⁻⁶⁴).
    pub fn index(&mut self, bound: usize) -> usize {
        ((u128::from(self.generator.next_u64()) * bound as u128) >> 64) as usize
    }
}

/// Normal numbers that are computed together; an even number.
const PAIRS_AT_ONCE: usize = 256;

#[derive(Debug, Clone)]
pub struct Normals {
    uniforms: Uniforms,
    spare: Option<f32>,
}

impl Normals {
    /// Normal with mean 0 and variance 1: √(−2 ln u₁) (cos 2πu₂, sin 2πu₂), u₁ in (0, 1].
    pub fn draw(&mut self) -> f32 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let mut pair = [0.0; 2];
        self.fill_pairs(&mut pair);
        self.spare = Some(pair[1]);
        pair[0]
    }

    /// As many draws as there are values.
    pub fn fill(&mut self, values: &mut [f32]) {
        let mut values = values;
        if let (Some(first), true) = (self.spare, !values.is_empty()) {
            values[0] = first;
            self.spare = None;
            values = &mut values[1..];
        }
        let pairs = values.len() / 2 * 2;
        values[..pairs].chunks_mut(PAIRS_AT_ONCE).for_each(|values| self.fill_pairs(values));
        if let Some(last) = values[pairs..].first_mut() {
            *last = self.draw();
        }
    }

    /// An even number of values.
    fn fill_pairs(&mut self, values: &mut [f32]) {
        let mut words = [0; PAIRS_AT_ONCE];
        let words = &mut words[..values.len()];
        words.iter_mut().for_each(|word| *word = self.uniforms.generator.next_u32());
        Level::best().run(NormalPairs { words, out: values });
    }

    /// Uniform in [0, 1), from the same stream.
    pub fn uniform(&mut self) -> f32 {
        self.uniforms.draw()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_seed_purpose_and_number_and_repeat_themselves() {
        let first = |seed, purpose, number| Streams::new(seed, purpose).uniforms(number).draw();
        let base = first(1, Purpose::Generation, 0);
        assert_eq!(base, first(1, Purpose::Generation, 0));
        assert_ne!(base, first(2, Purpose::Generation, 0));
        assert_ne!(base, first(1, Purpose::CriticNoise, 0));
        assert_ne!(base, first(1, Purpose::Generation, 1));
        let attempt = |attempt| Streams::of_attempt(1, Purpose::Generation, attempt);
        let drawn = |streams: Streams| streams.uniforms(0).draw();
        assert_eq!(base, drawn(attempt(0)));
        assert_ne!(base, drawn(attempt(1)));
        assert_ne!(drawn(attempt(1)), drawn(attempt(2)));
    }

    #[test]
    fn the_first_normals_never_change() {
        // Guards every event ever generated: a change here is a change of Physics.
        let mut normals = Streams::new(1, Purpose::Generation).normals(0);
        let bits: Vec<u32> = (0..4).map(|_| normals.draw().to_bits()).collect();
        assert_eq!(bits, FIRST_NORMALS);
    }

    const FIRST_NORMALS: [u32; 4] = [1_049_789_676, 3_185_092_417, 1_070_227_004, 3_209_009_878];

    #[test]
    fn normals_of_many_streams_are_those_of_each() {
        let streams = Streams::new(5, Purpose::GeneratorNoise);
        for width in [1, 2, 3, 30, 301] {
            let mut together = vec![0.0; 40 * width];
            streams.fill_normals(7, width, &mut together);
            let mut apart = vec![0.0; 40 * width];
            for (row, number) in apart.chunks_exact_mut(width).zip(7..) {
                streams.normals(number).fill(row);
            }
            assert_eq!(together, apart, "{width} of each");
        }
    }

    #[test]
    fn moments_of_a_million_normals() {
        let mut normals = Streams::new(7, Purpose::CriticNoise).normals(3);
        let n = 1_000_000;
        let mut sums = [0.0_f64; 4];
        for _ in 0..n {
            let x = f64::from(normals.draw());
            (1..=4).for_each(|k| sums[k as usize - 1] += x.powi(k));
        }
        // Standard errors: 1, √2, √15, √96 over √n.
        let [mean, second, third, fourth] = sums.map(|sum| sum / f64::from(n));
        assert!(mean.abs() < 5e-3, "{mean}");
        assert!((second - 1.0).abs() < 7e-3, "{second}");
        assert!(third.abs() < 2e-2, "{third}");
        assert!((fourth - 3.0).abs() < 5e-2, "{fourth}");
    }

    #[test]
    fn indices_are_even() {
        let mut uniforms = Streams::new(3, Purpose::CriticBatch).uniforms(0);
        let mut counts = [0_i64; 6];
        (0..60_000).for_each(|_| counts[uniforms.index(6)] += 1);
        assert!(counts.iter().all(|n| (n - 10_000).abs() < 500), "{counts:?}");
    }
}
