use detectors::Calorimeter;
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::condition::ConditionScale;
use super::statistics::SumStatistics;
use crate::compute::{Device, Tensor, matrix};

/// How a voxel's fraction of the incident energy is stretched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VoxelScale {
    /// u = E_voxel / E_inc, FastCaloGAN's normalisation.
    Linear,
    /// u = √(E_voxel / E_inc): brings the many faint voxels nearer to the few bright ones.
    SquareRoot,
}

#[derive(Debug, Error)]
pub enum CodecError {
    #[error("no showers to derive the codec's statistics from")]
    NoShowers,

    #[error(
        "incident energy of event {event} is {energy_mev} MeV, outside the {minimum_mev} to {maximum_mev} MeV of the settings' `conditions`"
    )]
    EnergyOutOfRange { event: usize, energy_mev: f64, minimum_mev: f64, maximum_mev: f64 },

    #[error("showers have {found} voxels, the detector has {expected}")]
    VoxelCount { found: usize, expected: usize },
}

/// Where the groups of an encoded shower stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedLayout {
    pub voxels: usize,
    pub layers: usize,
}

impl EncodedLayout {
    /// Voxels, layers, total.
    pub fn width(&self) -> usize {
        self.voxels + self.sums()
    }

    /// Energy sums: one a layer, and the total.
    pub fn sums(&self) -> usize {
        self.layers + 1
    }
}

/// Encodes showers to network units and decodes them, with statistics from the training sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShowerCodec {
    pub condition: ConditionScale,
    pub voxel_scale: VoxelScale,
    /// `[voxels]`: the standard deviation of u in the training sample; encoded voxels are u over
    /// this, so that 0 MeV stays 0.
    voxel_deviation: Vec<f64>,
    sums: SumStatistics,
    /// `[voxels]`: the layer of each voxel.
    voxel_layer: Vec<usize>,
    readout_threshold_mev: f64,
}

/// What a network is told about a batch of events, on the device.
#[derive(Debug, Clone)]
pub struct Conditions {
    pub energies_mev: Vec<f64>,
    /// Encoded incident energy, `[events, 1]`.
    pub label: Tensor<2>,
    /// Mean of the energy sums at each event's incident energy, `[events, layers + 1]`.
    pub sum_mean: Tensor<2>,
    /// Their standard deviation, `[events, layers + 1]`.
    pub sum_deviation: Tensor<2>,
    /// The read-out threshold as a fraction of the incident energy, `[events, 1]`.
    pub threshold: Tensor<2>,
}

/// A voxel that hardly ever has energy is not blown up beyond this.
const SMALLEST_VOXEL_DEVIATION: f64 = 2e-3;

impl ShowerCodec {
    /// Derives the statistics from a training sample.
    ///
    /// # Shapes
    /// `energies_mev`: `[events]`, `voxels_mev`: `[events, voxels]`.
    ///
    /// # Errors
    /// An incident energy outside `condition`, a wrong number of voxels, or no events.
    pub fn fit(
        detector: &Calorimeter,
        condition: ConditionScale,
        voxel_scale: VoxelScale,
        energies_mev: &[f64],
        voxels_mev: ArrayView2<'_, f32>,
    ) -> Result<Self, CodecError> {
        let voxel_layer: Vec<usize> = detector
            .layers()
            .iter()
            .enumerate()
            .flat_map(|(layer, described)| vec![layer; described.voxel_count()])
            .collect();
        let mut codec = Self {
            condition,
            voxel_scale,
            voxel_deviation: vec![1.0; voxel_layer.len()],
            sums: SumStatistics::fit(&[0.0], &[vec![0.0; detector.layers().len() + 1]]),
            voxel_layer,
            readout_threshold_mev: detector.readout_threshold_mev(),
        };
        if energies_mev.is_empty() {
            return Err(CodecError::NoShowers);
        }
        codec.check(energies_mev, voxels_mev)?;

        let events = energies_mev.len() as f64;
        let voxels = codec.voxel_layer.len();
        let (mut first, mut second) = (vec![0.0_f64; voxels], vec![0.0_f64; voxels]);
        for (row, energy) in voxels_mev.axis_iter(Axis(0)).zip(energies_mev) {
            for (i, value) in row.iter().enumerate() {
                let u = codec.stretch(f64::from(*value) / energy);
                first[i] += u / events;
                second[i] += u * u / events;
            }
        }
        codec.voxel_deviation = first
            .iter()
            .zip(&second)
            .map(|(mean, square)| {
                (square - mean * mean).max(0.0).sqrt().max(SMALLEST_VOXEL_DEVIATION)
            })
            .collect();
        let conditions: Vec<f64> =
            energies_mev.iter().map(|e| codec.condition.encode(*e)).collect();
        let sums: Vec<Vec<f64>> = voxels_mev
            .axis_iter(Axis(0))
            .zip(energies_mev)
            .map(|(row, energy)| codec.sum_fractions(&row.to_vec(), *energy))
            .collect();
        codec.sums = SumStatistics::fit(&conditions, &sums);
        Ok(codec)
    }

