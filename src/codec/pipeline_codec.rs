use detectors::Detector;
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::event_codec::{CodecError, EncodedLayout};
use super::labels::Labels;
use super::transforms::{Columns, OwnedBlock, Pipeline, TransformSettings};
use crate::events::{Events, EventsError};

/// A list of transforms, chosen in the settings, fitted without the noise of `dequantise`; for tables, and for cells without energy heads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineCodec {
    pub labels: Labels,
    pub pipeline: Pipeline,
}

impl PipelineCodec {
    /// # Errors
    /// As [`super::EventCodec::fit`].
    pub(super) fn fit<S>(
        detector: &Detector,
        labels: Labels,
        transforms: &[TransformSettings],
        mut passes: impl FnMut() -> S,
    ) -> Result<Self, CodecError>
    where
        S: IntoIterator<Item = Result<Events, EventsError>>,
    {
        let layers = detector.layers().iter().enumerate();
        let groups: Vec<usize> =
            layers.flat_map(|(layer, cells)| vec![layer; cells.cell_count()]).collect();
        let columns = if groups.is_empty() {
            Columns::ungrouped(detector.value_count())
        } else {
            Columns { groups }
        };
        let blocks = || {
            let mut first = 0;
            let labels = &labels;
            passes().into_iter().map(move |events| {
                let events = events?;
                labels.check(first, events.conditions.view())?;
                first += events.len() as u64;
                Ok(OwnedBlock { scale: events.scales(detector), values: events.values })
            })
        };
        let pipeline = Pipeline::fit::<CodecError, _>(transforms, &columns, blocks)?;
        Ok(Self { labels, pipeline })
    }

    pub(super) fn layout(&self) -> EncodedLayout {
        EncodedLayout {
            values: self.pipeline.width(),
            layers: 0,
            has_total: false,
            labels: self.labels.width(),
        }
    }

    pub(super) fn encode<U: FnMut() -> f32>(
        &self,
        scales: &[f64],
        values: ArrayView2<'_, f32>,
        noise: impl Fn(u64) -> U + Sync,
    ) -> Result<Array2<f32>, CodecError> {
        Ok(self.pipeline.encode_with_noise(scales, values, noise)?)
    }

    pub(super) fn decode(
        &self,
        scales: &[f64],
        encoded: ArrayView2<'_, f32>,
    ) -> Result<Array2<f32>, CodecError> {
        Ok(self.pipeline.decode(scales, encoded)?)
    }
}
