//! The verdict and all observables at a glance.

use super::Job;
use crate::plots::{FigureSize, Mark, Summary, SummaryItem, VerdictRow, VerdictStrip, with_error};
use crate::report::model::{
    Criterion, ModelResult, ObservableComparison, Status, ValidationReport,
};

const SECTION: &str = "summary";
/// Its height follows from its rows.
const SIZE: FigureSize = FigureSize { width: 820, height: 0 };

pub(super) fn jobs(report: &ValidationReport) -> Vec<Job> {
    let particle = report.detector.particle.as_str();
    let mut jobs = Vec::new();
    let strip = strip(report);
    if !strip.rows.is_empty() {
        let job = Job::new("verdict", SECTION, "Verdict", particle, SIZE, strip);
        // The page has the table.
        jobs.push(Job { on_page: false, ..job });
    }
    let summary = summary(report);
    if !summary.items.is_empty() {
        let title = "Separation power of all observables";
        jobs.push(Job::new("summary", SECTION, title, particle, SIZE, summary));
    }
    jobs
}

fn strip(report: &ValidationReport) -> VerdictStrip {
    let first = report.models.first().map(|model| &model.verdict.criteria[..]).unwrap_or_default();
    let cell = |one: Option<&Criterion>| match one {
        None => (Mark::Abstained, String::new()),
        Some(one) if one.status == Status::Abstained => {
            (Mark::Abstained, one.reason.clone().unwrap_or_default())
        }
        Some(one) => {
            let mark = match one.status {
                Status::Green => Mark::Good,
                Status::Amber => Mark::Warning,
                Status::Red => Mark::Bad,
                Status::Abstained => Mark::Abstained,
            };
            (mark, with_error(one.judged, one.judged_error))
        }
    };
    let rows = first.iter().enumerate().map(|(index, criterion)| VerdictRow {
        name: criterion.name.clone(),
        cells: report.models.iter().map(|model| cell(model.verdict.criteria.get(index))).collect(),
    });
    VerdictStrip {
        models: report.models.iter().map(|model| model.name.clone()).collect(),
        rows: rows.collect(),
    }
}

fn summary(report: &ValidationReport) -> Summary {
    let first = report.models.first().map(|model| &model.observables[..]).unwrap_or_default();
    let of_name = |name: &str| -> Vec<Option<&ObservableComparison>> {
        let find =
            |model: &'_ ModelResult| model.observables.iter().position(|one| one.name == name);
        report
            .models
            .iter()
            .map(|model| find(model).map(|index| &model.observables[index]))
            .collect()
    };
    let item = |one: &ObservableComparison| SummaryItem {
        group: one.group.clone(),
        label: one.label.clone(),
        family: family(one),
        floor: of_name(&one.name)
            .into_iter()
            .flatten()
            .map(|one| one.separation.floor)
            .find(|floor| floor.is_finite())
            .unwrap_or(f64::NAN),
        values: of_name(&one.name)
            .into_iter()
            .map(|one| one.map_or(f64::NAN, |one| one.separation.value))
            .collect(),
    };
    Summary {
        measure: "Separation power".to_owned(),
        samples: report.models.iter().map(|model| model.name.clone()).collect(),
        items: first.iter().map(item).collect(),
    }
}

/// The label of an observable without its layer.
fn family(observable: &ObservableComparison) -> String {
    let Some(layer) = observable.layer else { return observable.label.clone() };
    let suffix = format!("_{layer}");
    let name = observable.name.strip_suffix(&suffix).unwrap_or(&observable.name);
    let layer = format!("layer {layer}");
    if observable.label.contains(&layer) {
        observable.label.replacen(&layer, "each layer", 1)
    } else {
        format!("{}, each layer", crate::plots::literal(name))
    }
}
