use detectors::{Detector, Response};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::labels::Labels;
use super::pipeline_codec::PipelineCodec;
use super::shower_codec::ShowerCodec;
use super::transforms::TransformError;
use crate::ExitCode;
use crate::compute::{Device, Tensor, matrix};
use crate::events::{Events, EventsError};
use crate::settings::CodecSettings;

#[derive(Debug, Error)]
pub enum CodecError {
    #[error("no events to derive the codec's statistics from")]
    NoEvents,

    #[error(transparent)]
    OutOfRange(#[from] Box<OutOfRange>),

    #[error("`{name}` of event {event} is {value}, expected 0 to {last}, the number of a category")]
    NoCategory { name: String, event: u64, value: f64, last: usize },

    #[error("events have {found} values, the detector has {expected}")]
    ValueCount { found: usize, expected: usize },

    #[error(transparent)]
    Transform(#[from] TransformError),

    #[error(transparent)]
    Events(#[from] EventsError),
}

/// A condition that a surrogate is not for.
#[derive(Debug, Clone, PartialEq, Error)]
#[error(
    "`{name}` of event {event} is {value}{unit}, outside the {minimum} to {maximum}{unit} that the \
     surrogate is for"
)]
pub struct OutOfRange {
    pub name: String,
    /// With a space before it; empty for numbers without a unit.
    pub unit: String,
    pub event: u64,
    pub value: f64,
    pub minimum: f64,
    pub maximum: f64,
}

impl CodecError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Events(error) => error.exit_code(),
            _ => ExitCode::BadData,
        }
    }
}

/// Where the groups of an encoded event stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedLayout {
    /// Encoded values.
    pub values: usize,
    /// Energy sums behind them: those of the layers, then the total; none without a shower head.
    pub layers: usize,
    pub has_total: bool,
    /// Columns of the labels beside an event.
    pub labels: usize,
}

impl EncodedLayout {
    /// Values, layers, total.
    pub fn width(&self) -> usize {
        self.values + self.sums()
    }

    /// Energy sums: one a layer, and the total.
    pub fn sums(&self) -> usize {
        self.layers + usize::from(self.has_total)
    }
}

/// Encodes events to network units and decodes them, with statistics from the training sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum EventCodec {
    Shower(ShowerCodec),
    Pipeline(PipelineCodec),
}

/// What a network is told about a batch of events, on the device.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// `[events]`: what values are fractions of.
    pub scales: Vec<f64>,
    /// `[events, labels]`, at least one column.
    pub label: Tensor<2>,
    /// What the shower head needs.
    pub sums: Option<SumConditions>,
}

/// What is known of the energy sums of a batch, on the device.
#[derive(Debug, Clone)]
pub struct SumConditions {
    /// Mean of the energy sums at each event's condition, `[events, layers + 1]`.
    pub mean: Tensor<2>,
    /// Their standard deviation, `[events, layers + 1]`.
    pub deviation: Tensor<2>,
    /// The read-out threshold as a fraction of the scale, `[events, 1]`.
    pub threshold: Tensor<2>,
}

impl EventCodec {
    /// Derives the statistics from a stream of training events, after the read-out threshold.
    /// `passes` starts a pass from the first event each time that it is called.
    ///
    /// # Errors
    /// A condition outside of its range, a wrong number of values, no events, or what the stream
    /// fails with.
    pub fn fit<S>(
        detector: &Detector,
        mut labels: Labels,
        settings: &CodecSettings,
        mut passes: impl FnMut() -> S,
    ) -> Result<Self, CodecError>
    where
        S: IntoIterator<Item = Result<Events, EventsError>>,
    {
        if let Some(first) = passes().into_iter().next() {
            labels.fit_images(first?.conditions.view());
        }
        match (detector.response(), settings.voxel_scale) {
            (Response::Layers(_), Some(scale)) => {
                ShowerCodec::fit(detector, labels, scale, passes()).map(Self::Shower)
            }
            _ => PipelineCodec::fit(detector, labels, &settings.transform, passes)
                .map(Self::Pipeline),
        }
    }

    pub fn labels(&self) -> &Labels {
        match self {
            Self::Shower(codec) => &codec.labels,
            Self::Pipeline(codec) => &codec.labels,
        }
    }

