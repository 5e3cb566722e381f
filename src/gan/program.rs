use super::noise::Noise;
use super::shower_head::HeadKind;
use crate::codec::VoxelScale;
use crate::nn::operation::{DenseOperation, DependsOnBatch, Operation, evaluate};
use crate::settings::VoxelNoise;

/// A generator as it is after the training: everything between noise and encoded conditions, and
/// what [`crate::codec::EventCodec::decode`] takes, as plain numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct GeneratorProgram {
    /// Noise numbers at the network's input.
    pub latent: usize,
    /// The distribution of those; further ones, of voxels, are standard normal.
    pub noise: Noise,
    /// From `[latent]`, with the encoded conditions.
    pub network: Vec<Operation>,
    pub head: Head,
}

/// What follows the network.
#[derive(Debug, Clone, PartialEq)]
pub enum Head {
    /// Nothing: the outputs are encoded values.
    Plain,
    Shower(ShowerProgram),
}

/// The shower head with its voxel noise. In order, the outputs of the network are w of the voxels,
/// their noise amplitudes a (if there is voxel noise), and, unless the head is rectified, a logit f_l
/// of each layer and a standardised total t.
///
/// With z the noise of the voxels, zM + m where there is a mixing, u = w + a z:
///
/// 1. The shape s of the voxels: (relaxed by the voxel scale) 2 d max(0, u) and a small number for
///    shares, eᵘ for a softmax, d max(0, u) relaxed for a rectified head.
/// 2. Unless the head is rectified: E_l = softmax(f)_l max(0, μ + σ t), the layers' fractions of what
///    values are fractions of, and v_i = s_i E_l / Σ_{j in l} s_j; else v_i = s_i.
/// 3. v_i = 0 below the read-out threshold (as a fraction, rounded to 32 bits).
/// 4. Unless the head is rectified: v_i is scaled by E_l / Σ_{j in l} v_j, if that sum is not 0.
#[derive(Debug, Clone, PartialEq)]
pub struct ShowerProgram {
    pub kind: HeadKind,
    pub voxel_scale: VoxelScale,
    pub voxel_noise: VoxelNoise,
    /// M and m, for [`VoxelNoise::Mixed`].
    pub noise_mixing: Option<DenseOperation>,
    /// `[voxels]`: the layer of each, in ascending order from 0.
    pub voxel_layer: Vec<usize>,
    /// `[voxels]`: d, by which encoded voxels are multiplied.
    pub voxel_deviation: Vec<f32>,
    /// Added to every shape of [`HeadKind::EnergyShares`].
    pub smallest_shape: f64,
    /// Logits of [`HeadKind::SoftmaxShares`] are kept within ± this.
    pub largest_logit: f64,
}

/// What the shower head is told about an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventSums {
    /// μ and σ of the sum of all values, as a fraction of what values are fractions of.
    pub total_mean: f64,
    pub total_deviation: f64,
    /// The read-out threshold as such a fraction.
    pub threshold: f64,
}

impl GeneratorProgram {
    /// Noise numbers that one event needs: those at the input, then those of the voxels.
    pub fn noise_width(&self) -> usize {
        match &self.head {
            Head::Shower(head) if head.voxel_noise != VoxelNoise::None => {
                self.latent + head.voxels()
            }
            _ => self.latent,
        }
    }

    /// One event in 64 bits, without any care for speed.
    ///
    /// # Shapes
    /// `noise`: `[noise_width]`, `label`: the encoded conditions; `sums` are not looked at without a
    /// shower head. Gives what a codec decodes: fractions with a shower head, encoded values without.
    ///
    /// # Errors
    /// A network that cannot make one event alone.
    pub fn evaluate(
        &self,
        noise: &[f64],
        label: &[f64],
        sums: EventSums,
    ) -> Result<Vec<f64>, DependsOnBatch> {
        let (latent, voxel_noise) = noise.split_at(self.latent);
        let raw = evaluate(&self.network, latent, label)?;
        match &self.head {
            Head::Plain => Ok(raw),
            Head::Shower(head) => head.evaluate(&raw, voxel_noise, label, sums),
        }
    }
}

impl ShowerProgram {
    pub fn voxels(&self) -> usize {
        self.voxel_layer.len()
    }

    pub fn layers(&self) -> usize {
        self.voxel_layer.last().map_or(0, |last| last + 1)
    }

    /// s of u = w + a z: (relaxed by the voxel scale) 2 d max(0, u) + a small number for shares,
    /// exp u for a softmax, d max(0, u) relaxed for a rectified head.
    fn shape(&self, voxel: usize, u: f64) -> f64 {
        let deviation = f64::from(self.voxel_deviation[voxel]);
        match self.kind {
            HeadKind::EnergyShares => {
                self.relax(2.0 * deviation * u.max(0.0)) + self.smallest_shape
            }
            HeadKind::SoftmaxShares => u.clamp(-self.largest_logit, self.largest_logit).exp(),
            HeadKind::Rectified => self.relax(deviation * u.max(0.0)),
        }
    }

    /// As on tensors, with the smallest number that they raise to a power.
    fn relax(&self, u: f64) -> f64 {
        match self.voxel_scale {
            VoxelScale::Power085 => self.voxel_scale.relax(u.max(VoxelScale::SMALLEST_POWERED)),
            VoxelScale::Linear | VoxelScale::SquareRoot => self.voxel_scale.relax(u),
        }
    }

    fn evaluate(
        &self,
        raw: &[f64],
        noise: &[f64],
        label: &[f64],
        sums: EventSums,
    ) -> Result<Vec<f64>, DependsOnBatch> {
        let (w, mut rest) = raw.split_at(self.voxels());
        let mut u = w.to_vec();
        if self.voxel_noise != VoxelNoise::None {
            let amplitudes;
            (amplitudes, rest) = rest.split_at(self.voxels());
            let mixing = self.noise_mixing.iter().cloned().map(Operation::Dense);
            let z = evaluate(&mixing.collect::<Vec<_>>(), noise, label)?;
            u.iter_mut().zip(amplitudes).zip(z).for_each(|((u, a), z)| *u += a * z);
        }
        let mut v: Vec<f64> = u.iter().enumerate().map(|(i, u)| self.shape(i, *u)).collect();
        let energies = match self.kind {
            HeadKind::Rectified => None,
            HeadKind::EnergyShares | HeadKind::SoftmaxShares => {
                let (logits, total) = rest.split_at(self.layers());
                let total = (sums.total_mean + sums.total_deviation * total[0]).max(0.0);
                let shares = evaluate(&[Operation::Softmax], logits, label)?;
                Some(shares.into_iter().map(|share| share * total).collect::<Vec<f64>>())
            }
        };
        if let Some(energies) = &energies {
            self.scale_layers(&mut v, energies);
        }
        v.iter_mut().filter(|v| **v < sums.threshold).for_each(|v| *v = 0.0);
        if let Some(energies) = &energies {
            self.scale_layers(&mut v, energies);
        }
        Ok(v)
    }

    /// Multiplies the voxels of each layer that has any, so that they sum up to its energy.
    fn scale_layers(&self, v: &mut [f64], energies: &[f64]) {
        let mut sums = vec![0.0; energies.len()];
        v.iter().zip(&self.voxel_layer).for_each(|(v, layer)| sums[*layer] += v);
        for (v, layer) in v.iter_mut().zip(&self.voxel_layer) {
            if sums[*layer] > 0.0 {
                *v *= energies[*layer] / sums[*layer];
            }
        }
    }
}
