use burn::tensor::activation;
use serde::{Deserialize, Serialize};

use super::generator::Generated;
use super::program::ShowerProgram;
use crate::codec::{ShowerCodec, SumConditions, VoxelScale};
use crate::compute::{Device, Tensor, beside, matrix, to_host};
use crate::nn::DenseOperation;
use crate::settings::VoxelNoise;

/// How the outputs of a generator's network become showers; none has parameters.
///
/// With w the outputs for the voxels, and at an incident energy with mean μ and deviation σ of
/// E_tot / E_inc:
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeadKind {
    /// Energy heads, layer logits f and a total t: E_tot / E_inc = max(0, μ + σ t),
    /// E_l = softmax(f)_l E_tot, and the voxels of a layer share its energy in proportion to
    /// their shape, v_i ∝ max(0, w_i) (relaxed by the voxel scale).
    #[default]
    EnergyShares,
    /// The same energy heads; v_i ∝ exp(w_i), a softmax over the voxels of each layer
    /// (CaloShowerGAN's pions, arXiv:2309.06515).
    SoftmaxShares,
    /// Every voxel is an output of its own, v_i = max(0, w_i), encoded (FastCaloGAN,
    /// arXiv:2109.02551); the sums follow from the voxels.
    Rectified,
}

/// The last step of the generator: energy sums and voxel shapes to showers.
///
/// At the end voxels below the read-out threshold are set to 0; with energy heads the others of
/// the layer are scaled up, so that the layer keeps its energy as long as one of its voxels is read
/// out.
///
/// The threshold has no derivative. The gradient of the encoded voxel passes it straight through
/// (arXiv:1308.3432), so that a voxel below threshold still learns whether it should be above.
#[derive(Debug, Clone)]
pub(super) struct ShowerHead {
    kind: HeadKind,
    voxel_scale: VoxelScale,
    /// Which voxel is in which layer, `[voxels, layers]`, 0 or 1.
    membership: Tensor<2>,
    /// `[1, voxels]`
    voxel_deviation: Tensor<2>,
    /// `[voxels]`: the layer of each.
    voxel_layer: Vec<usize>,
    initial_layer_logits: Vec<f32>,
}

/// Shape given to every voxel, so that a layer whose voxels are all 0 can still share its energy.
const SMALLEST_SHAPE: f64 = 1e-9;
/// Voxel logits are kept within ± this, so that no exponential overflows.
const LARGEST_LOGIT: f64 = 20.0;

impl ShowerHead {
    pub(super) fn new(kind: HeadKind, codec: &ShowerCodec, device: &Device) -> Self {
        let layout = codec.layout();
        let mut membership = vec![0.0; layout.values * layout.layers];
        for (voxel, layer) in codec.voxel_layer().iter().enumerate() {
            membership[voxel * layout.layers + layer] = 1.0;
        }
        let deviation = codec.voxel_deviation().iter().map(|d| *d as f32).collect();
        let knots = codec.sum_statistics().knots();
        let initial_layer_logits = (0..layout.layers)
            .map(|layer| {
                let mean = knots.iter().map(|knot| knot.mean[layer]).sum::<f64>();
                ((mean / knots.len() as f64).max(1e-4)).ln() as f32
            })
            .collect();
        Self {
            kind,
            voxel_scale: codec.voxel_scale,
            membership: matrix(membership, layout.values, layout.layers, device),
            voxel_deviation: matrix(deviation, 1, layout.values, device),
            voxel_layer: codec.voxel_layer().to_vec(),
            initial_layer_logits,
        }
    }

    /// The head as plain numbers, with the noise that is added in front of it.
    pub(super) fn program(
        &self,
        voxel_noise: VoxelNoise,
        noise_mixing: Option<DenseOperation>,
    ) -> ShowerProgram {
        ShowerProgram {
            kind: self.kind,
            voxel_scale: self.voxel_scale,
            voxel_noise,
            noise_mixing,
            voxel_layer: self.voxel_layer.clone(),
            voxel_deviation: to_host(self.voxel_deviation.clone()),
            smallest_shape: SMALLEST_SHAPE,
            largest_logit: LARGEST_LOGIT,
        }
    }

    pub(super) fn voxels(&self) -> usize {
        self.membership.dims()[0]
    }

    pub(super) fn layers(&self) -> usize {
        self.membership.dims()[1]
    }

    /// Logits of the mean layer fractions of the training sample.
    pub(super) fn initial_layer_logits(&self) -> &[f32] {
        &self.initial_layer_logits
    }

