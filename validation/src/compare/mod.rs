//! The whole comparison of generated samples with a reference sample.

mod cells;
mod classifiers;
mod condition_checks;
mod conditions;
mod correlations;
mod distances;
mod duplicates;
mod empty;
mod entries;
mod floor;
mod images;
mod inputs;
mod notes;
mod observables;
mod physics;
mod response;
mod response_bias;
mod settings;
mod steps;
mod summary;
mod verdict;
mod weaknesses;

use detectors::Detector;

use crate::report::model::{
    FORMAT_VERSION, ModelResult, ObservableComparison, PhysicsResult, Provenance, Status,
    ValidationReport, Verdict,
};
use crate::thresholds::Thresholds;
use crate::{Progress, Sample, ValidationError};
pub use condition_checks::condition_checks;
use floor::{Floor, FloorCache};
use inputs::{Inputs, check_detectors};
use response::response_points;
pub use settings::{ClassifierChoice, Topic, ValidationSettings};
use steps::Steps;

/// A generated sample with the name that it has in the report.
#[derive(Debug, Clone, Copy)]
pub struct Generated<'a> {
    pub name: &'a str,
    pub sample: &'a Sample,
}

/// Compares each of `generated` with `reference` in every observable, over all events and in bins
/// of each condition, and trains classifiers to tell them apart.
///
/// Each figure comes with its floor, the same figure for reference against reference: random
/// halves of the reference, or `second_reference` at full size where it is given. The χ² of an
/// observable counts what lies outside its histogram as one more bin; the separation power leaves
/// it out, as published ones do. The Kolmogorov–Smirnov test of the voxels takes every k-th event
/// where there are more than four million.
///
/// The report is the same for the same samples and settings, on any number of threads.
///
/// # Errors
/// Settings that cannot be used, no generated sample, samples that are not of the detector, or a
/// classifier whose training diverges.
pub fn validate(
    reference: &Sample,
    generated: &[Generated<'_>],
    second_reference: Option<&Sample>,
    detector: &Detector,
    settings: &ValidationSettings,
    thresholds: &Thresholds,
    progress: &dyn Progress,
) -> Result<ValidationReport, ValidationError> {
    settings.check()?;
    if generated.is_empty() {
        return Err(ValidationError::Setting {
            name: "generated",
            found: "no sample".to_owned(),
            expected: "at least one",
        });
    }
    let samples = generated.iter().map(|one| one.sample);
    check_detectors(samples.chain([reference]).chain(second_reference), detector)?;
    let floor = Floor::new(reference, second_reference, settings);
    let floors = FloorCache::default();
    let mut models = Vec::new();
    for one in generated {
        let inputs = Inputs {
            detector,
            settings,
            reference,
            generated: one.sample,
            second: second_reference,
            floor: &floor,
            floors: &floors,
        };
        models.push(inputs.compare(one.name, thresholds, progress)?);
    }
    Ok(ValidationReport {
        format_version: FORMAT_VERSION,
        showerforge_version: env!("CARGO_PKG_VERSION").to_owned(),
        detector: summary::of_detector(detector),
        reference: summary::of_sample(reference),
        second_reference: second_reference.map(summary::of_sample),
        floor: floor.description(reference, second_reference, settings),
        thresholds: thresholds.summary(),
        settings: settings.clone(),
        models,
        provenance: Provenance::default(),
        notes: Vec::new(),
    })
}

impl Inputs<'_> {
    fn compare(
        &self,
        name: &str,
        thresholds: &Thresholds,
        progress: &dyn Progress,
    ) -> Result<ModelResult, ValidationError> {
        let wanted = |topic| self.settings.topics.contains(&topic);
        let mut steps = Steps::new(progress, &self.settings.topics);
        let condition_checks = condition_checks(self.detector, self.reference, self.generated);
        let mut notes = self.notes(&condition_checks);
        let observables = self.compare_observables();
        let groups = self.energy_groups();
        steps.next();
        let (mut bins, mut per_condition) = (Vec::new(), Vec::new());
        if wanted(Topic::Conditions) {
            let (found, bin_notes) = self.bins();
            bins = found;
            per_condition = self.compare_bins(&bins);
            notes.extend(bin_notes);
            steps.next();
        }
        let correlations =
            wanted(Topic::Correlations).then(|| steps.after(|| self.correlations())).flatten();
        let cells = wanted(Topic::Cells).then(|| steps.after(|| self.cells())).flatten();
        let duplicates = wanted(Topic::Duplicates).then(|| steps.after(|| self.duplicates()));
        let physics = match wanted(Topic::Physics) {
            true => steps.after(|| self.physics()),
            false => PhysicsResult::default(),
        };
        let mut distances = Vec::new();
        if wanted(Topic::Distances) {
            let (found, distance_notes) = self.distances(&bins)?;
            distances = found;
            notes.extend(distance_notes);
            steps.next();
        }
        let mut classifiers = Vec::new();
        if wanted(Topic::Classifiers) {
            let (found, classifier_notes) =
                self.classifiers(&bins, &mut per_condition, progress)?;
            notes.extend(classifier_notes);
            classifiers = found;
        }
        let mut result = ModelResult {
            name: name.to_owned(),
            generated: summary::of_sample(self.generated),
            verdict: Verdict { status: Status::Abstained, criteria: Vec::new() },
            condition_checks,
            observables,
            per_condition,
            layer_images: self.layer_images(),
            cells,
            response: response_points(&groups),
            response_bias: self.response_bias(&groups),
            physics,
            correlations,
            empty_events: self.empty_events(),
            classifiers,
            distances,
            duplicates,
            weaknesses: Vec::new(),
            training: Vec::new(),
            notes,
        };
        result.verdict = verdict::verdict(&result, thresholds);
        result.weaknesses = weaknesses::weaknesses(&result);
        Ok(result)
    }
}

/// Every observable of the two samples, without floors.
pub(crate) fn observables_without_floor(
    reference: &Sample,
    generated: &Sample,
) -> Result<Vec<ObservableComparison>, ValidationError> {
    let settings = ValidationSettings {
        floor_splits: 0,
        bootstrap_replicas: 0,
        ..ValidationSettings::default()
    };
    let detector = reference.detector();
    check_detectors([reference, generated], detector)?;
    let inputs = Inputs {
        detector,
        settings: &settings,
        reference,
        generated,
        second: None,
        floor: &Floor::Halves(Vec::new()),
        floors: &FloorCache::default(),
    };
    Ok(inputs.compare_observables())
}
