use detectors::Detector;
use serde::{Deserialize, Serialize};

use crate::codec::{ShowerCodec, VoxelScale};
use crate::compute::{Device, Tensor, beside, matrix};

/// A physics observable of an event of cells that can be differentiated with respect to the cells.
///
/// ⟨·⟩ is the mean over cells, weighted with their energies v; l is the number of a cell's layer
/// over the number of layers, x and y its transverse position over the largest one of the detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observable {
    /// E_tot / E_inc
    TotalEnergy,
    /// E_l / E_inc of every layer.
    LayerEnergies,
    /// ⟨l⟩
    Depth,
    /// √(⟨l²⟩ − ⟨l⟩²)
    DepthWidth,
    /// ⟨x⟩
    CentreX,
    /// ⟨y⟩
    CentreY,
    /// √⟨x² + y²⟩
    LateralWidth,
    /// (⟨l x⟩ − ⟨l⟩⟨x⟩) / (⟨l²⟩ − ⟨l⟩²), the slope of the axis of the shower in x.
    SlopeX,
    /// (⟨l y⟩ − ⟨l⟩⟨y⟩) / (⟨l²⟩ − ⟨l⟩²), the slope of the axis of the shower in y.
    SlopeY,
}

/// Computes observables from encoded events.
#[derive(Debug, Clone)]
pub struct ObservableMap {
    selected: Vec<Observable>,
    voxel_scale: VoxelScale,
    /// `[1, voxels]`
    voxel_deviation: Tensor<2>,
    /// `[voxels, layers]`, 0 or 1.
    membership: Tensor<2>,
    /// `[voxels, 8]`: 1, l, l², x, y, l x, l y, x² + y².
    moments: Tensor<2>,
}

/// Keeps means of empty events, and roots of 0, finite.
const SMALL: f64 = 1e-9;
const MOMENTS: usize = 8;

impl Observable {
    /// Numbers that it has, in a detector with so many layers.
    pub fn width(self, layers: usize) -> usize {
        if self == Self::LayerEnergies { layers } else { 1 }
    }
}

impl ObservableMap {
    /// All observables of a detector's events, none selected.
    pub fn new(detector: &Detector, codec: &ShowerCodec, device: &Device) -> Self {
        let (voxels, layers) = (codec.voxel_layer().len(), detector.layers().len());
        let mut membership = vec![0.0; voxels * layers];
        let mut moments = Vec::with_capacity(voxels * MOMENTS);
        let widest = detector
            .layers()
            .iter()
            .map(detectors::Layer::half_width_mm)
            .fold(f64::MIN_POSITIVE, f64::max);
        for (number, layer) in detector.layers().iter().enumerate() {
            let (x, y) = (layer.eta_midpoints_mm(), layer.phi_midpoints_mm());
            for (cell, voxel) in layer.cells().enumerate() {
                membership[voxel * layers + number] = 1.0;
                let (l, x, y) = (number as f64 / layers as f64, x[cell] / widest, y[cell] / widest);
                moments.extend(
                    [1.0, l, l * l, x, y, l * x, l * y, x * x + y * y].map(|value| value as f32),
                );
            }
        }
        let deviation = codec.voxel_deviation().iter().map(|d| *d as f32).collect();
        Self {
            selected: Vec::new(),
            voxel_scale: codec.voxel_scale,
            voxel_deviation: matrix(deviation, 1, voxels, device),
            membership: matrix(membership, voxels, layers, device),
            moments: matrix(moments, voxels, MOMENTS, device),
        }
    }

    pub fn selecting(&self, selected: &[Observable]) -> Self {
        Self { selected: selected.to_vec(), ..self.clone() }
    }

    /// Numbers of all selected observables.
    pub fn width(&self) -> usize {
        let layers = self.membership.dims()[1];
        self.selected.iter().map(|observable| observable.width(layers)).sum()
    }