    /// Outputs behind those of the voxels: a logit a layer, and the total.
    pub(super) fn energies(&self) -> usize {
        if self.kind == HeadKind::Rectified { 0 } else { self.layers() + 1 }
    }

    /// # Shapes
    /// `outputs`: `[events, voxels]`; `energies`: `[events, layers + 1]`, not looked at by a
    /// rectified head.
    pub(super) fn forward(
        &self,
        outputs: Tensor<2>,
        energies: Tensor<2>,
        conditions: &SumConditions,
    ) -> Generated {
        let membership = beside(&self.membership, &outputs);
        let deviation = beside(&self.voxel_deviation, &outputs);
        let to_voxels = membership.clone().transpose();
        let shape = match self.kind {
            HeadKind::EnergyShares => {
                let shape = activation::relu(outputs) * deviation.clone() * 2.0;
                self.voxel_scale.relax_tensor(shape) + SMALLEST_SHAPE
            }
            HeadKind::SoftmaxShares => outputs.clamp(-LARGEST_LOGIT, LARGEST_LOGIT).exp(),
            HeadKind::Rectified => {
                self.voxel_scale.relax_tensor(activation::relu(outputs) * deviation.clone())
            }
        };
        let layer_energy =
            (self.kind != HeadKind::Rectified).then(|| self.layer_energies(energies, conditions));
        // [events, voxels]
        let unread = match &layer_energy {
            Some(energy) => {
                let per_shape = energy.clone() / shape.clone().matmul(membership.clone());
                shape * per_shape.matmul(to_voxels.clone())
            }
            None => shape,
        };
        let read_out =
            beside(&unread.clone().greater_equal(conditions.threshold.clone()).float(), &unread);
        let kept = unread.clone() * read_out.clone();
        let fractions = match layer_energy {
            Some(energy) => {
                let kept_energy = kept.clone().matmul(membership.clone());
                let is_read = beside(&kept_energy.clone().greater_elem(0.0).float(), &kept_energy);
                let rescale = energy * is_read.clone() / (kept_energy + (-is_read + 1.0));
                kept * rescale.matmul(to_voxels)
            }
            None => kept,
        };

        let read_voxels = self.voxel_scale.stretch_tensor(fractions.clone()) * read_out.clone();
        let unread_voxels = self.voxel_scale.stretch_tensor(unread) * (-read_out + 1.0);
        let straight_through = unread_voxels.clone() - unread_voxels.detach();
        let voxels = (read_voxels + straight_through) / deviation;

        let layer_sums = fractions.clone().matmul(membership);
        let sums = Tensor::cat(vec![layer_sums.clone(), layer_sums.sum_dim(1)], 1);
        let sums = (sums - conditions.mean.clone()) / conditions.deviation.clone();
        Generated { made: fractions, encoded: Tensor::cat(vec![voxels, sums], 1) }
    }

