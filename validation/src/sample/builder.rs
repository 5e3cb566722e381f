use detectors::{ConditionKind, Detector, Response};
use ndarray::{ArrayView1, ArrayView2, Axis, s};

use super::Sample;
use super::check::problem;
use super::fingerprint::fingerprints;
use super::kept::KeptEvents;
use super::mean_event::MeanEvent;
use crate::ValidationError;
use crate::observables::{EventObservables, FineSpectrum, Meter};

/// Memory for the values that are kept, unless it is set.
const KEPT_BYTES: usize = 512 << 20;

/// What a sample keeps, and says of itself.
#[derive(Debug, Clone, Default)]
pub struct SampleOptions {
    /// Events whose values are kept, for the classifier on low-level features and for the
    /// Kolmogorov–Smirnov test of single values. Default: as many as fit in 512 MiB. Of more, a
    /// random choice is kept that is always the same.
    pub kept_values: Option<usize>,
    /// (name, value) pairs for the report.
    pub provenance: Vec<(String, String)>,
}

/// Makes a [`Sample`] of events that come in blocks, as from a file that does not fit in memory.
///
/// The sample does not depend on the blocks, to the last bit. Its memory is 8 bytes for each
/// observable, each condition, each weight and the fingerprint of every event, the kept values, and
/// 8 MiB: a million
/// events of 6,480 voxels in 45 layers take 2.9 GB and 0.5 GB.
#[derive(Debug, Clone)]
pub struct SampleBuilder {
    sample: Sample,
    meter: Meter,
    mean_event: MeanEvent,
}

impl SampleBuilder {
    pub fn new(label: impl Into<String>, detector: &Detector, options: SampleOptions) -> Self {
        let mut kept = KeptEvents::new(detector, KEPT_BYTES);
        if let Some(events) = options.kept_values {
            kept.limit(events);
        }
        let sample = Sample {
            label: label.into(),
            provenance: options.provenance,
            detector: detector.clone(),
            conditions: vec![Vec::new(); detector.conditions().len()],
            weights: None,
            observables: EventObservables::none(detector),
            spectrum: FineSpectrum::new(detector.readout_threshold()),
            greatest_value: 0.0,
            mean_event: Vec::new(),
            occupancies: Vec::new(),
            fingerprints: Vec::new(),
            files: Vec::new(),
            kept,
        };
        Self {
            sample,
            meter: Meter::of(detector),
            mean_event: MeanEvent::new(detector.value_count(), detector.readout_threshold()),
        }
    }

    /// # Shapes
    /// As those of [`Sample::new`], of any number of events.
    ///
    /// # Errors
    /// As those of [`Sample::new`], or a block without weights after one with weights (or the other
    /// way round). The builder is then as it was.
    pub fn push(
        &mut self,
        conditions: ArrayView2<'_, f64>,
        values: ArrayView2<'_, f32>,
        weights: Option<&[f64]>,
    ) -> Result<(), ValidationError> {
        let sample = &mut self.sample;
        let first_event = sample.events();
        let mut found = problem(&sample.detector, first_event, conditions, values, weights);
        if first_event > 0 && weights.is_some() != sample.weights.is_some() {
            found = found.or(Some("has weights for some of its events only".to_owned()));
        }
        if let Some(problem) = found {
            return Err(ValidationError::Sample { label: sample.label.clone(), problem });
        }
        let scales: Vec<f64> = conditions
            .axis_iter(Axis(0))
            .map(|conditions| sample.detector.scale_of(&conditions.to_vec()))
            .collect();
        sample.observables.measure(&self.meter, values, &scales);
        if matches!(sample.detector.response(), Response::Layers(_)) {
            sample.spectrum.fill(first_event, values, weights);
            let greatest = values.fold(0.0, |greatest: f32, &value| greatest.max(value));
            sample.greatest_value = sample.greatest_value.max(f64::from(greatest));
        }
        self.mean_event.add(first_event, values, weights);
        sample.fingerprints.extend(fingerprints(values));
        sample.kept.push(first_event, conditions, values);
        for (column, condition) in sample.conditions.iter_mut().zip(sample.detector.conditions()) {
            let block = conditions.slice(s![.., condition.columns()]);
            let reduced = |row: ArrayView1<'_, f64>| match condition.kind {
                ConditionKind::Image(_) => row.sum(),
                ConditionKind::Number { .. } | ConditionKind::Category(_) => row[0],
            };
            column.extend(block.axis_iter(Axis(0)).map(reduced));
        }
        if let Some(weights) = weights {
            sample.weights.get_or_insert_default().extend(weights);
        }
        Ok(())
    }

    /// # Errors
    /// No events, or weights whose sum is not positive.
    pub fn finish(self) -> Result<Sample, ValidationError> {
        let Self { mut sample, mean_event, .. } = self;
        let sum: f64 = sample.weights.iter().flatten().sum();
        let problem = match &sample.weights {
            _ if sample.events() == 0 => Some("has no events".to_owned()),
            Some(_) if !(sum.is_finite() && sum > 0.0) => {
                Some(format!("has weights whose sum is {sum}, expected a positive finite number"))
            }
            _ => None,
        };
        if let Some(problem) = problem {
            return Err(ValidationError::Sample { label: sample.label, problem });
        }
        (sample.mean_event, sample.occupancies) = mean_event.finish();
        sample.fingerprints.shrink_to_fit();
        sample.observables.shrink();
        sample.conditions.iter_mut().for_each(Vec::shrink_to_fit);
        sample.kept.finish();
        Ok(sample)
    }
}