    pub fn layout(&self) -> EncodedLayout {
        EncodedLayout {
            voxels: self.voxel_layer.len(),
            layers: self.voxel_layer.last().map_or(0, |last| last + 1),
        }
    }

    /// `[voxels]`: the layer of each voxel, counted from 0.
    pub fn voxel_layer(&self) -> &[usize] {
        &self.voxel_layer
    }

    /// `[voxels]`: by what u is divided.
    pub fn voxel_deviation(&self) -> &[f64] {
        &self.voxel_deviation
    }

    pub fn sum_statistics(&self) -> &SumStatistics {
        &self.sums
    }

    pub fn readout_threshold_mev(&self) -> f64 {
        self.readout_threshold_mev
    }

    /// Network units of showers.
    ///
    /// # Shapes
    /// `[events]` and `[events, voxels]` to `[events, voxels + layers + 1]`.
    ///
    /// # Errors
    /// An incident energy outside the condition's range or a wrong number of voxels.
    pub fn encode(
        &self,
        energies_mev: &[f64],
        voxels_mev: ArrayView2<'_, f32>,
    ) -> Result<Array2<f32>, CodecError> {
        self.check(energies_mev, voxels_mev)?;
        let layout = self.layout();
        let mut encoded = vec![0.0_f32; energies_mev.len() * layout.width()];
        encoded.par_chunks_mut(layout.width()).zip(energies_mev).enumerate().for_each(
            |(event, (out, energy))| {
                let row = voxels_mev.row(event).to_vec();
                for (i, value) in row.iter().enumerate() {
                    let u = self.stretch(f64::from(*value) / energy);
                    out[i] = (u / self.voxel_deviation[i]) as f32;
                }
                let (mean, deviation) = self.sums.at(self.condition.encode(*energy));
                let sums = self.sum_fractions(&row, *energy);
                for (k, sum) in sums.iter().enumerate() {
                    out[layout.voxels + k] = ((sum - mean[k]) / deviation[k]) as f32;
                }
            },
        );
        Ok(Array2::from_shape_vec((energies_mev.len(), layout.width()), encoded)
            .expect("the encoded events fill the array"))
    }

    /// The showers that [`Self::encode`] was given, in MeV. Only the voxels are read: the energy
    /// sums follow from them.
    ///
    /// # Shapes
    /// `[events]` and `[events, voxels + layers + 1]` to `[events, voxels]`.
    pub fn decode(&self, energies_mev: &[f64], encoded: ArrayView2<'_, f32>) -> Array2<f32> {
        let voxels = self.voxel_layer.len();
        Array2::from_shape_fn((energies_mev.len(), voxels), |(event, i)| {
            let u = f64::from(encoded[[event, i]]) * self.voxel_deviation[i];
            (self.relax(u) * energies_mev[event]) as f32
        })
    }

    /// What a network is told about these events.
    pub fn conditions(&self, energies_mev: &[f64], device: &Device) -> Conditions {
        let events = energies_mev.len();
        let sums = self.layout().sums();
        let encoded: Vec<f64> = energies_mev.iter().map(|e| self.condition.encode(*e)).collect();
        let mut mean = Vec::with_capacity(events * sums);
        let mut deviation = Vec::with_capacity(events * sums);
        for condition in &encoded {
            let (m, d) = self.sums.at(*condition);
            mean.extend(m.iter().map(|v| *v as f32));
            deviation.extend(d.iter().map(|v| *v as f32));
        }
        let threshold =
            energies_mev.iter().map(|e| (self.readout_threshold_mev / e) as f32).collect();
        let label = encoded.iter().map(|c| *c as f32).collect();
        Conditions {
            energies_mev: energies_mev.to_vec(),
            label: matrix(label, events, 1, device),
            sum_mean: matrix(mean, events, sums, device),
            sum_deviation: matrix(deviation, events, sums, device),
            threshold: matrix(threshold, events, 1, device),
        }
    }

