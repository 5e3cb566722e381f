//! The whole comparison of a generated sample with a reference sample.

mod classifiers;
mod entries;
mod floor;
mod images;
mod inputs;
mod notes;
mod observables;
mod response;
mod settings;
mod verdict;

use detectors::{ConditionKind, Detector};

use crate::observables::length_unit;
use crate::report::model::{
    ConditionSummary, DetectorSummary, FORMAT_VERSION, ObservableComparison, SampleSummary,
    ValidationReport,
};
use crate::{Progress, Sample, ValidationError};
use inputs::Inputs;
use response::response_points;
pub use settings::{ClassifierChoice, Limits, ValidationSettings};

/// Compares `generated` with `reference` in every observable, and trains classifiers to tell them
/// apart.
///
/// Each figure comes with its floor, the same figure for reference against reference: random
/// halves of the reference, or `second_reference` at full size where it is given. The χ² of an
/// observable counts what lies outside its histogram as one more bin; the separation power leaves
/// it out, as published ones do. The Kolmogorov–Smirnov test of the voxels takes every k-th event
/// where there are more than four million.
///
/// The verdict holds the samples against [`Limits`], by default: AUC on high-level features 0.80,
/// AUC on low-level features 0.95, worst separation power 0.05, Σ χ² / Σ ndf of E_tot/E_inc over
/// the incident energies 3.
///
/// The report is the same for the same samples and settings, on any number of threads.
///
/// # Errors
/// Settings that cannot be used, samples that are not of the detector, or a classifier whose
/// training diverges.
pub fn validate(
    reference: &Sample,
    generated: &Sample,
    second_reference: Option<&Sample>,
    detector: &Detector,
    settings: &ValidationSettings,
    progress: &dyn Progress,
) -> Result<ValidationReport, ValidationError> {
    const STAGE: &str = "observables";
    settings.check()?;
    progress.step(STAGE, 0, 2);
    let inputs = Inputs::new(reference, generated, second_reference, detector, settings)?;
    progress.step(STAGE, 1, 2);
    let observables = inputs.compare_observables();
    let groups = inputs.energy_groups();
    progress.step(STAGE, 2, 2);
    let (classifiers, classifier_notes) = inputs.classifiers(progress)?;
    let mut notes = inputs.notes();
    notes.extend(classifier_notes);
    Ok(ValidationReport {
        format_version: FORMAT_VERSION,
        showerforge_version: env!("CARGO_PKG_VERSION").to_owned(),
        detector: detector_summary(detector),
        reference: summary(reference),
        generated: summary(generated),
        floor: inputs.floor.description(reference, second_reference, settings),
        per_energy: inputs.compare_energies(),
        layer_images: inputs.layer_images(),
        response: response_points(&groups),
        verdict: inputs.verdict(&observables, &groups, &classifiers),
        observables,
        classifiers,
        notes,
    })
}

/// Every observable of the two samples, each with a floor of 0.
pub(crate) fn observables_without_floor(
    reference: &Sample,
    generated: &Sample,
) -> Result<Vec<ObservableComparison>, ValidationError> {
    let settings = ValidationSettings { floor_splits: 0, ..ValidationSettings::default() };
    let detector = reference.detector();
    Ok(Inputs::new(reference, generated, None, detector, &settings)?.compare_observables())
}

fn detector_summary(detector: &Detector) -> DetectorSummary {
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

fn summary(sample: &Sample) -> SampleSummary {
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
