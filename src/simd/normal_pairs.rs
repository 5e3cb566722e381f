use super::Vectorised;
use super::elementary::normal_pair;

/// Pairs that become vectors.
const LANES: usize = 16;

/// As many normal numbers as `out` has room for, two from two words of random bits; see
/// [`normal_pair`].
#[derive(Debug)]
pub struct NormalPairs<'a> {
    pub words: &'a [u32],
    pub out: &'a mut [f32],
}

impl Vectorised for NormalPairs<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let (pairs, last) = self.out.as_chunks_mut::<2>();
        let (words, _) = self.words.as_chunks::<2>();
        // Sixteen pairs at a time, which become vectors.
        let mut blocks = pairs.chunks_exact_mut(LANES);
        let mut sources = words.chunks_exact(LANES);
        for (pairs, words) in (&mut blocks).zip(&mut sources) {
            let (mut left, mut right) = ([0; LANES], [0; LANES]);
            for lane in 0..LANES {
                [left[lane], right[lane]] = words[lane];
            }
            let (mut cos, mut sin) = ([0.0; LANES], [0.0; LANES]);
            for lane in 0..LANES {
                (cos[lane], sin[lane]) = normal_pair([left[lane], right[lane]]);
            }
            for lane in 0..LANES {
                pairs[lane] = [cos[lane], sin[lane]];
            }
        }
        let done = pairs.len() / LANES * LANES;
        for (pair, words) in pairs[done..].iter_mut().zip(&words[done..]) {
            (pair[0], pair[1]) = normal_pair(*words);
        }
        if let [last] = last {
            *last = normal_pair(words[pairs.len()]).0;
        }
    }
}
