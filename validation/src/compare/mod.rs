//! The whole comparison of a generated sample with a reference sample.

mod classifiers;
mod floor;
mod images;
mod inputs;
mod notes;
mod observables;
mod response;
mod settings;
mod verdict;

use detectors::Calorimeter;

use crate::report::model::{DetectorSummary, FORMAT_VERSION, SampleSummary, ValidationReport};
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
    detector: &Calorimeter,
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
        detector: DetectorSummary {
            name: detector.name().to_owned(),
            title: detector.title().to_owned(),
            particle: detector.particle().to_owned(),
            voxels: detector.voxel_count(),
            layers: detector.layers().len(),
            readout_threshold_mev: detector.readout_threshold_mev(),
        },
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

fn summary(sample: &Sample) -> SampleSummary {
    let energies = sample.incident_energies_mev();
    SampleSummary {
        label: sample.label().to_owned(),
        events: sample.events(),
        incident_energy_min_mev: energies.iter().copied().fold(f64::INFINITY, f64::min),
        incident_energy_max_mev: energies.iter().copied().fold(0.0, f64::max),
        discrete_energies: sample
            .discrete_energies()
            .into_iter()
            .map(|energy| (energy.incident_energy_mev, energy.events.len()))
            .collect(),
        provenance: sample.provenance().to_vec(),
    }
}
