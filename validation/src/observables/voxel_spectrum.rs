use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::Histogram;
use super::histogram::bin_of;
use super::shower::VoxelEnergy;

/// The spectrum of the voxel energies, kept event by event so that the events can be split anew
/// without another pass over the voxels. Voxels that were not read out are no entries.
#[derive(Debug, Clone)]
pub struct VoxelSpectrum {
    /// `[events, bins + 1]`; the last column holds the entries outside.
    counts: Array2<u32>,
}

impl VoxelSpectrum {
    /// # Shapes
    /// `edges`: `[bins + 1]`; `voxels_mev`: `[events, voxels]`.
    pub fn fill<E: VoxelEnergy>(
        edges: &[f64],
        voxels_mev: ArrayView2<'_, E>,
        threshold_mev: f64,
    ) -> Self {
        let bins = edges.len().saturating_sub(1);
        let mut counts = Array2::zeros((voxels_mev.nrows(), bins + 1));
        counts.axis_iter_mut(Axis(0)).into_par_iter().zip(voxels_mev.axis_iter(Axis(0))).for_each(
            |(mut row, shower)| {
                for &voxel in shower {
                    let energy_mev: f64 = voxel.into();
                    if energy_mev > 0.0 && energy_mev >= threshold_mev {
                        row[bin_of(edges, energy_mev).unwrap_or(bins)] += 1;
                    }
                }
            },
        );
        Self { counts }
    }

    /// The histogram of some of the events.
    ///
    /// # Panics
    /// If an event number is beyond the sample.
    pub fn of_events(&self, events: impl IntoIterator<Item = usize>) -> Histogram {
        let bins = self.counts.ncols() - 1;
        let mut sums = vec![0u64; bins + 1];
        for event in events {
            for (sum, &count) in sums.iter_mut().zip(self.counts.row(event)) {
                *sum += u64::from(count);
            }
        }
        Histogram {
            outside: sums[bins] as usize,
            counts: sums[..bins].iter().map(|&sum| sum as f64).collect(),
        }
    }

    /// The histogram of all events.
    pub fn total(&self) -> Histogram {
        self.of_events(0..self.counts.nrows())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_add_up_and_silent_voxels_are_no_entries() {
        let voxels = ndarray::array![[0.0f32, 0.5, 1.0, 20.0], [5.0, 10.0, 0.0, 0.0]];
        let spectrum = VoxelSpectrum::fill(&[1.0, 5.0, 10.0], voxels.view(), 1.0);
        assert_eq!(spectrum.total(), Histogram { counts: vec![1.0, 2.0], outside: 1 });
        assert_eq!(spectrum.of_events([1]), Histogram { counts: vec![0.0, 2.0], outside: 0 });
    }
}
