//! The observables in bins of each condition.

use super::Job;
use super::observables::histogram_job;
use crate::plots::{ConditionMap, ConditionMeasure, FigureSize, literal};
use crate::report::model::{BinFigure, ConditionBin, ModelResult, ValidationReport};

/// Rows of a map; more are left to the table.
const MOST_ROWS: usize = 40;
/// Bins of a condition whose histograms are drawn.
const MOST_BINS_DRAWN: usize = 16;

/// The section of a condition's figures.
pub(in crate::report) fn section(condition: &str) -> String {
    format!("in bins of {}", condition.replace('_', " "))
}

/// Maps of all observables and bins, histograms in each bin, and remarks on what has no figure.
pub(super) fn jobs(report: &ValidationReport) -> (Vec<Job>, Vec<String>) {
    let (mut jobs, mut remarks) = (Vec::new(), Vec::new());
    for condition in conditions(report) {
        for (index, model) in report.models.iter().enumerate() {
            jobs.extend(maps(report, model, index, condition));
        }
        let (drawn, left_out) = histograms(report, condition);
        jobs.extend(drawn);
        if left_out > 0 {
            remarks.push(format!(
                "Of the bins of {condition}, {MOST_BINS_DRAWN} have histograms; report.json has \
                 the other {left_out}."
            ));
        }
    }
    (jobs, remarks)
}

/// The conditions that there are bins of, in their order.
pub(in crate::report) fn conditions(report: &ValidationReport) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for bin in report.models.iter().flat_map(|model| &model.per_condition) {
        if !names.contains(&bin.condition.as_str()) {
            names.push(&bin.condition);
        }
    }
    names
}

/// The separation power and its excess in units of the error: rows of the observables of the whole
/// event and the worst of the others.
fn maps(report: &ValidationReport, model: &ModelResult, index: usize, condition: &str) -> Vec<Job> {
    let bins: Vec<&ConditionBin> =
        model.per_condition.iter().filter(|bin| bin.condition == condition).collect();
    let names = rows(model, &bins);
    if bins.is_empty() || names.is_empty() {
        return Vec::new();
    }
    let label = |name: &str| {
        let same = model.observables.iter().find(|one| one.name == name);
        same.map_or_else(|| literal(name), |one| one.label.clone())
    };
    let values = |pick: &dyn Fn(&BinFigure) -> f64| -> Vec<f64> {
        let cell = |name: &String, bin: &&ConditionBin| {
            bin.figures.iter().find(|figure| figure.observable == *name).map_or(f64::NAN, pick)
        };
        names.iter().flat_map(|name| bins.iter().map(move |bin| cell(name, bin))).collect()
    };
    let several = report.models.len() > 1;
    let of_model = if several { format!(", {}", model.name) } else { String::new() };
    let subtitle = format!("{}{of_model}", report.detector.particle);
    let words = condition.replace('_', " ");
    let job = |stem: &str, title: &str, measure, values| {
        let number = if several { format!("_{}", index + 1) } else { String::new() };
        let map = ConditionMap {
            observables: names.iter().map(|name| label(name)).collect(),
            condition: literal(&words),
            bins: bins.iter().map(|bin| literal(&bin.label)).collect(),
            values,
            measure,
            label: title.to_owned(),
        };
        let stem = format!("{stem}_by_{condition}{number}");
        let title = format!("{title} by {words}{of_model}");
        Job::new(&stem, &section(condition), &literal(&title), &subtitle, FigureSize::MAPS, map)
    };
    let mut jobs = vec![job(
        "separation",
        "Separation power",
        ConditionMeasure::Positive,
        values(&|figure| figure.separation.value),
    )];
    let excess = values(&|figure| figure.separation.excess() / figure.separation.excess_error());
    if excess.iter().any(|value| value.is_finite()) {
        jobs.push(job("excess", "Excess / σ", ConditionMeasure::Significance, excess));
    }
    jobs
}

fn rows(model: &ModelResult, bins: &[&ConditionBin]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for figure in bins.iter().flat_map(|bin| &bin.figures) {
        if !names.contains(&figure.observable) {
            names.push(figure.observable.clone());
        }
    }
    if names.len() <= MOST_ROWS {
        return names;
    }
    let worst = |name: &str| {
        let figures = bins.iter().flat_map(|bin| &bin.figures);
        let same = figures.filter(|figure| figure.observable == name);
        same.map(|figure| figure.separation.value).fold(0.0, f64::max)
    };
    let of_layer =
        |name: &str| model.observables.iter().any(|one| one.name == name && one.layer.is_some());
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by(|&a, &b| {
        let layers = of_layer(&names[a]).cmp(&of_layer(&names[b]));
        layers.then(worst(&names[b]).total_cmp(&worst(&names[a])))
    });
    order.truncate(MOST_ROWS);
    order.sort_unstable();
    order.into_iter().map(|index| names[index].clone()).collect()
}

/// Histograms in each bin, of all models that have it, and how many bins have none.
fn histograms(report: &ValidationReport, condition: &str) -> (Vec<Job>, usize) {
    let mut bins: Vec<&ConditionBin> = Vec::new();
    let of_condition =
        || report.models.iter().flat_map(|m| &m.per_condition).filter(|b| b.condition == condition);
    for bin in of_condition().filter(|bin| !bin.observables.is_empty()) {
        if !bins.iter().any(|known| known.label == bin.label) {
            bins.push(bin);
        }
    }
    let left_out = bins.len().saturating_sub(MOST_BINS_DRAWN);
    bins.truncate(MOST_BINS_DRAWN);
    let mut jobs = Vec::new();
    for bin in bins {
        for observable in &bin.observables {
            let of_models = report.models.iter().filter_map(|model| {
                let same =
                    |one: &&ConditionBin| one.condition == condition && one.label == bin.label;
                let bin = model.per_condition.iter().find(same)?;
                let one = bin.observables.iter().find(|one| one.name == observable.name)?;
                Some((model.name.as_str(), one))
            });
            let words = condition.replace('_', " ");
            // An energy says what it is.
            let place = match words.as_str() {
                "incident energy" => bin.label.clone(),
                words => format!("{words} {}", bin.label),
            };
            jobs.push(histogram_job(
                report,
                &of_models.collect::<Vec<_>>(),
                FigureSize::COMPACT,
                &format!("{}, {place}", report.detector.particle),
                (&section(condition), &format!("{} at {}", observable.label, literal(&place))),
                &format!("{}_at_{condition}_{}", observable.name, bin.label),
            ));
        }
    }
    (jobs, left_out)
}