    /// The selected observables, one after the other.
    ///
    /// # Shapes
    /// `encoded`: `[events, EncodedLayout::width]`; the observables: `[events, width]`.
    pub fn of(&self, encoded: &Tensor<2>) -> Tensor<2> {
        let voxels = self.voxel_deviation.dims()[1];
        let stretched = encoded.clone().narrow(1, 0, voxels);
        let stretched = stretched * beside(&self.voxel_deviation, encoded);
        let fractions = self.voxel_scale.relax_tensor(stretched);
        // [events, MOMENTS]
        let sums = fractions.clone().matmul(beside(&self.moments, encoded));
        let total = sums.clone().narrow(1, 0, 1);
        let mean = |k: usize| sums.clone().narrow(1, k, 1) / (total.clone() + SMALL);
        let depth_variance = || (mean(2) - mean(1).square()).clamp_min(0.0) + SMALL;
        let root = |x: Tensor<2>| (x.clamp_min(0.0) + SMALL).sqrt();
        let columns = self.selected.iter().map(|observable| match observable {
            Observable::TotalEnergy => total.clone(),
            Observable::LayerEnergies => {
                fractions.clone().matmul(beside(&self.membership, encoded))
            }
            Observable::Depth => mean(1),
            Observable::DepthWidth => root(depth_variance()),
            Observable::CentreX => mean(3),
            Observable::CentreY => mean(4),
            Observable::LateralWidth => root(mean(7)),
            Observable::SlopeX => (mean(5) - mean(1) * mean(3)) / (depth_variance() + SMALL),
            Observable::SlopeY => (mean(6) - mean(1) * mean(4)) / (depth_variance() + SMALL),
        });
        Tensor::cat(columns.collect(), 1)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::codec::{LabelRanges, Labels};
    use crate::compute::{cpu, to_host};
    use crate::events::Events;

    #[test]
    fn observables_of_a_shower_with_two_cells() {
        let detector = detectors::builtin("clic-ecal-25").expect("built in");
        // 30 % at the centre of layer 5 and 10 % one cell further in y in layer 10.
        let mut values = Array2::<f32>::zeros((1, 25 * 625));
        let (first, second) = (5 * 625 + 312, 10 * 625 + 312 + 25);
        let conditions = Array2::from_elem((1, 1), 100_000.0);
        values[[0, first]] = 30_000.0;
        values[[0, second]] = 10_000.0;
        let events =
            Events { conditions: conditions.clone(), values: values.clone(), weights: None };
        let labels = Labels::new(&detector, &LabelRanges::new());
        for scale in [VoxelScale::Linear, VoxelScale::SquareRoot, VoxelScale::Power085] {
            let codec = ShowerCodec::fit(&detector, labels.clone(), scale, [Ok(events.clone())])
                .expect("valid");
            let encoded =
                codec.encode(&[100_000.0], conditions.view(), values.view()).expect("valid");
            let width = encoded.ncols();
            let encoded = matrix(encoded.into_raw_vec_and_offset().0, 1, width, &cpu());
            use Observable::*;
            let all =
                [TotalEnergy, Depth, DepthWidth, CentreX, CentreY, LateralWidth, SlopeX, SlopeY];
            let found =
                to_host(ObservableMap::new(&detector, &codec, &cpu()).selecting(&all).of(&encoded));
            let y = 1.0 / detector.layers()[0].half_width_mm() * 5.1;
            let variance = 0.1875 * 0.2 * 0.2;
            let expected = [
                0.4,
                0.25 * 0.4 + 0.75 * 0.2,
                f64::sqrt(variance),
                0.0,
                0.25 * y,
                f64::sqrt(0.25) * y,
                0.0,
                y / 0.2,
            ];
            for (found, expected) in found.iter().zip(expected) {
                approx::assert_abs_diff_eq!(f64::from(*found), expected, epsilon = 1e-4);
            }
        }
    }
}
