use detectors::Calorimeter;
use detectors::calorimeter::AzimuthalSymmetry;
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::codec::{CodecError, Conditions, ShowerCodec};
use crate::compute::{Device, Tensor, matrix};
use crate::random::Streams;

/// The training events in network units, on the host.
#[derive(Debug)]
pub struct TrainingSample {
    energies_mev: Vec<f64>,
    /// `[events, voxels + layers + 1]`
    encoded: Array2<f32>,
    /// Where each column of a turned event comes from; the identity alone without symmetry.
    turns: Vec<Vec<usize>>,
}

/// Real events and their conditions, on the device.
#[derive(Debug)]
pub struct Batch {
    /// `[events, voxels + layers + 1]`
    pub encoded: Tensor<2>,
    pub conditions: Conditions,
}

impl TrainingSample {
    /// # Errors
    /// As [`ShowerCodec::encode`].
    pub fn new(
        detector: &Calorimeter,
        codec: &ShowerCodec,
        azimuthal_symmetry: bool,
        energies_mev: Vec<f64>,
        voxels_mev: ArrayView2<'_, f32>,
    ) -> Result<Self, CodecError> {
        let encoded = codec.encode(&energies_mev, voxels_mev)?;
        let layout = codec.layout();
        let symmetry = AzimuthalSymmetry::of(detector);
        let elements = if azimuthal_symmetry {
            symmetry.permutations()
        } else {
            &symmetry.permutations()[..1]
        };
        // The energy sums behind the voxels do not change when an event is turned.
        let turns = elements
            .iter()
            .map(|voxels| voxels.iter().copied().chain(layout.voxels..layout.width()).collect())
            .collect();
        Ok(Self { energies_mev, encoded, turns })
    }

    pub fn events(&self) -> usize {
        self.energies_mev.len()
    }

    /// Batch number `number` of a stream: events drawn with replacement, each turned at random.
    pub fn batch(
        &self,
        streams: &Streams,
        number: u64,
        size: usize,
        codec: &ShowerCodec,
        device: &Device,
    ) -> Batch {
        let mut uniforms = streams.uniforms(number);
        let drawn: Vec<(usize, usize)> = (0..size)
            .map(|_| (uniforms.index(self.events()), uniforms.index(self.turns.len())))
            .collect();
        let width = self.encoded.ncols();
        let mut values = vec![0.0_f32; size * width];
        values.par_chunks_mut(width).zip(&drawn).for_each(|(out, &(event, turn))| {
            let row = self.encoded.row(event);
            let row = row.as_slice().expect("rows of the encoded sample are contiguous");
            out.iter_mut().zip(&self.turns[turn]).for_each(|(value, &from)| *value = row[from]);
        });
        let energies: Vec<f64> = drawn.iter().map(|&(event, _)| self.energies_mev[event]).collect();
        Batch {
            encoded: matrix(values, size, width, device),
            conditions: codec.conditions(&energies, device),
        }
    }
}
