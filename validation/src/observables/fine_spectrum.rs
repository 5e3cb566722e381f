use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

use super::Histogram;
use super::voxel_spectrum::VoxelSpectrum;

/// Events are dealt in turn to so many parts, which can be put into halves at random.
pub(crate) const PARTS: usize = 64;
/// Bits of an `f32` that do not tell the bin: with 6 bits of the mantissa, 64 bins in an octave.
const DROPPED_BITS: u32 = 17;
/// All bins of numbers that are not negative.
const BINS: usize = 1 << (31 - DROPPED_BITS);

/// The spectrum of the single values in bins that are fixed beforehand: bin k holds the `f32`
/// whose upper 15 bits are k, 1.6 % or less wide. It is filled event by event, and binned anew
/// ([`Self::histogram`]) when the range of the values is known. Cells that were not read out are
/// no entries.
#[derive(Debug, Clone)]
pub(crate) struct FineSpectrum {
    /// `[parts][bins]`
    entries: Vec<Vec<u64>>,
    /// Sums of weights and of squared weights. `[parts][bins]`; empty without weights.
    weights: Vec<Vec<(f64, f64)>>,
    threshold: f64,
}

impl FineSpectrum {
    pub(crate) fn new(threshold: f64) -> Self {
        Self { entries: vec![vec![0; BINS]; PARTS], weights: Vec::new(), threshold }
    }

    /// Adds events, the first of which is number `first_event` of its sample.
    ///
    /// # Shapes
    /// `values`: `[events, cells]`; `weights`: `[events]`.
    pub(crate) fn fill(
        &mut self,
        first_event: usize,
        values: ArrayView2<'_, f32>,
        weights: Option<&[f64]>,
    ) {
        if weights.is_some() && self.weights.is_empty() {
            self.weights = vec![vec![(0.0, 0.0); BINS]; PARTS];
        }
        let threshold = self.threshold;
        // The events of a part stay in order, so that sums do not depend on threads or blocks.
        let events = |part: usize| {
            let first = (part + PARTS - first_event % PARTS) % PARTS;
            (first..values.nrows()).step_by(PARTS)
        };
        let read_out = |event: usize| {
            let read_out = move |value: &f32| *value > 0.0 && f64::from(*value) >= threshold;
            values.index_axis_move(Axis(0), event).into_iter().copied().filter(read_out)
        };
        self.entries.par_iter_mut().enumerate().for_each(|(part, bins)| {
            for event in events(part) {
                read_out(event).for_each(|value| bins[bin_of(value)] += 1);
            }
        });
        let Some(weights) = weights else { return };
        self.weights.par_iter_mut().enumerate().for_each(|(part, bins)| {
            for event in events(part) {
                let weight = weights[event];
                for value in read_out(event) {
                    let sums = &mut bins[bin_of(value)];
                    *sums = (sums.0 + weight, sums.1 + weight * weight);
                }
            }
        });
    }

    /// The histogram of the events of some parts, in bins whose edges are [`snapped`].
    pub(crate) fn histogram(
        &self,
        edges: &[f64],
        parts: impl Iterator<Item = usize> + Clone,
    ) -> Histogram {
        let bins = edges.len().saturating_sub(1);
        let (mut entries, mut sums) = (vec![0; bins + 1], vec![(0.0, 0.0); bins + 1]);
        let last = edges.last().copied().unwrap_or(0.0);
        for fine in 0..BINS {
            let lower = lower_edge(fine);
            // Only a value that is the last edge itself would be in the bin that it closes.
            let bin = if lower < last { super::bin_of(edges, lower) } else { None };
            let bin = bin.unwrap_or(bins);
            for part in parts.clone() {
                entries[bin] += self.entries[part][fine];
                if let Some(weights) = self.weights.get(part) {
                    sums[bin].0 += weights[fine].0;
                    sums[bin].1 += weights[fine].1;
                }
            }
        }
        VoxelSpectrum::histogram(&entries, &sums, !self.weights.is_empty())
    }
}

