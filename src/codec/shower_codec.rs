use detectors::{Detector, Symmetry};
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::event_codec::{CodecError, EncodedLayout, SumConditions};
use super::labels::Labels;
use super::statistics::SumStatistics;
use crate::compute::{Device, Tensor, matrix};
use crate::events::{Events, EventsError};

/// How a voxel's fraction of the incident energy is stretched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VoxelScale {
    /// u = E_voxel / E_inc, FastCaloGAN's normalisation.
    Linear,
    /// u = √(E_voxel / E_inc): brings the many faint voxels nearer to the few bright ones.
    SquareRoot,
    /// u = (E_voxel / E_inc)^0.85, the power of CLIC's 3DGAN (arXiv:1912.06794).
    #[serde(rename = "power-0.85")]
    Power085,
}

/// Keeps the slope of a root finite for voxels far below any threshold.
const SMALLEST_FRACTION: f64 = 1e-7;

impl VoxelScale {
    /// What [`Self::relax_tensor`] takes smaller numbers for, where it raises them to a power.
    pub const SMALLEST_POWERED: f64 = 1e-9;

    /// u of E_voxel / E_inc.
    pub fn stretch(self, fraction: f64) -> f64 {
        match self {
            Self::Linear => fraction,
            Self::SquareRoot => fraction.sqrt(),
            Self::Power085 => fraction.powf(0.85),
        }
    }

    /// E_voxel / E_inc of u.
    pub fn relax(self, u: f64) -> f64 {
        match self {
            Self::Linear => u,
            Self::SquareRoot => u * u,
            Self::Power085 => u.max(0.0).powf(1.0 / 0.85),
        }
    }

    /// [`Self::stretch`] on tensors, with a slope that is finite everywhere.
    pub fn stretch_tensor(self, fraction: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Linear => fraction,
            Self::SquareRoot => fraction.clamp_min(SMALLEST_FRACTION).sqrt(),
            Self::Power085 => fraction.clamp_min(SMALLEST_FRACTION).powf_scalar(0.85),
        }
    }

    /// [`Self::relax`] on tensors.
    pub fn relax_tensor(self, u: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Linear => u,
            Self::SquareRoot => u.square(),
            Self::Power085 => {
                let u = burn::tensor::activation::relu(u).clamp_min(Self::SMALLEST_POWERED);
                u.powf_scalar(1.0 / 0.85)
            }
        }
    }
}

/// Encodes cells and their energy sums, with statistics from the training sample.
///
/// "E_inc" stands for what values are fractions of, [`Detector::scale_of`], and "energy" for any
/// quantity that adds up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShowerCodec {
    pub labels: Labels,
    pub voxel_scale: VoxelScale,
    /// `[voxels]`: the standard deviation of u in the training sample; encoded voxels are u over
    /// this, so that 0 stays 0.
    voxel_deviation: Vec<f64>,
    sums: SumStatistics,
    /// `[voxels]`: the layer of each voxel.
    voxel_layer: Vec<usize>,
    readout_threshold: f64,
}

/// A voxel that hardly ever has energy is not blown up beyond this.
const SMALLEST_VOXEL_DEVIATION: f64 = 2e-3;

/// Layers times voxels, beyond which the table of which voxel is in which layer would be too large.
const MOST_MEMBERSHIPS: usize = 1 << 26;

/// So many events at most give the statistics of the sums.
const EVENTS_FOR_SUMS: usize = 200_000;

