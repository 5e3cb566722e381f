use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::Histogram;
use super::event::CellValue;
use super::histogram::{WeightSums, bin_of};

/// The spectrum of the single values, kept event by event so that the events can be split anew
/// without another pass over them. Cells that were not read out are no entries.
#[derive(Debug, Clone)]
pub struct VoxelSpectrum {
    /// `[events, bins + 1]`; the last column holds the entries outside.
    counts: Array2<u32>,
}

impl VoxelSpectrum {
    /// # Shapes
    /// `edges`: `[bins + 1]`; `values`: `[events, cells]`.
    pub fn fill<E: CellValue>(edges: &[f64], values: ArrayView2<'_, E>, threshold: f64) -> Self {
        let bins = edges.len().saturating_sub(1);
        let mut counts = Array2::zeros((values.nrows(), bins + 1));
        counts.axis_iter_mut(Axis(0)).into_par_iter().zip(values.axis_iter(Axis(0))).for_each(
            |(mut row, event)| {
                for &value in event {
                    let value: f64 = value.into();
                    if value > 0.0 && value >= threshold {
                        row[bin_of(edges, value).unwrap_or(bins)] += 1;
                    }
                }
            },
        );
        Self { counts }
    }

    /// The histogram of some of the events. `weights` are those of all events of the sample.
    ///
    /// # Panics
    /// If an event number is beyond the sample.
    pub fn of_events(
        &self,
        events: impl IntoIterator<Item = usize>,
        weights: Option<&[f64]>,
    ) -> Histogram {
        let bins = self.counts.ncols() - 1;
        let mut entries = vec![0u64; bins + 1];
        let mut sums = vec![(0.0, 0.0); bins + 1];
        for event in events {
            let weight = weights.map_or(1.0, |weights| weights[event]);
            let row = self.counts.row(event);
            for ((entries, sums), &count) in entries.iter_mut().zip(&mut sums).zip(row) {
                *entries += u64::from(count);
                sums.0 += f64::from(count) * weight;
                sums.1 += f64::from(count) * weight * weight;
            }
        }
        Self::histogram(&entries, &sums, weights.is_some())
    }

    /// The histogram of all events.
    pub fn total(&self, weights: Option<&[f64]>) -> Histogram {
        self.of_events(0..self.counts.nrows(), weights)
    }

    /// Entries and sums of weights and squared weights, with the outside as the last bin.
    pub(super) fn histogram(entries: &[u64], sums: &[(f64, f64)], weighted: bool) -> Histogram {
        let bins = entries.len() - 1;
        Histogram {
            // The spectrum begins at the threshold: nothing that is read out is below.
            below: 0,
            outside: entries[bins] as usize,
            counts: if weighted {
                sums[..bins].iter().map(|sum| sum.0).collect()
            } else {
                entries[..bins].iter().map(|&sum| sum as f64).collect()
            },
            weighted: weighted.then(|| WeightSums {
                variances: sums[..bins].iter().map(|sum| sum.1).collect(),
                inside: entries[..bins].iter().sum::<u64>() as usize,
                outside: sums[bins].0,
                outside_variance: sums[bins].1,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_add_up_and_silent_voxels_are_no_entries() {
        let voxels = ndarray::array![[0.0f32, 0.5, 1.0, 20.0], [5.0, 10.0, 0.0, 0.0]];
        let spectrum = VoxelSpectrum::fill(&[1.0, 5.0, 10.0], voxels.view(), 1.0);
        let total = spectrum.total(None);
        assert_eq!(
            total,
            Histogram { counts: vec![1.0, 2.0], outside: 1, below: 0, weighted: None }
        );
        assert_eq!(spectrum.of_events([1], None).counts, [0.0, 2.0]);
        let weighted = spectrum.total(Some(&[3.0, -0.5]));
        assert_eq!(weighted.counts, [3.0, -1.0]);
        assert_eq!(weighted.with_outside().1, [9.0, 0.5, 9.0]);
    }
}