    /// Whether it is a codec for events of this detector. One that was fitted is; one that comes
    /// from a file may not be.
    ///
    /// # Errors
    /// What does not fit, as a fragment of a sentence.
    pub fn check_for(&self, detector: &Detector) -> Result<(), String> {
        self.labels().check_for(detector)?;
        match self {
            Self::Shower(codec) => codec.check_for(detector),
            Self::Pipeline(codec) => {
                let (found, expected) = (codec.pipeline.columns(), detector.value_count());
                if found == expected {
                    Ok(())
                } else {
                    Err(format!("`columns` is {found}, its detector has {expected} values"))
                }
            }
        }
    }

    pub fn layout(&self) -> EncodedLayout {
        match self {
            Self::Shower(codec) => codec.layout(),
            Self::Pipeline(codec) => codec.layout(),
        }
    }

    /// Network units of events.
    ///
    /// # Shapes
    /// The encoded events: `[events, EncodedLayout::width]`.
    ///
    /// # Errors
    /// A condition outside of its range, a wrong number of values, or a value that has no code.
    pub fn encode(&self, detector: &Detector, events: &Events) -> Result<Array2<f32>, CodecError> {
        self.encode_with_noise(detector, events, |_| || 0.5)
    }

    /// As [`Self::encode`], with noise for the transform `dequantise`: `noise(event)` gives the
    /// uniform numbers of an event, counted from 0 in `events`.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn encode_with_noise<U: FnMut() -> f32>(
        &self,
        detector: &Detector,
        events: &Events,
        noise: impl Fn(u64) -> U + Sync,
    ) -> Result<Array2<f32>, CodecError> {
        self.labels().check(0, events.conditions.view())?;
        match self {
            Self::Shower(codec) => codec.encode(
                &events.scales(detector),
                events.conditions.view(),
                events.values.view(),
            ),
            Self::Pipeline(codec) => {
                codec.encode(&events.scales(detector), events.values.view(), noise)
            }
        }
    }

    /// Physical values of what a generator made: fractions with a shower head, encoded values
    /// without.
    ///
    /// # Shapes
    /// `made`: `[events, values]`.
    ///
    /// # Errors
    /// A scale that is not positive.
    pub fn decode(
        &self,
        detector: &Detector,
        scales: &[f64],
        made: ArrayView2<'_, f32>,
    ) -> Result<Array2<f32>, CodecError> {
        let mut values = match self {
            Self::Shower(_) => {
                let mut values = made.to_owned();
                for (mut row, scale) in values.rows_mut().into_iter().zip(scales) {
                    row.map_inplace(|value| *value = (f64::from(*value) * scale) as f32);
                }
                values
            }
            Self::Pipeline(codec) => codec.decode(scales, made)?,
        };
        let threshold = detector.readout_threshold();
        let (cells, counts) = (!detector.layers().is_empty(), detector.has_whole_numbers());
        values.map_inplace(|value| {
            if cells && (f64::from(*value) < threshold || *value < 0.0) {
                *value = 0.0;
            }
            if counts {
                *value = value.round();
            }
        });
        Ok(values)
    }

    /// What a network is told about events with these conditions.
    ///
    /// # Shapes
    /// `conditions`: `[events, Detector::condition_width]`.
    pub fn conditions(
        &self,
        detector: &Detector,
        conditions: ArrayView2<'_, f64>,
        device: &Device,
    ) -> Conditions {
        let events = conditions.nrows();
        let label = match self.labels().width() {
            // A column that no layer looks at: devices do not take tensors without columns.
            0 => Tensor::zeros([events, 1], device),
            width => {
                let labels = self.labels().encode_all(conditions).into_raw_vec_and_offset().0;
                matrix(labels, events, width, device)
            }
        };
        let rows = conditions.rows().into_iter();
        let scales: Vec<f64> = rows.map(|row| detector.scale_of(&row.to_vec())).collect();
        let sums = match self {
            Self::Shower(codec) => Some(codec.sum_conditions(conditions, &scales, device)),
            Self::Pipeline(_) => None,
        };
        Conditions { scales, label, sums }
    }
}
