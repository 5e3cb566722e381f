//! ROC curves, and the features that gave the samples away.

use super::Job;
use super::job::OtherForm;
use crate::plots::{FigureSize, Giveaways, Roc, RocAxes, RocCurve, literal};
use crate::report::model::{ClassifierResult, ModelResult, ValidationReport};

const SECTION: &str = "classifiers";

/// Where there is one model, its classifiers share a figure; with several models, each classifier
/// has one of all models.
pub(super) fn jobs(report: &ValidationReport) -> Vec<Job> {
    let particle = report.detector.particle.as_str();
    let size = FigureSize::SQUARE;
    let mut jobs = Vec::new();
    if let [model] = &report.models[..] {
        let curves: Vec<RocCurve> =
            model.classifiers.iter().map(|one| curve(one, &name(one))).collect();
        if !curves.is_empty() {
            let title = "ROC curves of the classifiers";
            jobs.push(roc_job("roc", title, particle, curves));
        }
        for one in model.classifiers.iter().filter(|one| !one.giveaways.is_empty()) {
            let title = format!("What gave it away to the classifier: {}", name(one));
            let stem = format!("giveaways_{}", name(one));
            let plot = giveaways(&[(model, one)]);
            jobs.push(Job::new(&stem, SECTION, &literal(&title), particle, size, plot));
        }
        return jobs;
    }
    for classifier in names(report) {
        let of_models: Vec<(&ModelResult, &ClassifierResult)> = report
            .models
            .iter()
            .filter_map(|model| {
                let one = model.classifiers.iter().find(|one| name(one) == classifier)?;
                Some((model, one))
            })
            .collect();
        let curves = of_models.iter().map(|(model, one)| curve(one, &model.name)).collect();
        let stem = format!("roc_{classifier}");
        let title = format!("ROC curves of the classifier: {classifier}");
        jobs.push(roc_job(&stem, &literal(&title), particle, curves));
        if of_models.iter().any(|(_, one)| !one.giveaways.is_empty()) {
            let title = format!("What gave them away to the classifier: {classifier}");
            let stem = format!("giveaways_{classifier}");
            let plot = giveaways(&of_models);
            jobs.push(Job::new(&stem, SECTION, &literal(&title), particle, size, plot));
        }
    }
    jobs
}

/// What a classifier is called, such as `network, high-level`.
fn name(one: &ClassifierResult) -> String {
    if one.kind.is_empty() {
        one.features.clone()
    } else {
        format!("{}, {}", one.kind, one.features)
    }
}

fn names(report: &ValidationReport) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for one in report.models.iter().flat_map(|model| &model.classifiers) {
        if !names.contains(&name(one)) {
            names.push(name(one));
        }
    }
    names
}

fn curve(one: &ClassifierResult, label: &str) -> RocCurve {
    RocCurve {
        label: label.to_owned(),
        points: one.roc.clone(),
        auc: one.auc.value,
        auc_error: one.auc.error.is_finite().then_some(one.auc.error),
        floor: one.auc.floor.is_finite().then_some(one.auc.floor),
    }
}

fn roc_job(stem: &str, title: &str, particle: &str, curves: Vec<RocCurve>) -> Job {
    let roc = Roc { curves, axes: RocAxes::Rates };
    let rejection = Box::new(Roc { axes: RocAxes::Rejection, ..roc.clone() });
    let job = Job::new(stem, SECTION, title, particle, FigureSize::SQUARE, roc);
    let names = ["true against false positive rate", "1 / false positive rate"];
    Job { variant: Some(OtherForm { plot: rejection, first: false, names }), ..job }
}

/// The loss of AUC of every feature that any of the classifiers names.
fn giveaways(classifiers: &[(&ModelResult, &ClassifierResult)]) -> Giveaways {
    let mut features: Vec<&str> = Vec::new();
    for (feature, ..) in classifiers.iter().flat_map(|(_, one)| &one.giveaways) {
        if !features.contains(&feature.as_str()) {
            features.push(feature);
        }
    }
    let samples = classifiers.iter().map(|(model, one)| {
        let found = |feature: &&str| one.giveaways.iter().find(|giveaway| giveaway.0 == *feature);
        let loss = features.iter().map(|feature| found(feature).map_or(f64::NAN, |one| one.2));
        let errors = features.iter().map(|feature| found(feature).map_or(0.0, |one| one.3));
        let errors = errors.map(|error| if error.is_finite() { error } else { 0.0 });
        (model.name.clone(), loss.collect(), Some(errors.collect()))
    });
    let label = |feature: &&str| {
        let observables = classifiers.iter().flat_map(|(model, _)| &model.observables);
        let mut same = observables.filter(|one| one.name == *feature);
        same.next().map_or_else(|| literal(feature), |one| one.label.clone())
    };
    Giveaways {
        measure: "Loss of AUC when shuffled".to_owned(),
        features: features.iter().map(label).collect(),
        samples: samples.collect(),
    }
}