    /// E_l / E_inc.
    ///
    /// # Shapes
    /// `energies`: `[events, layers + 1]`; the layers: `[events, layers]`.
    fn layer_energies(&self, energies: Tensor<2>, conditions: &SumConditions) -> Tensor<2> {
        let layers = self.layers();
        let mean = conditions.mean.clone().narrow(1, layers, 1);
        let deviation = conditions.deviation.clone().narrow(1, layers, 1);
        let total = activation::relu(mean + deviation * energies.clone().narrow(1, layers, 1));
        activation::softmax(energies.narrow(1, 0, layers), 1) * total
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::codec::{EventCodec, LabelRanges, Labels};
    use crate::compute::{cpu, to_host};
    use crate::events::Events;
    use crate::random::{Purpose, Streams};

    const ENERGIES_MEV: [f64; 3] = [300.0, 1000.0, 8000.0];
    const VOXELS: usize = 368;

    fn detector() -> detectors::Detector {
        detectors::builtin("calochallenge-photons").expect("built in")
    }

    fn conditions(energies: &[f64]) -> Array2<f64> {
        Array2::from_shape_vec((energies.len(), 1), energies.to_vec()).expect("one an event")
    }

    fn codec(voxel_scale: VoxelScale) -> ShowerCodec {
        let mut uniforms = Streams::new(5, Purpose::Selection).uniforms(0);
        let values = Array2::from_shape_simple_fn((3, VOXELS), || 3.0 * uniforms.draw());
        let events = Events { conditions: conditions(&ENERGIES_MEV), values, weights: None };
        let labels = Labels::new(&detector(), &LabelRanges::new());
        ShowerCodec::fit(&detector(), labels, voxel_scale, [Ok(events)]).expect("valid showers")
    }

    fn sums(codec: &ShowerCodec, energies: &[f64]) -> SumConditions {
        let codec = EventCodec::Shower(codec.clone());
        let made = codec.conditions(&detector(), conditions(energies).view(), &cpu());
        made.sums.expect("a shower codec")
    }

    fn showers(codec: &ShowerCodec) -> (ShowerHead, Generated, Tensor<2>) {
        let (head, mut normals) = (
            ShowerHead::new(HeadKind::EnergyShares, codec, &cpu()),
            Streams::new(6, Purpose::Generation).normals(0),
        );
        let mut draw = |count: usize| (0..count).map(|_| normals.draw()).collect::<Vec<f32>>();
        let shape = draw(3 * VOXELS).into_iter().map(|v| v.max(0.0)).collect();
        let energies = matrix(draw(3 * 6), 3, 6, &cpu());
        let conditions = sums(codec, &ENERGIES_MEV);
        let made = head.forward(matrix(shape, 3, VOXELS, &cpu()), energies.clone(), &conditions);
        (head, made, energies)
    }

    #[test]
    fn voxels_are_zero_or_above_threshold_and_layers_have_the_energy_they_were_given() {
        let codec = codec(VoxelScale::SquareRoot);
        let (_, made, energies) = showers(&codec);
        let fractions = to_host(made.made);
        let energies = to_host(energies);
        for (event, energy_mev) in ENERGIES_MEV.into_iter().enumerate() {
            let (mean, deviation) =
                codec.sum_statistics().at(codec.labels.leading(ndarray::aview1(&[energy_mev])));
            let logits = &energies[event * 6..event * 6 + 5];
            let norm: f64 = logits.iter().map(|l| f64::from(*l).exp()).sum();
            let total = mean[5] + deviation[5] * f64::from(energies[event * 6 + 5]);
            for (layer, logit) in logits.iter().enumerate() {
                let expected = f64::from(*logit).exp() / norm * total.max(0.0);
                let voxels: Vec<f64> = (0..VOXELS)
                    .filter(|i| codec.voxel_layer()[*i] == layer)
                    .map(|i| f64::from(fractions[event * VOXELS + i]))
                    .collect();
                assert!(voxels.iter().all(|v| *v == 0.0 || v * energy_mev > 0.999_999));
                let sum: f64 = voxels.iter().sum();
                assert!(
                    sum == 0.0 || (sum / expected - 1.0).abs() < 1e-5,
                    "layer {layer} of event {event}: {sum} for {expected}"
                );
            }
        }
    }

    #[test]
    fn what_the_critics_see_is_what_the_codec_encodes() {
        for scale in [VoxelScale::SquareRoot, VoxelScale::Linear] {
            let codec = codec(scale);
            let (_, made, _) = showers(&codec);
            let fractions = to_host(made.made);
            let mev = Array2::from_shape_fn((3, VOXELS), |(event, i)| {
                (f64::from(fractions[event * VOXELS + i]) * ENERGIES_MEV[event]) as f32
            });
            let expected = codec
                .encode(&ENERGIES_MEV, conditions(&ENERGIES_MEV).view(), mev.view())
                .expect("in range");
            approx::assert_abs_diff_eq!(
                to_host(made.encoded).as_slice(),
                expected.as_slice().expect("contiguous"),
                epsilon = 2e-3
            );
        }
    }

    #[test]
    fn a_voxel_below_threshold_still_learns() {
        let codec = codec(VoxelScale::SquareRoot);
        let head = ShowerHead::new(HeadKind::EnergyShares, &codec, &cpu());
        let conditions = sums(&codec, &[300.0]).in_graph();
        // Layer 0 alone has energy to share: one bright voxel and one far below 1 MeV.
        let mut shape = vec![0.0; VOXELS];
        (shape[0], shape[1]) = (3.0, 0.05);
        let shape = Tensor::from_inner(matrix(shape, 1, VOXELS, &cpu())).require_grad();
        let logits = vec![9.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let energies = Tensor::from_inner(matrix(logits, 1, 6, &cpu()));
        let made = head.forward(shape.clone(), energies, &conditions);
        let encoded = made.encoded.narrow(1, 1, 1);
        assert_eq!(to_host(encoded.clone().inner()), [0.0]);
        let gradients = encoded.sum().backward();
        let gradient = to_host(shape.grad(&gradients).expect("it depends on the shape"));
        assert!(gradient[1] > 0.0 && gradient.iter().all(|g| g.is_finite()));
    }
}