impl ShowerCodec {
    /// Derives the statistics from one pass over a training sample.
    ///
    /// # Errors
    /// As [`super::EventCodec::fit`].
    pub fn fit(
        detector: &Detector,
        labels: Labels,
        voxel_scale: VoxelScale,
        pass: impl IntoIterator<Item = Result<Events, EventsError>>,
    ) -> Result<Self, CodecError> {
        let layers = detector.layers().iter().enumerate();
        let voxel_layer: Vec<usize> =
            layers.flat_map(|(layer, cells)| vec![layer; cells.cell_count()]).collect();
        let mut codec = Self {
            labels,
            voxel_scale,
            voxel_deviation: vec![1.0; voxel_layer.len()],
            sums: SumStatistics::fit(&[0.0], &[vec![0.0; detector.layers().len() + 1]]),
            voxel_layer,
            readout_threshold: detector.readout_threshold(),
        };
        let voxels = codec.voxel_layer.len();
        let (mut first, mut second) = (vec![0.0_f64; voxels], vec![0.0_f64; voxels]);
        let (mut leading, mut sums) = (Vec::new(), Vec::new());
        let mut events = 0.0;
        for block in pass {
            let block = block?;
            codec.labels.check(events as u64, block.conditions.view())?;
            codec.check_width(block.values.view())?;
            let rows = block.values.rows().into_iter().zip(block.conditions.rows());
            for ((row, conditions), scale) in rows.zip(block.scales(detector)) {
                for (i, value) in row.iter().enumerate() {
                    let u = codec.voxel_scale.stretch(f64::from(*value) / scale);
                    first[i] += u;
                    second[i] += u * u;
                }
                if sums.len() < EVENTS_FOR_SUMS {
                    leading.push(codec.labels.leading(conditions));
                    sums.push(codec.sum_fractions(&row.to_vec(), scale));
                }
                events += 1.0;
            }
        }
        if events == 0.0 {
            return Err(CodecError::NoEvents);
        }
        codec.voxel_deviation = first
            .iter()
            .zip(&second)
            .map(|(sum, squares)| {
                let mean = sum / events;
                (squares / events - mean * mean).max(0.0).sqrt().max(SMALLEST_VOXEL_DEVIATION)
            })
            .collect();
        if detector.is_azimuthally_symmetric() {
            codec.voxel_deviation =
                symmetric(&codec.voxel_deviation, Symmetry::of(detector).permutations());
        }
        codec.sums = SumStatistics::fit(&leading, &sums);
        Ok(codec)
    }

    /// Whether its statistics are those of the detector's cells, and can be divided by.
    ///
    /// # Errors
    /// What is not so, as a fragment of a sentence.
    pub(super) fn check_for(&self, detector: &Detector) -> Result<(), String> {
        let layers = detector.layers();
        if layers.len().saturating_mul(detector.value_count()) > MOST_MEMBERSHIPS {
            return Err(format!("its layers times its voxels are more than {MOST_MEMBERSHIPS}"));
        }
        let voxel_layer =
            layers.iter().enumerate().flat_map(|(layer, cells)| vec![layer; cells.cell_count()]);
        if layers.is_empty() || !voxel_layer.eq(self.voxel_layer.iter().copied()) {
            return Err("`voxel_layer` does not name the layers of its detector's cells".to_owned());
        }
        let divides = |value: &f64| (*value as f32) > 0.0 && (*value as f32).is_finite();
        if self.voxel_deviation.len() != self.voxel_layer.len()
            || !self.voxel_deviation.iter().all(divides)
        {
            return Err(format!(
                "`voxel_deviation` is not {} positive finite 32-bit numbers, one a voxel",
                self.voxel_layer.len()
            ));
        }
        if self.readout_threshold != detector.readout_threshold() {
            return Err(format!(
                "`readout_threshold` is {}, that of its detector {}",
                self.readout_threshold,
                detector.readout_threshold()
            ));
        }
        self.sums.check(layers.len() + 1)
    }