/// The nearest bin edges that a fine spectrum knows. The first is not above the first of `edges`,
/// and the last is the first above it, so that the range holds what `edges` hold.
pub(crate) fn snapped(edges: &[f64]) -> Vec<f64> {
    let Some(last) = edges.len().checked_sub(1) else { return Vec::new() };
    let mut found: Vec<f64> = Vec::with_capacity(edges.len());
    for (index, &edge) in edges.iter().enumerate() {
        let fine = bin_of(edge as f32);
        let (below, above) = (lower_edge(fine), lower_edge(fine + 1));
        let snapped = match index {
            0 => below,
            _ if index == last => above,
            _ if edge - below < above - edge => below,
            _ => above,
        };
        if found.last().is_none_or(|previous| *previous < snapped) {
            found.push(snapped);
        }
    }
    found
}

fn bin_of(value: f32) -> usize {
    (value.to_bits() >> DROPPED_BITS) as usize & (BINS - 1)
}

fn lower_edge(bin: usize) -> f64 {
    f64::from(f32::from_bits((bin.min(BINS - 1) as u32) << DROPPED_BITS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observables::logarithmic_edges;
    use crate::random::{Purpose, generator, uniform};
    use ndarray::{Array2, s};

    fn values() -> Array2<f32> {
        let mut random = generator(3, Purpose::Halves(0));
        Array2::from_shape_simple_fn((300, 20), || (uniform(&mut random).powi(6) * 900.0) as f32)
    }

    #[test]
    fn it_is_the_histogram_of_the_values_in_the_snapped_bins() {
        let values = values();
        let maximum = values.iter().copied().fold(0.0, f32::max);
        let edges = snapped(&logarithmic_edges(0.5, f64::from(maximum), 49));
        assert!(edges[0] <= 0.5 && edges[edges.len() - 1] > f64::from(maximum));
        assert_eq!(edges.len(), 50);
        let read_out = || values.iter().map(|&v| f64::from(v)).filter(|v| *v >= 0.5);
        let mut spectrum = FineSpectrum::new(0.5);
        spectrum.fill(0, values.view(), None);
        let found = spectrum.histogram(&edges, 0..PARTS);
        assert_eq!(found, Histogram::fill(&edges, read_out()));
        assert_eq!(found.inside(), read_out().count());
    }

    #[test]
    fn parts_are_events_in_turn_however_they_come() {
        let values = values();
        let weights: Vec<f64> = (0..300).map(|event| f64::from(event % 7) - 1.5).collect();
        let edges = snapped(&logarithmic_edges(0.5, 900.0, 20));
        let mut whole = FineSpectrum::new(0.0);
        whole.fill(0, values.view(), Some(&weights));
        let mut pieces = FineSpectrum::new(0.0);
        for (from, to) in [(0, 1), (1, 130), (130, 131), (131, 300)] {
            pieces.fill(from, values.slice(s![from..to, ..]), Some(&weights[from..to]));
        }
        for part in [0, 1, 63] {
            let direct = values.outer_iter().zip(&weights).enumerate();
            let direct =
                direct.filter(|(event, _)| event % PARTS == part).flat_map(|(_, (e, &w))| {
                    e.to_vec().into_iter().filter(|v| *v > 0.0).map(move |v| (f64::from(v), w))
                });
            let direct = Histogram::fill_weighted(&edges, direct);
            let found = whole.histogram(&edges, std::iter::once(part));
            assert_eq!(found, pieces.histogram(&edges, std::iter::once(part)));
            assert_eq!((found.inside(), found.outside), (direct.inside(), direct.outside));
            for (a, b) in found.counts.iter().zip(&direct.counts) {
                approx::assert_abs_diff_eq!(a, b, epsilon = 1e-9);
            }
        }
    }
}
