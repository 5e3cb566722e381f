use detectors::{Detector, Response};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};
use validation::selection::{Figure, PairedValues, layer_chi2_per_ndf, response_chi2_per_ndf};
use validation::{Sample, ValidationError};

use super::collapse::VarianceProbe;
use super::error::TrainingError;
use super::observables::{Comparison, compare};
use crate::codec::{CodecError, EventCodec};
use crate::compute::Device;
use crate::events::Events;
use crate::gan::Generator;
use crate::generate::Sampler;
use crate::random::Purpose;

/// Chooses the best model by physics: generated events against the validation sample, at its
/// conditions.
///
/// χ²/ndf of the sum of all values and of the sums of the layers (of a table, of its columns) are
/// always computed, group by group of the leading condition (after FastCaloGAN, arXiv:2109.02551,
/// which takes the total energy at each incident energy); any [`Figure`] can be chosen by.
#[derive(Debug)]
pub struct Selection {
    by: Figure,
    detector: Detector,
    conditions: Array2<f64>,
    /// `[events, layers + 1]` or `[events, columns]`.
    reference: Array2<f64>,
    /// For figures of more than the sums.
    sample: Option<Sample>,
    /// `[events]`
    event_weights: Option<Vec<f64>>,
    /// `[groups][events]`
    weights: Option<Vec<Vec<f64>>>,
    /// Events of the same leading condition, or of neighbouring ones where it is continuous.
    groups: Vec<Vec<usize>>,
    probe: VarianceProbe,
    seed: u64,
    device: Device,
}

/// More distinct values of the leading condition than this are taken as continuous.
const MAXIMUM_DISCRETE: usize = 30;
const GROUPS_OF_CONTINUOUS: usize = 8;

/// The figure a model is chosen by, and the two χ²/ndf. Lower is better; 1 is what χ²/ndf of two
/// samples of the same distribution is on average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectionFigures {
    /// Which figure is minimised.
    pub by: Figure,
    /// Its value.
    pub value: f64,
    /// Σχ²/Σndf of the sum of all values over the groups: of E_tot / E_inc for a calorimeter. None
    /// for tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_chi2_per_ndf: Option<f64>,
    /// Σχ²/Σndf of the sums of the layers, or of the columns, over the groups.
    pub parts_chi2_per_ndf: f64,
}

/// What one evaluation of a generator found.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    pub figures: SelectionFigures,
    /// The total and the layers, or the columns, of both samples.
    pub observables: Vec<Comparison>,
}

impl SelectionFigures {
    pub fn are_better_than(&self, best: &Self) -> bool {
        self.by.is_better(self.value, best.value)
    }
}

impl std::fmt::Display for SelectionFigures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !matches!(self.by, Figure::Chi2PerNdf | Figure::TotalChi2PerNdf) {
            write!(f, "{} {:.4}, ", self.by, self.value)?;
        }
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
    /// Takes a validation sample after the read-out threshold, and the figure to choose by.
    ///
    /// # Errors
    /// A sample that is not one of the detector, or has too few events for the figure.
    pub fn new(
        by: Figure,
        detector: &Detector,
        codec: &EventCodec,
        events: &Events,
        seed: u64,
        device: Device,
    ) -> Result<Self, ValidationError> {
        by.check(events.len())?;
        let rows = events.conditions.rows().into_iter();
        let leading: Vec<f64> = rows.map(|row| codec.labels().leading(row)).collect();
        let groups = groups_of(&leading);
        let weights = events.weights.as_ref().map(|weights| {
            let of_group = |group: &Vec<usize>| group.iter().map(|&event| weights[event]).collect();
            groups.iter().map(of_group).collect()
        });
        let sample = match by {
            Figure::Chi2PerNdf | Figure::TotalChi2PerNdf => None,
            _ => Some(Sample::new(
                "validation",
                detector,
                events.conditions.clone(),
                events.values.clone(),
                events.weights.clone(),
                Vec::new(),
            )?),
        };
        Ok(Self {
            by,
            sample,
            event_weights: events.weights.clone(),
            weights,
            reference: parts(detector, &events.scales(detector), events.values.view()),
            probe: VarianceProbe::new(detector, events, &groups),
            groups,
            conditions: events.conditions.clone(),
            detector: detector.clone(),
            seed,
            device,
        })
    }

    /// The figures of a generator. The same noise is used each time, so that only the generator
    /// makes a difference.
    ///
    /// # Errors
    /// Conditions that the codec cannot decode for, or events that cannot be compared.
    pub fn evaluate(
        &self,
        generator: &Generator,
        codec: &EventCodec,
    ) -> Result<Evaluation, TrainingError> {
        let sampler = self.sampler(generator, codec, Purpose::Selection);
        let values = sampler.values(0, self.conditions.view())?;
        let rows = self.conditions.rows().into_iter();
        let scales: Vec<f64> = rows.map(|row| self.detector.scale_of(&row.to_vec())).collect();
        let generated = parts(&self.detector, &scales, values.view());
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
        let total = total.map(|total| response_chi2_per_ndf(&total));
        let parts = layer_chi2_per_ndf(&pairs);
        let value = match (self.by, total) {
            (Figure::Chi2PerNdf, Some(total)) => 0.5 * (total + parts),
            (Figure::TotalChi2PerNdf, Some(total)) => total,
            (Figure::Chi2PerNdf | Figure::TotalChi2PerNdf, None) => parts,
            _ => self.figure_of_events(values)?,
        };
        let weights = self.event_weights.as_deref();
        Ok(Evaluation {
            figures: SelectionFigures {
                by: self.by,
                value,
                total_chi2_per_ndf: total,
                parts_chi2_per_ndf: parts,
            },
            observables: compare(&self.detector, &self.reference, &generated, weights),
        })
    }

    /// The variance of the events of a generator over its noise, at fixed conditions, over that of
    /// the data; none where the validation sample has too few events to say.
    ///
    /// # Errors
    /// Conditions that the codec cannot decode for.
    pub fn variance_ratio(
        &self,
        generator: &Generator,
        codec: &EventCodec,
    ) -> Result<Option<f64>, CodecError> {
        self.probe.variance_ratio(&self.sampler(generator, codec, Purpose::Collapse))
    }

    fn sampler<'a>(
        &'a self,
        generator: &'a Generator,
        codec: &'a EventCodec,
        purpose: Purpose,
    ) -> Sampler<'a> {
        let device = self.device.clone();
        Sampler::new(generator, codec, &self.detector, self.seed, purpose, device)
    }

    /// NaN for events that are no sample at all, as a generator may make at the beginning.
    fn figure_of_events(&self, values: Array2<f32>) -> Result<f64, TrainingError> {
        let Some(reference) = self.sample.as_ref().filter(|_| values.iter().all(|v| v.is_finite()))
        else {
            return Ok(f64::NAN);
        };
        let (conditions, weights) = (self.conditions.clone(), self.event_weights.clone());
        let generated =
            Sample::new("generated", &self.detector, conditions, values, weights, Vec::new())?;
        Ok(self.by.of_samples(reference, &generated)?.unwrap_or(f64::NAN))
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