    fn stretch(&self, fraction: f64) -> f64 {
        match self.voxel_scale {
            VoxelScale::Linear => fraction,
            VoxelScale::SquareRoot => fraction.sqrt(),
        }
    }

    fn relax(&self, u: f64) -> f64 {
        match self.voxel_scale {
            VoxelScale::Linear => u,
            VoxelScale::SquareRoot => u * u,
        }
    }

    /// E_layer / E_inc of every layer, then E_tot / E_inc.
    fn sum_fractions(&self, voxels_mev: &[f32], energy_mev: f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.layout().sums()];
        for (value, layer) in voxels_mev.iter().zip(&self.voxel_layer) {
            sums[*layer] += f64::from(*value) / energy_mev;
        }
        let total = sums.iter().sum();
        *sums.last_mut().expect("there is always the total") = total;
        sums
    }

    fn check(
        &self,
        energies_mev: &[f64],
        voxels_mev: ArrayView2<'_, f32>,
    ) -> Result<(), CodecError> {
        if voxels_mev.ncols() != self.voxel_layer.len() {
            return Err(CodecError::VoxelCount {
                found: voxels_mev.ncols(),
                expected: self.voxel_layer.len(),
            });
        }
        match energies_mev.par_iter().position_first(|e| !self.condition.contains(*e)) {
            None => Ok(()),
            Some(event) => Err(CodecError::EnergyOutOfRange {
                event,
                energy_mev: energies_mev[event],
                minimum_mev: self.condition.minimum_mev,
                maximum_mev: self.condition.maximum_mev,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fitted(voxel_scale: VoxelScale, energies: &[f64], voxels: &Array2<f32>) -> ShowerCodec {
        let detector = detectors::builtin("calochallenge-photons").expect("built in");
        let range = ConditionScale::new(256.0, 8192.0);
        ShowerCodec::fit(&detector, range, voxel_scale, energies, voxels.view()).expect("valid")
    }

    fn showers(values: &[f32]) -> Array2<f32> {
        Array2::from_shape_fn((3, 368), |(event, i)| {
            let value = values[(event * 7919 + i * 31) % values.len()];
            if value < 1.0 { 0.0 } else { value }
        })
    }

    proptest! {
        #[test]
        fn decoding_gives_what_was_encoded(values in prop::collection::vec(0.0_f32..900.0, 97)) {
            let energies = [256.0, 1000.0, 8192.0];
            let voxels = showers(&values);
            for scale in [VoxelScale::Linear, VoxelScale::SquareRoot] {
                let codec = fitted(scale, &energies, &voxels);
                let encoded = codec.encode(&energies, voxels.view()).expect("in range");
                let decoded = codec.decode(&energies, encoded.view());
                for (value, back) in voxels.iter().zip(&decoded) {
                    // 2⁻²⁴ from rounding network units to 32 bits, twice where they are squared.
                    prop_assert!((value - back).abs() <= 2.0_f32.powi(-22) * value);
                    prop_assert_eq!(*value == 0.0, *back == 0.0);
                }
            }
        }
    }

    #[test]
    fn encoded_sums_are_standardised_at_each_energy() {
        let energies = [512.0, 512.0, 4096.0, 4096.0];
        let mut voxels = Array2::zeros((4, 368));
        for (event, value) in [400.0_f32, 500.0, 4000.0, 4100.0].into_iter().enumerate() {
            voxels[[event, 10]] = value;
        }
        let codec = fitted(VoxelScale::SquareRoot, &energies, &voxels);
        let encoded = codec.encode(&energies, voxels.view()).expect("in range");
        let totals: Vec<f32> = encoded.column(codec.layout().width() - 1).to_vec();
        approx::assert_abs_diff_eq!(
            totals.as_slice(),
            [-1.0, 1.0, -1.0, 1.0].as_slice(),
            epsilon = 1e-5
        );
    }

    #[test]
    fn energies_outside_the_settings_are_refused_by_event() {
        let voxels = showers(&[5.0]);
        let codec = fitted(VoxelScale::Linear, &[256.0, 1000.0, 8192.0], &voxels);
        let message = codec.encode(&[256.0, 9000.0, 300.0], voxels.view()).expect_err("9 GeV");
        assert!(message.to_string().contains("event 1 is 9000 MeV"), "{message}");
    }
}
