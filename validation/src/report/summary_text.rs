//! The report in a terminal.

use std::fmt::Write as _;

use super::model::{ModelResult, ObservableComparison, Status, ValidationReport};
use super::text_table::table;
use super::wording::verdict_sentence;
use crate::plots::grouped;

/// Observables listed, worst first.
const WORST: usize = 5;

/// The verdict on each model as a compact table: criteria, the observables with the largest
/// separation power, and classifiers, each figure beside its floor.
#[must_use]
pub fn summary_text(report: &ValidationReport) -> String {
    let several = report.models.len() > 1;
    let one = |model: &ModelResult| {
        let title = if several { format!("== {}\n", model.name) } else { String::new() };
        title + &of_model(report, model)
    };
    report.models.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn of_model(report: &ValidationReport, model: &ModelResult) -> String {
    let mut text = format!("{}\n", verdict_sentence(model));
    let samples = [&model.generated, &report.reference];
    let [generated, reference] =
        samples.map(|sample| format!("{} ({} events)", sample.label, grouped(sample.events)));
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{generated} against {reference}, {}", report.detector.name);
    for note in report.notes.iter().chain(&model.notes) {
        let _ = writeln!(text, "Note: {note}");
    }
    text += &criteria(model);
    text += &observables(model);
    text += &classifiers(model);
    text
}

fn criteria(model: &ModelResult) -> String {
    let names = ["", "criterion", "judged", "error", "floor", "amber", "red", "where"];
    let mut rows = vec![header(names)];
    for one in &model.verdict.criteria {
        let mark = match one.status {
            Status::Green => "ok",
            Status::Amber => "AMBER",
            Status::Red => "RED",
            Status::Abstained => "-",
        };
        let place = one.reason.as_ref().unwrap_or(&one.place);
        rows.push(vec![
            mark.to_owned(),
            one.name.clone(),
            figure(one.judged),
            figure(one.judged_error),
            figure(one.figure.floor),
            figure(one.amber),
            figure(one.red),
            place.clone(),
        ]);
    }
    table(&rows, &[2, 3, 4, 5, 6])
}

fn observables(model: &ModelResult) -> String {
    let mut worst: Vec<&ObservableComparison> = model.observables.iter().collect();
    // What is not a number comes first: it needs a look.
    let rank = |one: &ObservableComparison| {
        if one.separation.value.is_nan() { f64::INFINITY } else { one.separation.value }
    };
    worst.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    let mut rows =
        vec![header(["worst observables", "separation", "floor", "KS", "floor", "chi2/ndf"])];
    for one in worst.into_iter().take(WORST) {
        rows.push(vec![
            one.name.clone(),
            figure(one.separation.value),
            figure(one.separation.floor),
            figure(one.ks.value),
            figure(one.ks.floor),
            figure(one.chi2_per_ndf.value),
        ]);
    }
    table(&rows, &[1, 2, 3, 4, 5])
}

fn classifiers(model: &ModelResult) -> String {
    let mut rows = vec![header(["classifier", "AUC", "floor", "JSD", "floor"])];
    for one in &model.classifiers {
        rows.push(vec![
            format!("{} on {} ({} features)", one.kind, one.features, one.feature_count),
            figure(one.auc.value),
            figure(one.auc.floor),
            figure(one.jsd.value),
            figure(one.jsd.floor),
        ]);
    }
    table(&rows, &[1, 2, 3, 4])
}

fn header<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

/// Three significant digits in plain characters.
fn figure(value: f64) -> String {
    match value {
        value if !value.is_finite() => "n/a".to_owned(),
        value if value != 0.0 && !(1e-3..1e4).contains(&value.abs()) => format!("{value:.1e}"),
        value if value.abs() < 1.0 => format!("{value:.4}"),
        value => format!("{value:.2}"),
    }
}
