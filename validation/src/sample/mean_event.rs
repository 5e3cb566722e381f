use ndarray::{Array1, ArrayView2, Axis};
use rayon::prelude::*;

/// Events that are summed as one; fixed, so that the sum depends neither on the number of threads
/// nor on the blocks that events come in.
const EVENTS_TOGETHER: usize = 1024;

/// Weighted sums of each value over the events, what is below the threshold being 0, and the sums
/// of the weights of the events that read it out.
#[derive(Debug, Clone)]
pub(super) struct MeanEvent {
    threshold: f64,
    /// Of whole groups of events.
    closed: Sums,
    /// Of the group that is not yet full.
    open: Sums,
    weight: f64,
}

/// Of each value.
#[derive(Debug, Clone)]
struct Sums {
    values: Array1<f64>,
    readouts: Array1<f64>,
}

impl Sums {
    fn zeros(values: usize) -> Self {
        Self { values: Array1::zeros(values), readouts: Array1::zeros(values) }
    }

    fn add(&mut self, other: &Self) {
        self.values += &other.values;
        self.readouts += &other.readouts;
    }
}

impl MeanEvent {
    pub(super) fn new(values: usize, threshold: f64) -> Self {
        Self { threshold, closed: Sums::zeros(values), open: Sums::zeros(values), weight: 0.0 }
    }

    pub(super) fn add(
        &mut self,
        first_event: usize,
        values: ArrayView2<'_, f32>,
        weights: Option<&[f64]>,
    ) {
        let events = values.nrows();
        match weights {
            // One after the other, whatever the blocks.
            Some(weights) => weights.iter().for_each(|weight| self.weight += weight),
            None => self.weight += events as f64,
        }
        // Where in the block a group of events begins.
        let missing = (EVENTS_TOGETHER - first_event % EVENTS_TOGETHER) % EVENTS_TOGETHER;
        let mut starts = vec![0];
        starts.extend((missing..events).step_by(EVENTS_TOGETHER).filter(|start| *start > 0));
        starts.push(events);
        let groups: Vec<(usize, usize)> = starts.windows(2).map(|p| (p[0], p[1])).collect();
        // As many at once as there are threads, so that not all sums are in memory.
        for together in groups.chunks(rayon::current_num_threads()) {
            let sums: Vec<Sums> = together
                .par_iter()
                .map(|&(from, to)| {
                    let continued = from == 0 && !first_event.is_multiple_of(EVENTS_TOGETHER);
                    let start = if continued { self.open.clone() } else { self.empty() };
                    self.sum(start, values, from..to, weights)
                })
                .collect();
            for (sum, &(_, to)) in sums.into_iter().zip(together) {
                if (first_event + to).is_multiple_of(EVENTS_TOGETHER) {
                    self.closed.add(&sum);
                    self.open = self.empty();
                } else {
                    self.open = sum;
                }
            }
        }
    }

    fn empty(&self) -> Sums {
        Sums::zeros(self.closed.values.len())
    }

    fn sum(
        &self,
        mut sums: Sums,
        values: ArrayView2<'_, f32>,
        events: std::ops::Range<usize>,
        weights: Option<&[f64]>,
    ) -> Sums {
        for event in events {
            let weight = weights.map_or(1.0, |weights| weights[event]);
            let targets = sums.values.iter_mut().zip(sums.readouts.iter_mut());
            for ((sum, readouts), &value) in targets.zip(values.index_axis(Axis(0), event)) {
                let value = f64::from(value);
                if value >= self.threshold {
                    *sum += weight * value;
                    *readouts += if value > 0.0 { weight } else { 0.0 };
                }
            }
        }
        sums
    }

    /// The mean of each value, and the share of the events that read it out.
    ///
    /// # Shapes
    /// `[values]`, `[values]`
    pub(super) fn finish(mut self) -> (Vec<f64>, Vec<f64>) {
        self.closed.add(&self.open);
        let Sums { values, readouts } = self.closed;
        ((values / self.weight).to_vec(), (readouts / self.weight).to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_leaves_out_what_is_below_the_threshold() {
        let showers = ndarray::array![[0.5f32, 2.0], [3.0, 2.0], [0.0, 5.0]];
        let mut mean = MeanEvent::new(2, 1.0);
        mean.add(0, showers.view(), None);
        let (means, occupancies) = mean.finish();
        assert_eq!(means, [1.0, 3.0]);
        assert_eq!(occupancies, [1.0 / 3.0, 1.0]);
        let mut mean = MeanEvent::new(2, 1.0);
        mean.add(0, showers.view(), Some(&[7.0, 2.0, -1.0]));
        assert_eq!(mean.finish().0, [0.75, (14.0 + 4.0 - 5.0) / 8.0]);
    }
}
