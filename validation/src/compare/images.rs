use ndarray::{Array1, ArrayView2, Axis};
use rayon::prelude::*;

use super::inputs::Inputs;
use crate::report::model::LayerImage;

/// Events that are summed as one; fixed, so that the sum does not depend on the number of threads.
const EVENTS_TOGETHER: usize = 1024;

impl Inputs<'_> {
    /// Mean energy per voxel of each layer, over all events.
    pub(super) fn layer_images(&self) -> Vec<LayerImage> {
        let threshold_mev = self.detector.readout_threshold_mev();
        let reference = mean_shower(self.reference.sample.voxels_mev(), threshold_mev);
        let generated = mean_shower(self.generated.sample.voxels_mev(), threshold_mev);
        self.detector
            .layers()
            .iter()
            .map(|layer| LayerImage {
                layer: layer.id(),
                name: layer.name().to_owned(),
                radial_edges_mm: layer.radial_edges_mm().to_vec(),
                angular_bins: layer.angular_bins(),
                reference_mev: reference[layer.voxels()].to_vec(),
                generated_mev: generated[layer.voxels()].to_vec(),
            })
            .collect()
    }
}

/// # Shapes
/// `voxels_mev`: `[events, voxels]`; gives `[voxels]`.
fn mean_shower(voxels_mev: ArrayView2<'_, f32>, threshold_mev: f64) -> Vec<f64> {
    let sums: Vec<Array1<f64>> = voxels_mev
        .axis_chunks_iter(Axis(0), EVENTS_TOGETHER)
        .into_par_iter()
        .map(|events| {
            let mut sum = Array1::zeros(voxels_mev.ncols());
            for shower in events.axis_iter(Axis(0)) {
                for (sum, &voxel) in sum.iter_mut().zip(shower) {
                    let energy_mev = f64::from(voxel);
                    if energy_mev >= threshold_mev {
                        *sum += energy_mev;
                    }
                }
            }
            sum
        })
        .collect();
    let mut mean = vec![0.0; voxels_mev.ncols()];
    for sum in sums {
        for (mean, sum) in mean.iter_mut().zip(sum) {
            *mean += sum / voxels_mev.nrows() as f64;
        }
    }
    mean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_leaves_out_what_is_below_the_threshold() {
        let showers = ndarray::array![[0.5f32, 2.0], [3.0, 2.0], [0.0, 5.0]];
        assert_eq!(mean_shower(showers.view(), 1.0), [1.0, 3.0]);
    }
}
