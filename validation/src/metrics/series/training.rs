//! What both scores do with series and their networks.

use ndarray::{ArrayView3, Axis, s};
use rayon::prelude::*;

use super::gradient::{Readout, add_gradient};
use super::network::{LANES, Lanes, Layout, forward, output};
use crate::random::{Purpose, generator, permutation};

/// Deals the numbers of the series in random order, again and again; each in every pass once.
pub(super) struct Deck {
    count: usize,
    seed: u64,
    /// Which of several decks of one training.
    number: u32,
    pass: u32,
    order: Vec<usize>,
}

impl Deck {
    /// # Panics
    /// If there are no series to deal.
    pub(super) fn new(count: usize, seed: u64, number: u32) -> Self {
        assert!(count > 0, "series were counted before");
        Self { count, seed, number, pass: 0, order: Vec::new() }
    }

    /// The next `batch`.
    pub(super) fn deal(&mut self, batch: usize) -> Vec<usize> {
        let mut dealt = Vec::with_capacity(batch);
        while dealt.len() < batch {
            if self.order.is_empty() {
                let stream = Purpose::SeriesOrder(2 * self.pass + self.number);
                self.order = permutation(self.count, &mut generator(self.seed, stream));
                self.pass += 1;
            }
            let rest = self.order.len() - (batch - dealt.len()).min(self.order.len());
            dealt.extend(self.order.drain(rest..));
        }
        dealt
    }
}

/// The values of up to `LANES` series side by side; 0 where there are fewer.
///
/// # Shapes
/// `values`: `[series, steps, inputs]`; the result is `[steps, inputs]`.
fn side_by_side(values: ArrayView3<'_, f64>, series: &[usize]) -> Vec<Lanes> {
    let (_, steps, inputs) = values.dim();
    let mut lanes = vec![[0.0; LANES]; steps * inputs];
    for (lane, &series) in series.iter().enumerate() {
        for (place, &value) in lanes.iter_mut().zip(values.index_axis(Axis(0), series)) {
            place[lane] = value;
        }
    }
    lanes
}

/// The loss of these series and its gradient: sums over the series of
/// `loss(series, step, output)`. The same to the last bit on any number of threads.
///
/// # Shapes
/// `values`: `[series, steps, inputs]`.
pub(super) fn batch_gradient(
    layout: Layout,
    parameters: &[f64],
    values: ArrayView3<'_, f64>,
    series: &[usize],
    readout: Readout,
    loss: &(dyn Fn(usize, usize, f64) -> (f64, f64) + Sync),
) -> (f64, Vec<f64>) {
    let parts: Vec<(f64, Vec<f64>)> = series
        .par_chunks(LANES)
        .map(|series| {
            let inputs = side_by_side(values, series);
            let mut gradient = vec![0.0; parameters.len()];
            let of_lane = |step: usize, lane: usize, output: f64| {
                series.get(lane).map_or((0.0, 0.0), |&series| loss(series, step, output))
            };
            let value = add_gradient(layout, parameters, &inputs, readout, &of_lane, &mut gradient);
            (value, gradient)
        })
        .collect();
    let mut total = 0.0;
    let mut sum = vec![0.0; parameters.len()];
    for (value, gradient) in parts {
        total += value;
        for (sum, part) in sum.iter_mut().zip(gradient) {
            *sum += part;
        }
    }
    (total, sum)
}

/// Outputs of every step.
///
/// # Shapes
/// `values`: `[series, steps, inputs]`; the result is `[series][steps]`.
pub(super) fn outputs(
    layout: Layout,
    parameters: &[f64],
    values: ArrayView3<'_, f64>,
) -> Vec<Vec<f64>> {
    let (count, steps, _) = values.dim();
    let all: Vec<usize> = (0..count).collect();
    all.par_chunks(LANES)
        .flat_map_iter(|series| {
            let inputs = side_by_side(values, series);
            let trace = forward(layout, parameters, &inputs);
            let by_step: Vec<Lanes> = (1..=steps)
                .map(|step| {
                    let state = &trace.states[step * layout.hidden..(step + 1) * layout.hidden];
                    output(layout, parameters, state)
                })
                .collect();
            let of_lane = |lane: usize| by_step.iter().map(|lanes| lanes[lane]).collect();
            (0..series.len()).map(of_lane).collect::<Vec<Vec<f64>>>()
        })
        .collect()
}

/// The first `count` − `tested` numbers of a random order for training, the rest for testing.
pub(super) fn split(count: usize, test_share: f64, seed: u64) -> (Vec<usize>, Vec<usize>) {
    let mut order = permutation(count, &mut generator(seed, Purpose::SeriesSplit));
    let trained = ((count as f64 * (1.0 - test_share)) as usize).clamp(1, count - 1);
    let tested = order.split_off(trained);
    (order, tested)
}

/// The series of these numbers.
pub(super) fn chosen(values: ArrayView3<'_, f64>, series: &[usize]) -> ndarray::Array3<f64> {
    values.select(Axis(0), series)
}

/// The values of all steps but the last, or but the first, of some features.
pub(super) fn part<'a>(
    values: &'a ndarray::Array3<f64>,
    steps: std::ops::Range<usize>,
    features: std::ops::Range<usize>,
) -> ArrayView3<'a, f64> {
    values.slice(s![.., steps, features])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deck_deals_every_series_once_a_pass() {
        let mut deck = Deck::new(10, 3, 0);
        let mut dealt: Vec<usize> = (0..5).flat_map(|_| deck.deal(4)).collect();
        let mut second = dealt.split_off(10);
        let unsorted = dealt.clone();
        dealt.sort_unstable();
        second.sort_unstable();
        assert_eq!(dealt, (0..10).collect::<Vec<_>>());
        assert_eq!(second, dealt);
        assert_ne!(unsorted, Deck::new(10, 3, 1).deal(10));
        assert_eq!(Deck::new(2, 3, 0).deal(5).len(), 5);
    }

    #[test]
    fn a_split_leaves_series_on_both_sides() {
        let (trained, tested) = split(10, 0.2, 1);
        assert_eq!((trained.len(), tested.len()), (8, 2));
        let (trained, tested) = split(2, 0.01, 1);
        assert_eq!((trained.len(), tested.len()), (1, 1));
    }
}
