use ndarray::{Array2, s};
use rayon::prelude::*;

use crate::codec::ShowerCodec;
use crate::compute::{Device, cpu, to_host};
use crate::gan::ShowerGenerator;
use crate::random::{Purpose, Streams};

/// Makes events from a generator.
///
/// Events are computed in blocks of [`Sampler::BLOCK`], aligned to the number of the event: event
/// k is always row k mod `BLOCK` of block k / `BLOCK`, and its noise is stream k. So an event is
/// the same, bit for bit on the CPU, however many are asked for, whichever is the first, and on
/// however many threads they are made.
#[derive(Debug)]
pub struct Sampler<'a> {
    generator: &'a ShowerGenerator,
    codec: &'a ShowerCodec,
    streams: Streams,
    device: Device,
}

impl<'a> Sampler<'a> {
    /// Events computed at once.
    pub const BLOCK: u64 = 64;

    pub fn new(
        generator: &'a ShowerGenerator,
        codec: &'a ShowerCodec,
        seed: u64,
        purpose: Purpose,
        device: Device,
    ) -> Self {
        Self { generator, codec, streams: Streams::new(seed, purpose), device }
    }

    /// Events `first_event`, `first_event` + 1, … at these incident energies.
    ///
    /// # Shapes
    /// `energies_mev`: `[events]`; the voxels in MeV: `[events, voxels]`, 0 below the read-out
    /// threshold.
    pub fn voxels_mev(&self, first_event: u64, energies_mev: &[f64]) -> Array2<f32> {
        let events = energies_mev.len();
        let last_event = first_event + events as u64;
        let voxels = self.codec.layout().voxels;
        let blocks = first_event / Self::BLOCK..last_event.div_ceil(Self::BLOCK);
        let block = |number: u64| {
            let start = number * Self::BLOCK;
            let wanted = first_event.max(start)..last_event.min(start + Self::BLOCK);
            let rows = self.block(start, |event| {
                let inside = wanted.contains(&event).then(|| (event - first_event) as usize);
                inside.map_or(self.codec.condition.maximum_mev, |i| energies_mev[i])
            });
            let (low, high) = ((wanted.start - start) as usize, (wanted.end - start) as usize);
            ((wanted.start - first_event) as usize, rows.slice_move(s![low..high, ..]))
        };
        // One block after the other on a GPU; on the CPU each core takes a block.
        let made: Vec<(usize, Array2<f32>)> = if self.device == cpu() {
            blocks.into_par_iter().map(block).collect()
        } else {
            blocks.map(block).collect()
        };
        let mut all = Array2::zeros((events, voxels));
        for (at, rows) in made {
            all.slice_mut(s![at..at + rows.nrows(), ..]).assign(&rows);
        }
        all
    }

    fn block(&self, start: u64, energy_mev: impl Fn(u64) -> f64) -> Array2<f32> {
        let events = start..start + Self::BLOCK;
        let energies: Vec<f64> = events.clone().map(energy_mev).collect();
        let width = self.generator.noise_width();
        let mut noise = vec![0.0_f32; energies.len() * width];
        for (event, row) in events.zip(noise.chunks_mut(width)) {
            self.streams.normals(event).fill(row);
        }
        let noise = self.generator.noise(noise, &self.device);
        let conditions = self.codec.conditions(&energies, &self.device);
        let fractions = to_host(self.generator.forward(&noise, &conditions).fractions);
        let threshold = self.codec.readout_threshold_mev();
        let voxels = self.codec.layout().voxels;
        let mut mev = Array2::from_shape_vec((energies.len(), voxels), fractions)
            .expect("the generator makes all voxels of all events");
        for (mut row, energy) in mev.rows_mut().into_iter().zip(&energies) {
            row.map_inplace(|value| {
                let energy_mev = f64::from(*value) * energy;
                *value = if energy_mev < threshold { 0.0 } else { energy_mev as f32 };
            });
        }
        mev
    }
}
