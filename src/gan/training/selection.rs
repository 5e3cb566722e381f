use detectors::{Detector, Response};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};
use validation::selection::{PairedValues, layer_chi2_per_ndf, response_chi2_per_ndf};

use crate::codec::{CodecError, EventCodec};
use crate::compute::Device;
use crate::events::Events;
use crate::gan::Generator;
use crate::generate::Sampler;
use crate::random::Purpose;

/// Chooses the best model by physics: χ²/ndf of the sum of all values and of the sums of the layers
/// (of a table, of its columns) of generated events against the validation sample, group by group
/// of the leading condition (after FastCaloGAN, arXiv:2109.02551, which takes the total energy at
/// each incident energy).
#[derive(Debug)]
pub struct Selection {
    detector: Detector,
    conditions: Array2<f64>,
    /// `[events, layers + 1]` or `[events, columns]`.
    reference: Array2<f64>,
    /// `[groups][events]`
    weights: Option<Vec<Vec<f64>>>,
    /// Events of the same leading condition, or of neighbouring ones where it is continuous.
    groups: Vec<Vec<usize>>,
    seed: u64,
    device: Device,
}

/// More distinct values of the leading condition than this are taken as continuous.
const MAXIMUM_DISCRETE: usize = 30;
const GROUPS_OF_CONTINUOUS: usize = 8;

/// Lower is better; 1 is what two samples of the same distribution have on average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectionFigures {
    /// Σχ²/Σndf of the sum of all values over the groups: of E_tot / E_inc for a calorimeter. None
    /// for tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_chi2_per_ndf: Option<f64>,
    /// Σχ²/Σndf of the sums of the layers, or of the columns, over the groups.
    pub parts_chi2_per_ndf: f64,
}

impl SelectionFigures {
    /// The figure that is minimised: the mean of the two.
    pub fn score(&self) -> f64 {
        match self.total_chi2_per_ndf {
            Some(total) => 0.5 * (total + self.parts_chi2_per_ndf),
            None => self.parts_chi2_per_ndf,
        }
    }
}

impl std::fmt::Display for SelectionFigures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.total_chi2_per_ndf {
            Some(total) => write!(
                f,
                "χ²/ndf {total:.2} of the total, {:.2} of the layers",
                self.parts_chi2_per_ndf
            ),
            None => write!(f, "χ²/ndf {:.2} of the columns", self.parts_chi2_per_ndf),
        }
    }
}

impl Selection {
    /// Takes a validation sample after the read-out threshold.
    pub fn new(
        detector: &Detector,
        codec: &EventCodec,
        events: &Events,
        seed: u64,
        device: Device,
    ) -> Self {
        let rows = events.conditions.rows().into_iter();
        let leading: Vec<f64> = rows.map(|row| codec.labels().leading(row)).collect();
        let groups = groups_of(&leading);
        let weights = events.weights.as_ref().map(|weights| {
            let of_group = |group: &Vec<usize>| group.iter().map(|&event| weights[event]).collect();
            groups.iter().map(of_group).collect()
        });
        Self {
            weights,
            reference: parts(detector, &events.scales(detector), events.values.view()),
            groups,
            conditions: events.conditions.clone(),
            detector: detector.clone(),
            seed,
            device,
        }
    }

    /// The figures of a generator. The same noise is used each time, so that only the generator
    /// makes a difference.
    ///
    /// # Errors
    /// Conditions that the codec cannot decode for.
    pub fn evaluate(
        &self,
        generator: &Generator,
        codec: &EventCodec,
    ) -> Result<SelectionFigures, CodecError> {
        let sampler = Sampler::new(
            generator,
            codec,
            &self.detector,
            self.seed,
            Purpose::Selection,
            self.device.clone(),
        );
        let generated = sampler.values(0, self.conditions.view())?;
        let rows = self.conditions.rows().into_iter();
        let scales: Vec<f64> = rows.map(|row| self.detector.scale_of(&row.to_vec())).collect();
        let generated = parts(&self.detector, &scales, generated.view());
        // For every part, its values in every group, of both samples.
        let grouped: Vec<Vec<(Vec<f64>, Vec<f64>)>> = (0..self.reference.ncols())
            .map(|part| {
                let values = |of: &Array2<f64>, group: &[usize]| {
                    group.iter().map(|&event| of[[event, part]]).collect()
                };
                let of_group = |group: &Vec<usize>| {
                    (values(&self.reference, group), values(&generated, group))
                };
                self.groups.iter().map(of_group).collect()
            })
            .collect();
        let mut pairs: Vec<Vec<PairedValues<'_>>> = grouped
            .iter()
            .map(|groups| {
                groups
                    .iter()
                    .enumerate()
                    .map(|(group, (reference, generated))| {
                        let weights = self.weights.as_ref().map(|weights| &weights[group][..]);
                        PairedValues { reference, generated, weights }
                    })
                    .collect()
            })
            .collect();
        let total = match self.detector.response() {
            Response::Layers(_) => pairs.pop(),
            Response::Table(_) => None,
        };
        Ok(SelectionFigures {
            total_chi2_per_ndf: total.map(|total| response_chi2_per_ndf(&total)),
            parts_chi2_per_ndf: layer_chi2_per_ndf(&pairs),
        })
    }
}

/// The fraction of every layer, then that of the whole event; or the columns of a table.
fn parts(detector: &Detector, scales: &[f64], values: ArrayView2<'_, f32>) -> Array2<f64> {
    if !detector.columns().is_empty() {
        return values.mapv(f64::from);
    }
    let total = detector.layers().len();
    let mut sums = Array2::zeros((scales.len(), total + 1));
    for ((row, scale), mut out) in values.rows().into_iter().zip(scales).zip(sums.rows_mut()) {
        for (layer, cells) in detector.layers().iter().enumerate() {
            for cell in cells.cells() {
                let fraction = f64::from(row[cell]) / scale;
                out[layer] += fraction;
                out[total] += fraction;
            }
        }
    }
    sums
}

fn groups_of(leading: &[f64]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..leading.len()).collect();
    order.sort_by(|&a, &b| leading[a].total_cmp(&leading[b]));
    let discrete: Vec<Vec<usize>> =
        order.chunk_by(|&a, &b| leading[a] == leading[b]).map(<[usize]>::to_vec).collect();
    if discrete.len() <= MAXIMUM_DISCRETE {
        return discrete;
    }
    let size = order.len().div_ceil(GROUPS_OF_CONTINUOUS);
    order.chunks(size).map(<[usize]>::to_vec).collect()
}
