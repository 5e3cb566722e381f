//! What the report says of the detector and the samples.

use detectors::{ConditionKind, Detector};

use crate::Sample;
use crate::observables::length_unit;
use crate::report::model::{ConditionSummary, DetectorSummary, SampleSummary};

pub(super) fn of_detector(detector: &Detector) -> DetectorSummary {
    DetectorSummary {
        name: detector.name().to_owned(),
        title: detector.title().to_owned(),
        particle: detector.particle().to_owned(),
        family: detector.family(),
        values: detector.value_count(),
        layers: detector.layers().len(),
        quantity: detector.quantity().to_owned(),
        unit: detector.unit().to_owned(),
        length_unit: length_unit(detector).to_owned(),
        readout_threshold: detector.readout_threshold(),
        has_incident_energy: detector.incident_energy_column().is_some()
            && detector.incident_energy_column() == detector.normalising_column(),
    }
}

pub(super) fn of_sample(sample: &Sample) -> SampleSummary {
    SampleSummary {
        label: sample.label().to_owned(),
        events: sample.events(),
        effective_events: sample.weights().map(|_| sample.effective_events()),
        conditions: conditions(sample),
        discrete_energies: sample
            .discrete_energies()
            .into_iter()
            .map(|energy| (energy.incident_energy_mev, energy.events.len()))
            .collect(),
        empty_events: sample.empty_events(),
        files: sample.files().to_vec(),
        provenance: sample.provenance().to_vec(),
    }
}

fn conditions(sample: &Sample) -> Vec<ConditionSummary> {
    let of = |(index, condition): (usize, &detectors::Condition)| {
        let values = sample.condition(index);
        let categories = match &condition.kind {
            ConditionKind::Category(names) => {
                let events = |name: usize| values.iter().filter(|v| **v == name as f64).count();
                let names = names.iter().enumerate();
                names.map(|(number, name)| (name.clone(), events(number))).collect()
            }
            ConditionKind::Number { .. } | ConditionKind::Image(_) => Vec::new(),
        };
        ConditionSummary {
            name: condition.name.clone(),
            unit: condition.unit.clone(),
            minimum: values.iter().copied().fold(f64::INFINITY, f64::min),
            maximum: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            is_image: matches!(condition.kind, ConditionKind::Image(_)),
            categories,
        }
    };
    sample.detector().conditions().iter().enumerate().map(of).collect()
}
