use std::collections::BinaryHeap;

/// A sample of at most so many events of a stream of unknown length, without replacement.
///
/// Every event has a pseudo-random priority that follows from its number alone, and the events with
/// the lowest priorities are kept. The sample is therefore even over the stream, the same in every
/// run and however the stream is cut into blocks. Keeping every k-th event would not do: files list
/// incident energies in turn, and a sample could miss some of them.
#[derive(Debug, Clone)]
pub(super) struct RowSample {
    limit: usize,
    columns: usize,
    seen: u64,
    /// (priority, place in `values`), the highest priority first.
    kept: BinaryHeap<(u64, usize)>,
    /// `[kept events, columns]`, in no particular order.
    values: Vec<f64>,
}

impl RowSample {
    pub fn new(limit: usize, columns: usize) -> Self {
        Self { limit, columns, seen: 0, kept: BinaryHeap::new(), values: Vec::new() }
    }

    /// Adds events, `[events, columns]`.
    pub fn observe(&mut self, values: &[f64]) {
        for event in values.chunks_exact(self.columns.max(1)) {
            let priority = scramble(self.seen);
            self.seen += 1;
            if self.kept.len() < self.limit {
                self.kept.push((priority, self.kept.len()));
                self.values.extend_from_slice(event);
                continue;
            }
            let mut worst = self.kept.peek_mut().expect("the limit is above zero");
            if priority < worst.0 {
                let start = worst.1 * self.columns;
                worst.0 = priority;
                self.values[start..start + self.columns].copy_from_slice(event);
            }
        }
    }

    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// The kept values of one column, ascending.
    pub fn sorted_column(&self, column: usize) -> Vec<f64> {
        let mut values: Vec<f64> =
            self.values.iter().skip(column).step_by(self.columns).copied().collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    }
}

/// The mixing function of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): one to one, and even.
fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_are_those_of_splitmix64() {
        // The first outputs of the generator with seed 0, as its authors' code gives them.
        assert_eq!(scramble(0), 0xE220_A839_7B1D_CDAF);
        assert_eq!(scramble(1), 0x6E78_9E6A_A1B9_65F4);
    }

    #[test]
    fn all_of_a_short_stream_is_kept() {
        let mut sample = RowSample::new(5, 2);
        sample.observe(&[3.0, 30.0, 1.0, 10.0, 2.0, 20.0]);
        assert_eq!(sample.len(), 3);
        assert_eq!(sample.sorted_column(0), [1.0, 2.0, 3.0]);
        assert_eq!(sample.sorted_column(1), [10.0, 20.0, 30.0]);
    }

    #[test]
    fn samples_are_even_also_over_a_period_and_do_not_depend_on_blocks() {
        // Eight energies in turn: each should have 125 of 1,000 events.
        let stream: Vec<f64> = (0..40_000_u32).map(f64::from).collect();
        let (mut whole, mut blocks) = (RowSample::new(1000, 1), RowSample::new(1000, 1));
        whole.observe(&stream);
        stream.chunks(77).for_each(|block| blocks.observe(block));
        let kept = whole.sorted_column(0);
        assert_eq!(kept, blocks.sorted_column(0));
        assert_eq!(kept.len(), 1000);
        assert!(kept.windows(2).all(|pair| pair[0] < pair[1]));
        for energy in 0..8 {
            let count = kept.iter().filter(|k| **k as u32 % 8 == energy).count();
            assert!((85..165).contains(&count), "{count}");
        }
        let early = kept.iter().filter(|k| **k < 20_000.0).count();
        assert!((440..560).contains(&early), "{early}");
    }
}