    pub fn layout(&self) -> EncodedLayout {
        EncodedLayout {
            values: self.voxel_layer.len(),
            layers: self.voxel_layer.last().map_or(0, |last| last + 1),
            has_total: true,
            labels: self.labels.width(),
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

    /// Below this, in the unit of the values, a voxel is not read out.
    pub fn readout_threshold(&self) -> f64 {
        self.readout_threshold
    }

    pub fn sum_statistics(&self) -> &SumStatistics {
        &self.sums
    }

    /// Network units of showers.
    ///
    /// # Shapes
    /// `[events]`, `[events, conditions]` and `[events, voxels]` to
    /// `[events, voxels + layers + 1]`.
    ///
    /// # Errors
    /// A wrong number of voxels.
    pub fn encode(
        &self,
        scales: &[f64],
        conditions: ArrayView2<'_, f64>,
        values: ArrayView2<'_, f32>,
    ) -> Result<Array2<f32>, CodecError> {
        self.check_width(values)?;
        let layout = self.layout();
        let mut encoded = vec![0.0_f32; scales.len() * layout.width()];
        encoded.par_chunks_mut(layout.width()).zip(scales).enumerate().for_each(
            |(event, (out, scale))| {
                let row = values.row(event).to_vec();
                for (i, value) in row.iter().enumerate() {
                    let u = self.voxel_scale.stretch(f64::from(*value) / scale);
                    out[i] = (u / self.voxel_deviation[i]) as f32;
                }
                let (mean, deviation) = self.sums.at(self.labels.leading(conditions.row(event)));
                let sums = self.sum_fractions(&row, *scale);
                for (k, sum) in sums.iter().enumerate() {
                    out[layout.values + k] = ((sum - mean[k]) / deviation[k]) as f32;
                }
            },
        );
        Ok(Array2::from_shape_vec((scales.len(), layout.width()), encoded)
            .expect("the encoded events fill the array"))
    }

    /// The showers that [`Self::encode`] was given. Only the voxels are read: the energy sums
    /// follow from them.
    ///
    /// # Shapes
    /// `[events]` and `[events, voxels + layers + 1]` to `[events, voxels]`.
    pub fn decode(&self, scales: &[f64], encoded: ArrayView2<'_, f32>) -> Array2<f32> {
        let voxels = self.voxel_layer.len();
        Array2::from_shape_fn((scales.len(), voxels), |(event, i)| {
            let u = f64::from(encoded[[event, i]]) * self.voxel_deviation[i];
            (self.voxel_scale.relax(u) * scales[event]) as f32
        })
    }

    /// What the shower head is told about these events.
    pub(super) fn sum_conditions(
        &self,
        conditions: ArrayView2<'_, f64>,
        scales: &[f64],
        device: &Device,
    ) -> SumConditions {
        let (events, sums) = (scales.len(), self.layout().sums());
        let mut mean = Vec::with_capacity(events * sums);
        let mut deviation = Vec::with_capacity(events * sums);
        for row in conditions.axis_iter(Axis(0)) {
            let (m, d) = self.sums.at(self.labels.leading(row));
            mean.extend(m.iter().map(|v| *v as f32));
            deviation.extend(d.iter().map(|v| *v as f32));
        }
        let threshold = scales.iter().map(|e| (self.readout_threshold / e) as f32).collect();
        SumConditions {
            mean: matrix(mean, events, sums, device),
            deviation: matrix(deviation, events, sums, device),
            threshold: matrix(threshold, events, 1, device),
        }
    }

    /// E_layer / E_inc of every layer, then E_tot / E_inc.
    fn sum_fractions(&self, values: &[f32], scale: f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.layout().sums()];
        for (value, layer) in values.iter().zip(&self.voxel_layer) {
            sums[*layer] += f64::from(*value) / scale;
        }
        let total = sums.iter().sum();
        *sums.last_mut().expect("there is always the total") = total;
        sums
    }

    fn check_width(&self, values: ArrayView2<'_, f32>) -> Result<(), CodecError> {
        let (found, expected) = (values.ncols(), self.voxel_layer.len());
        if found == expected { Ok(()) } else { Err(CodecError::ValueCount { found, expected }) }
    }
}

/// Deviations that do not change when an event is turned: the root mean square over all turns. So
/// a turned event may be had by turning the encoded one.
fn symmetric(deviation: &[f64], turns: &[Vec<usize>]) -> Vec<f64> {
    (0..deviation.len())
        .map(|voxel| {
            let squares: f64 = turns.iter().map(|turn| deviation[turn[voxel]].powi(2)).sum();
            (squares / turns.len() as f64).sqrt()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codec::{EventCodec, LabelRanges};
    use crate::settings::CodecSettings;

    fn events(energies: &[f64], voxels: &Array2<f32>) -> Events {
        Events {
            conditions: Array2::from_shape_vec((energies.len(), 1), energies.to_vec())
                .expect("one energy an event"),
            values: voxels.clone(),
            weights: None,
        }
    }

    fn fitted(voxel_scale: VoxelScale, energies: &[f64], voxels: &Array2<f32>) -> ShowerCodec {
        let detector = detectors::builtin("calochallenge-photons").expect("built in");
        let labels = Labels::new(&detector, &LabelRanges::new());
        ShowerCodec::fit(&detector, labels, voxel_scale, [Ok(events(energies, voxels))])
            .expect("valid")
    }

    fn encoded(codec: &ShowerCodec, energies: &[f64], voxels: &Array2<f32>) -> Array2<f32> {
        let events = events(energies, voxels);
        codec.encode(energies, events.conditions.view(), voxels.view()).expect("in range")
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
                let encoded = encoded(&codec, &energies, &voxels);
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
        let encoded = encoded(&codec, &energies, &voxels);
        let totals: Vec<f32> = encoded.column(codec.layout().width() - 1).to_vec();
        approx::assert_abs_diff_eq!(
            totals.as_slice(),
            [-1.0, 1.0, -1.0, 1.0].as_slice(),
            epsilon = 1e-5
        );
    }

    #[test]
    fn a_turned_event_is_encoded_as_the_turned_code() {
        let detector = detectors::builtin("calochallenge-photons").expect("built in");
        let energies = [512.0, 600.0, 4096.0];
        let voxels = showers(&[5.0, 0.0, 3.0, 70.0, 1.5]);
        let codec = fitted(VoxelScale::SquareRoot, &energies, &voxels);
        let straight = encoded(&codec, &energies, &voxels);
        let symmetry = Symmetry::of(&detector);
        let turn = &symmetry.permutations()[7];
        let turned = encoded(&codec, &energies, &voxels.select(Axis(1), turn));
        for event in 0..3 {
            for (voxel, &from) in turn.iter().enumerate() {
                approx::assert_relative_eq!(
                    turned[[event, voxel]],
                    straight[[event, from]],
                    max_relative = 1e-6
                );
            }
        }
    }

    /// Guards the number of the event in the message: it counts over all blocks.
    #[test]
    fn an_energy_out_of_range_is_named_by_its_event_in_the_stream() {
        let detector = detectors::builtin("calochallenge-photons").expect("built in");
        let voxels = showers(&[5.0]);
        let all = events(&[512.0, 600.0, 5.0], &voxels);
        let labels = || Labels::new(&detector, &LabelRanges::new());
        let blocks = || [Ok(all.select(&[0, 1])), Ok(all.select(&[2]))];
        let shower = ShowerCodec::fit(&detector, labels(), VoxelScale::Linear, blocks());
        let message = shower.expect_err("5 MeV").to_string();
        assert!(message.contains("of event 2 is 5 MeV"), "{message}");
        let transform = vec![toml::from_str("kind = \"standard\"").expect("a transform")];
        let settings = CodecSettings { voxel_scale: None, transform };
        let message = EventCodec::fit(&detector, labels(), &settings, blocks).expect_err("5 MeV");
        assert!(message.to_string().contains("of event 2 is 5 MeV"), "{message}");
    }

    #[test]
    fn blocks_do_not_change_the_statistics() {
        let detector = detectors::builtin("calochallenge-photons").expect("built in");
        let energies = [512.0, 600.0, 4096.0];
        let voxels = showers(&[5.0, 0.0, 3.0, 70.0]);
        let whole = fitted(VoxelScale::SquareRoot, &energies, &voxels);
        let all = events(&energies, &voxels);
        let blocks = [Ok(all.select(&[0])), Ok(all.select(&[1, 2]))];
        let labels = Labels::new(&detector, &LabelRanges::new());
        let divided = ShowerCodec::fit(&detector, labels, VoxelScale::SquareRoot, blocks);
        assert_eq!(divided.expect("valid"), whole);
    }
}
