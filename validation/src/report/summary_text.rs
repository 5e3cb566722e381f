//! The report in a terminal.

use std::fmt::Write as _;

use super::model::{ObservableComparison, ValidationReport};
use super::wording::verdict_sentence;
use crate::plots::grouped;

/// Observables listed, worst first.
const WORST: usize = 5;

/// The verdict as a compact table: criteria, the observables with the largest separation power,
/// and classifiers, each figure beside its floor.
#[must_use]
pub fn summary_text(report: &ValidationReport) -> String {
    let mut text = format!("{}\n", verdict_sentence(report));
    let samples = [&report.generated, &report.reference];
    let [generated, reference] =
        samples.map(|sample| format!("{} ({} events)", sample.label, grouped(sample.events)));
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{generated} against {reference}, {}", report.detector.name);
    for note in &report.notes {
        let _ = writeln!(text, "Note: {note}");
    }
    text += &criteria(report);
    text += &observables(report);
    text += &classifiers(report);
    text
}

fn criteria(report: &ValidationReport) -> String {
    let mut rows = vec![header(["", "criterion", "value", "floor", "limit", "where"])];
    for one in &report.verdict.criteria {
        let mark = if one.passed { "ok" } else { "FAIL" };
        rows.push(vec![
            mark.to_owned(),
            one.name.clone(),
            figure(one.value),
            figure(one.floor),
            figure(one.limit),
            one.place.clone(),
        ]);
    }
    table(&rows, &[2, 3, 4])
}

fn observables(report: &ValidationReport) -> String {
    let mut worst: Vec<&ObservableComparison> = report.observables.iter().collect();
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

fn classifiers(report: &ValidationReport) -> String {
    let mut rows = vec![header(["classifier", "AUC", "floor", "JSD", "floor"])];
    for one in &report.classifiers {
        rows.push(vec![
            format!("{} ({} features)", one.features, one.feature_count),
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

/// Rows in columns, those of numbers aligned at the right; nothing if there is only the header.
fn table(rows: &[Vec<String>], numbers: &[usize]) -> String {
    if rows.len() < 2 {
        return String::new();
    }
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = "\n".to_owned();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = widths[column];
            let gap = if column == 0 { "" } else { "  " };
            let _ = if numbers.contains(&column) {
                write!(line, "{gap}{cell:>width$}")
            } else {
                write!(line, "{gap}{cell:<width$}")
            };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}
