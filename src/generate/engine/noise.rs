use crate::gan::Noise;
use crate::random::Streams;
use crate::simd::elementary::uniform;
use crate::simd::{Level, NormalPairs, Vectorised};

/// Noise of many events at once: that of event k is what [`Streams`] gives as stream k, bit for
/// bit.
#[derive(Debug, Clone)]
pub struct NoiseMaker {
    key: [u32; 8],
    noise: Noise,
    latent: usize,
    width: usize,
}

/// Streams of ChaCha that go side by side.
const LANES: usize = 16;
/// Words of a block of ChaCha.
const BLOCK: usize = 16;

impl NoiseMaker {
    /// `latent` numbers with the distribution `noise`, and as many standard normal ones behind them
    /// as `width` has room for.
    pub fn new(streams: &Streams, noise: Noise, latent: usize, width: usize) -> Self {
        Self { key: streams.key_words(), noise, latent, width }
    }

    /// Words of random bits that come before the normal pairs.
    fn uniforms(&self) -> usize {
        if matches!(self.noise, Noise::Uniform { .. }) { self.latent } else { 0 }
    }

    fn blocks(&self) -> usize {
        let uniforms = self.uniforms();
        (uniforms + (self.width - uniforms).next_multiple_of(2)).div_ceil(BLOCK).max(1)
    }

    /// Noise of events `first`, `first` + 1, …; `words` is room to work in.
    ///
    /// # Shapes
    /// `out`: a row of `stride` numbers for each of `events` events, of which the first `width` are
    /// written.
    ///
    /// # Panics
    /// If `out` is too short.
    pub fn fill(
        &self,
        level: Level,
        first: u64,
        events: usize,
        out: &mut [f32],
        stride: usize,
        words: &mut Vec<u32>,
    ) {
        if events == 0 || self.width == 0 {
            return;
        }
        let blocks = self.blocks();
        let jobs = events * blocks;
        words.resize(jobs.next_multiple_of(LANES) * BLOCK, 0);
        for (group, words) in words.chunks_exact_mut(LANES * BLOCK).enumerate() {
            let words = words.try_into().expect("chunks of this size");
            level.run(ChaCha { key: &self.key, first, blocks, job: group * LANES, words });
        }
        let uniforms = self.uniforms();
        for (words, out) in
            words.chunks_exact(blocks * BLOCK).zip(out.chunks_mut(stride)).take(events)
        {
            if let Noise::Uniform { minimum, maximum } = self.noise {
                let (minimum, width) = (minimum as f32, (maximum - minimum) as f32);
                for (value, word) in out[..self.latent].iter_mut().zip(words) {
                    *value = minimum + width * uniform(*word);
                }
            }
            let out = &mut out[uniforms..self.width];
            level.run(NormalPairs { words: &words[uniforms..], out });
            if let Noise::Normal { mean, deviation } = self.noise
                && (mean, deviation) != (0.0, 1.0)
            {
                let (mean, deviation) = (mean as f32, deviation as f32);
                out[..self.latent].iter_mut().for_each(|value| *value = mean + deviation * *value);
            }
        }
    }
}

/// Sixteen blocks of ChaCha with 8 rounds (D. J. Bernstein, 2008): number `job % blocks` of stream
/// `first + job / blocks`, and those of the 15 jobs behind it.
struct ChaCha<'a> {
    key: &'a [u32; 8],
    first: u64,
    blocks: usize,
    job: usize,
    words: &'a mut [u32; LANES * BLOCK],
}

type Lanes = [u32; LANES];

impl Vectorised for ChaCha<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::needless_range_loop, reason = "lanes of several arrays, as vectors")]
    fn run(self) {
        let mut start = [[0; LANES]; BLOCK];
        // "expand 32-byte k"
        for (lanes, word) in
            start.iter_mut().zip([0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574])
        {
            *lanes = [word; LANES];
        }
        for (lanes, word) in start[4..12].iter_mut().zip(self.key) {
            *lanes = [*word; LANES];
        }
        for lane in 0..LANES {
            let job = self.job + lane;
            let stream = self.first.wrapping_add((job / self.blocks) as u64);
            start[12][lane] = (job % self.blocks) as u32;
            start[14][lane] = stream as u32;
            start[15][lane] = (stream >> 32) as u32;
        }
        let mut state = start;
        for _ in 0..4 {
            quarter_round(&mut state, [0, 4, 8, 12]);
            quarter_round(&mut state, [1, 5, 9, 13]);
            quarter_round(&mut state, [2, 6, 10, 14]);
            quarter_round(&mut state, [3, 7, 11, 15]);
            quarter_round(&mut state, [0, 5, 10, 15]);
            quarter_round(&mut state, [1, 6, 11, 12]);
            quarter_round(&mut state, [2, 7, 8, 13]);
            quarter_round(&mut state, [3, 4, 9, 14]);
        }
        for (word, (end, start)) in state.iter().zip(&start).enumerate() {
            for lane in 0..LANES {
                self.words[lane * BLOCK + word] = end[lane].wrapping_add(start[lane]);
            }
        }
    }
}

#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "lanes of two rows of one array, as vectors")]
fn quarter_round(state: &mut [Lanes; BLOCK], [a, b, c, d]: [usize; 4]) {
    for (to, by, turned, turn) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
        for lane in 0..LANES {
            state[to][lane] = state[to][lane].wrapping_add(state[by][lane]);
        }
        for lane in 0..LANES {
            state[turned][lane] = (state[turned][lane] ^ state[to][lane]).rotate_left(turn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn every_event_has_the_noise_of_its_stream_at_any_level() {
        let streams = Streams::new(11, Purpose::Generation);
        let kinds = [
            Noise::default(),
            Noise::Normal { mean: 0.5, deviation: 0.5 },
            Noise::Uniform { minimum: -1.0, maximum: 1.0 },
        ];
        for noise in kinds {
            for (latent, width) in [(50, 50), (7, 107), (1, 1), (64, 432), (3, 4)] {
                let maker = NoiseMaker::new(&streams, noise, latent, width);
                for first in [0, 5, u64::from(u32::MAX) - 1] {
                    let events = 5;
                    for level in Level::available() {
                        let stride = width + 3;
                        let mut out = vec![0.0; events * stride];
                        maker.fill(level, first, events, &mut out, stride, &mut Vec::new());
                        for (event, row) in out.chunks(stride).enumerate() {
                            let mut normals = streams.normals(first + event as u64);
                            let mut expected = vec![0.0; width];
                            let (start, end) = expected.split_at_mut(latent);
                            noise.fill(&mut normals, start);
                            normals.fill(end);
                            assert_eq!(row[..width], expected, "{noise:?} {level:?}");
                        }
                    }
                }
            }
        }
    }
}
