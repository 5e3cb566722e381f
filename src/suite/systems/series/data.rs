use ndarray::{Array2, ArrayView2};

use super::scale::SeriesScale;
use crate::codec::{LabelRanges, Labels};
use crate::compute::{Device, Tensor, to_host};
use crate::random::{Purpose, Streams};
use crate::suite::systems::translation::rows_of;
use crate::suite::{Problem, ProblemData, SuiteError};

/// Series of a problem as networks see them.
#[derive(Debug)]
pub(super) struct SeriesData {
    pub steps: usize,
    pub features: usize,
    labels: Labels,
    scale: SeriesScale,
    /// `[series, steps × features]`, scaled.
    values: Array2<f32>,
    /// `[series, labels]`
    told: Array2<f32>,
    streams: Streams,
}

/// Series and their encoded conditions, `[series, …]`; no conditions where there are none.
#[derive(Debug, Clone)]
pub(super) struct SeriesBatch {
    pub x: Tensor<2>,
    pub label: Option<Tensor<2>>,
}

impl SeriesData {
    /// Scales all features to `range`. The conditions are left out unless `with_conditions`.
    ///
    /// # Errors
    /// A problem whose events are no series, or that has none.
    pub(super) fn new(
        system: &str,
        problem: &dyn Problem,
        data: &ProblemData,
        seed: u64,
        range: [f32; 2],
        with_conditions: bool,
    ) -> Result<Self, SuiteError> {
        let [steps, features] = *data.shape.as_slice() else {
            return Err(SuiteError::DoesNotFit {
                system: system.to_owned(),
                problem: problem.name().to_owned(),
                reason: format!(
                    "its events have the shape {:?}, expected [steps, features]",
                    data.shape
                ),
            });
        };
        if data.train.is_empty() {
            return Err(SuiteError::NoData {
                problem: problem.name().to_owned(),
                reason: "there are no series to train on".to_owned(),
            });
        }
        let scale = SeriesScale::fit(&data.train.values, features, range);
        let labels = Labels::new(&data.detector, &LabelRanges::new());
        let told = match with_conditions {
            true => encoded(&labels, data.train.conditions.view()),
            false => Array2::zeros((data.train.len(), 0)),
        };
        Ok(Self {
            steps,
            features,
            values: scale.apply(&data.train.values),
            labels,
            scale,
            told,
            streams: Streams::new(seed, Purpose::CriticBatch),
        })
    }

    /// Numbers of a series.
    pub(super) fn width(&self) -> usize {
        self.steps * self.features
    }

    /// Columns of encoded conditions that networks are told.
    pub(super) fn label_width(&self) -> usize {
        self.told.ncols()
    }

    /// Batch number `number`, with replacement.
    pub(super) fn batch(&self, number: u64, size: usize, device: &Device) -> SeriesBatch {
        let mut uniforms = self.streams.uniforms(number);
        let rows: Vec<usize> = (0..size).map(|_| uniforms.index(self.values.nrows())).collect();
        self.rows(&rows, device)
    }

    /// The series of these numbers.
    pub(super) fn rows(&self, rows: &[usize], device: &Device) -> SeriesBatch {
        let of = |all: &Array2<f32>| rows_of(all.select(ndarray::Axis(0), rows).view(), device);
        SeriesBatch { x: of(&self.values), label: (self.told.ncols() > 0).then(|| of(&self.told)) }
    }

    /// Conditions as networks are told, none if they are told nothing.
    pub(super) fn label(
        &self,
        conditions: ArrayView2<'_, f64>,
        device: &Device,
    ) -> Option<Tensor<2>> {
        (self.told.ncols() > 0).then(|| {
            let encoded = encoded(&self.labels, conditions);
            rows_of(encoded.view(), device)
        })
    }

    /// Series in the units of the problem.
    pub(super) fn to_values(&self, x: Tensor<2>) -> Array2<f32> {
        let [rows, columns] = x.dims();
        let values = Array2::from_shape_vec((rows, columns), to_host(x)).expect("all values");
        self.scale.invert(&values)
    }

    /// Series in the units of the networks.
    pub(super) fn to_networks(&self, values: &Array2<f32>, device: &Device) -> Tensor<2> {
        rows_of(self.scale.apply(values).view(), device)
    }
}

fn encoded(labels: &Labels, conditions: ArrayView2<'_, f64>) -> Array2<f32> {
    let mut encoded = Vec::with_capacity(conditions.nrows() * labels.width());
    conditions.rows().into_iter().for_each(|row| labels.encode(row, &mut encoded));
    Array2::from_shape_vec((conditions.nrows(), labels.width()), encoded).expect("whole rows")
}

/// Rows of tensors one below the other.
pub(super) fn below(parts: &[&Tensor<2>]) -> Tensor<2> {
    Tensor::cat(parts.iter().map(|part| (*part).clone()).collect(), 0)
}

/// Some of the rows.
pub(super) fn part(x: &Tensor<2>, first: usize, count: usize) -> Tensor<2> {
    x.clone().narrow(0, first, count)
}

/// Blocks in which series are generated: the numbers of the first and how many.
pub(super) fn blocks(count: usize) -> impl Iterator<Item = (usize, usize)> {
    const SIZE: usize = 1024;
    (0..count).step_by(SIZE).map(move |first| (first, SIZE.min(count - first)))
}
