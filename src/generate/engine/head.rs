use std::ops::Range;

use super::rowwise::sum;
use crate::codec::VoxelScale;
use crate::gan::{HeadKind, ShowerProgram};
use crate::simd::Vectorised;
use crate::simd::elementary::{exp, pow};

/// The shower head of one event, from the outputs of the network to values in the detector's unit;
/// [`ShowerProgram`] has the formulas.
#[derive(Debug, Clone)]
pub struct ShowerHead {
    kind: HeadKind,
    voxel_scale: VoxelScale,
    has_noise: bool,
    /// The voxels of each layer.
    layers: Vec<Range<usize>>,
    /// `[voxels]`: what max(0, u) is multiplied by.
    factor: Vec<f32>,
    smallest_shape: f32,
    largest_logit: f32,
    /// In the detector's unit.
    readout_threshold: f64,
    has_whole_numbers: bool,
}

/// What the head is told about an event.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// What values are fractions of, in the detector's unit.
    pub scale: f64,
    /// Mean and deviation of the sum of all values as such a fraction.
    pub total_mean: f32,
    pub total_deviation: f32,
}

impl ShowerHead {
    pub fn new(program: &ShowerProgram, readout_threshold: f64, has_whole_numbers: bool) -> Self {
        let mut layers: Vec<Range<usize>> = Vec::new();
        for (voxel, layer) in program.voxel_layer.iter().enumerate() {
            if layers.len() <= *layer {
                layers.push(voxel..voxel);
            }
            layers[*layer].end = voxel + 1;
        }
        let share = if program.kind == HeadKind::EnergyShares { 2.0 } else { 1.0 };
        Self {
            kind: program.kind,
            voxel_scale: program.voxel_scale,
            has_noise: program.voxel_noise != crate::settings::VoxelNoise::None,
            layers,
            factor: program.voxel_deviation.iter().map(|d| share * d).collect(),
            smallest_shape: program.smallest_shape as f32,
            largest_logit: program.largest_logit as f32,
            readout_threshold,
            has_whole_numbers,
        }
    }

    pub fn voxels(&self) -> usize {
        self.factor.len()
    }

    /// One event as work for vector instructions.
    ///
    /// # Shapes
    /// `raw`: outputs of the network; `noise`: `[voxels]`, not looked at without voxel noise;
    /// `shares`: room for a number of each layer; `out`: `[voxels]`.
    pub fn event<'a>(
        &'a self,
        raw: &'a [f32],
        noise: &'a [f32],
        told: Told,
        shares: &'a mut [f32],
        out: &'a mut [f32],
    ) -> OneEvent<'a> {
        OneEvent { head: self, raw, noise, told, shares, out }
    }
}

/// See [`ShowerHead::event`].
pub struct OneEvent<'a> {
    head: &'a ShowerHead,
    raw: &'a [f32],
    noise: &'a [f32],
    told: Told,
    shares: &'a mut [f32],
    out: &'a mut [f32],
}

impl Vectorised for OneEvent<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { head, raw, noise, told, shares, out } = self;
        let voxels = head.voxels();
        let (outputs, mut rest) = raw.split_at(voxels);
        if head.has_noise {
            let amplitudes;
            (amplitudes, rest) = rest.split_at(voxels);
            for ((u, w), (a, z)) in out.iter_mut().zip(outputs).zip(amplitudes.iter().zip(noise)) {
                *u = a.mul_add(*z, *w);
            }
        } else {
            out.copy_from_slice(outputs);
        }
        match (head.kind, head.voxel_scale) {
            (HeadKind::SoftmaxShares, _) => {
                let largest = head.largest_logit;
                for u in out.iter_mut() {
                    let logit = if *u > largest { largest } else { *u };
                    *u = exp(if logit < -largest { -largest } else { logit });
                }
            }
            (_, VoxelScale::Linear) => head.shape(out, |u| u),
            (_, VoxelScale::SquareRoot) => head.shape(out, |u| u * u),
            (_, VoxelScale::Power085) => head.shape(out, |u| {
                let u = if u < VoxelScale::SMALLEST_POWERED as f32 {
                    VoxelScale::SMALLEST_POWERED as f32
                } else {
                    u
                };
                pow(u, (1.0 / 0.85) as f32)
            }),
        }
        let has_energies = head.kind != HeadKind::Rectified;
        if has_energies {
            let (logits, total) = rest.split_at(head.layers.len());
            let total = told.total_mean + told.total_deviation * total[0];
            let total = if total < 0.0 { 0.0 } else { total };
            let mut largest = f32::NEG_INFINITY;
            logits.iter().for_each(|x| largest = if *x > largest { *x } else { largest });
            let mut norm = 0.0;
            for (share, logit) in shares.iter_mut().zip(logits) {
                *share = exp(*logit - largest);
                norm += *share;
            }
            for (share, layer) in shares.iter_mut().zip(&head.layers) {
                *share = *share / norm * total;
                let voxels = &mut out[layer.clone()];
                let factor = *share / sum(voxels, |s| s);
                voxels.iter_mut().for_each(|s| *s *= factor);
            }
        }
        let threshold = (head.readout_threshold / told.scale) as f32;
        out.iter_mut().for_each(|v| *v = if *v < threshold { 0.0 } else { *v });
        if has_energies {
            for (energy, layer) in shares.iter().zip(&head.layers) {
                let voxels = &mut out[layer.clone()];
                let kept = sum(voxels, |v| v);
                if kept > 0.0 {
                    let factor = *energy / kept;
                    voxels.iter_mut().for_each(|v| *v *= factor);
                }
            }
        }
        let (scale, threshold) = (told.scale, head.readout_threshold);
        for v in out.iter_mut() {
            let value = (f64::from(*v) * scale) as f32;
            *v = if f64::from(value) < threshold || value < 0.0 { 0.0 } else { value };
        }
        if head.has_whole_numbers {
            out.iter_mut().for_each(|v| *v = v.round());
        }
    }
}

impl ShowerHead {
    #[inline(always)]
    fn shape(&self, values: &mut [f32], relax: impl Fn(f32) -> f32) {
        let smallest = if self.kind == HeadKind::EnergyShares { self.smallest_shape } else { 0.0 };
        for (u, factor) in values.iter_mut().zip(&self.factor) {
            let positive = if *u < 0.0 { 0.0 } else { *u };
            *u = relax(positive * factor) + smallest;
        }
    }
}
