use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};
use validation::selection::{PairedValues, layer_chi2_per_ndf, response_chi2_per_ndf};

use crate::codec::ShowerCodec;
use crate::compute::Device;
use crate::gan::ShowerGenerator;
use crate::generate::Sampler;
use crate::random::Purpose;

/// Chooses the best model by physics: χ²/ndf of the total energy and of the layer energies of
/// generated events against the validation sample, energy by energy (after FastCaloGAN,
/// arXiv:2109.02551, which takes the total energy).
#[derive(Debug)]
pub struct Selection {
    energies_mev: Vec<f64>,
    voxels_mev: Array2<f32>,
    /// Events of the same incident energy, or of neighbouring ones where they are continuous.
    groups: Vec<Vec<usize>>,
    seed: u64,
    device: Device,
}

/// More distinct energies than this are taken as continuous.
const MAXIMUM_DISCRETE_ENERGIES: usize = 30;
const GROUPS_OF_CONTINUOUS_ENERGIES: usize = 8;

/// Lower is better; 1 is what two samples of the same distribution have on average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectionFigures {
    /// Σχ²/Σndf of E_tot / E_inc over the incident energies.
    pub total_energy_chi2_per_ndf: f64,
    /// Σχ²/Σndf of E_layer / E_inc over layers and incident energies.
    pub layer_energies_chi2_per_ndf: f64,
}

impl SelectionFigures {
    /// The figure that is minimised: the mean of the two.
    pub fn score(&self) -> f64 {
        0.5 * (self.total_energy_chi2_per_ndf + self.layer_energies_chi2_per_ndf)
    }
}

impl Selection {
    /// Takes up to `events` events of a validation sample, spread evenly over it.
    pub fn new(
        energies_mev: &[f64],
        voxels_mev: ArrayView2<'_, f32>,
        events: usize,
        seed: u64,
        device: Device,
    ) -> Self {
        let available = energies_mev.len();
        let taken = events.min(available);
        let chosen: Vec<usize> = (0..taken).map(|i| i * available / taken).collect();
        let energies_mev: Vec<f64> = chosen.iter().map(|&event| energies_mev[event]).collect();
        Self {
            groups: groups_by_energy(&energies_mev),
            energies_mev,
            voxels_mev: voxels_mev.select(ndarray::Axis(0), &chosen),
            seed,
            device,
        }
    }

    /// The figures of a generator. The same noise is used each time, so that only the generator
    /// makes a difference.
    pub fn evaluate(&self, generator: &ShowerGenerator, codec: &ShowerCodec) -> SelectionFigures {
        let sampler =
            Sampler::new(generator, codec, self.seed, Purpose::Selection, self.device.clone());
        let generated = sampler.voxels_mev(0, &self.energies_mev);
        let layers = codec.voxel_layer();
        let reference = fractions(&self.energies_mev, self.voxels_mev.view(), layers);
        let generated = fractions(&self.energies_mev, generated.view(), layers);
        let sums = codec.layout().sums();
        // For every sum, its values in every group, of both samples.
        let grouped: Vec<Vec<(Vec<f64>, Vec<f64>)>> = (0..sums)
            .map(|sum| {
                let values = |of: &Array2<f64>, group: &[usize]| {
                    group.iter().map(|&event| of[[event, sum]]).collect()
                };
                let of_group =
                    |group: &Vec<usize>| (values(&reference, group), values(&generated, group));
                self.groups.iter().map(of_group).collect()
            })
            .collect();
        let mut pairs: Vec<Vec<PairedValues<'_>>> = grouped
            .iter()
            .map(|groups| {
                groups
                    .iter()
                    .map(|(reference, generated)| PairedValues { reference, generated })
                    .collect()
            })
            .collect();
        let total = pairs.pop().expect("there is always the total");
        SelectionFigures {
            total_energy_chi2_per_ndf: response_chi2_per_ndf(&total),
            layer_energies_chi2_per_ndf: layer_chi2_per_ndf(&pairs),
        }
    }
}

/// E_layer / E_inc of every layer, then E_tot / E_inc, `[events, layers + 1]`.
fn fractions(
    energies_mev: &[f64],
    voxels_mev: ArrayView2<'_, f32>,
    voxel_layer: &[usize],
) -> Array2<f64> {
    let total = voxel_layer.last().map_or(0, |last| last + 1);
    let mut sums = Array2::zeros((energies_mev.len(), total + 1));
    for ((row, energy), mut out) in
        voxels_mev.rows().into_iter().zip(energies_mev).zip(sums.rows_mut())
    {
        for (value, &layer) in row.iter().zip(voxel_layer) {
            let fraction = f64::from(*value) / energy;
            out[layer] += fraction;
            out[total] += fraction;
        }
    }
    sums
}

fn groups_by_energy(energies_mev: &[f64]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..energies_mev.len()).collect();
    order.sort_by(|&a, &b| energies_mev[a].total_cmp(&energies_mev[b]));
    let discrete: Vec<Vec<usize>> = order
        .chunk_by(|&a, &b| energies_mev[a] == energies_mev[b])
        .map(<[usize]>::to_vec)
        .collect();
    if discrete.len() <= MAXIMUM_DISCRETE_ENERGIES {
        return discrete;
    }
    let size = order.len().div_ceil(GROUPS_OF_CONTINUOUS_ENERGIES);
    order.chunks(size).map(<[usize]>::to_vec).collect()
}
