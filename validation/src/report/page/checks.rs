//! What was checked besides the observables: conditions, cells, repeated events, classifiers,
//! distances, and the time that all of it took.

use super::table::{Cell, HtmlTable, figure_cells};
use super::text::{escape, rich_with_error};
use crate::plots::{grouped, number};
use crate::report::energy;
use crate::report::model::{ModelResult, ValidationReport};

/// A line for each check of a sample, a column for each model.
#[expect(clippy::type_complexity, reason = "a table that is used once")]
pub(super) fn samples(report: &ValidationReport) -> HtmlTable {
    let mut head = vec![Cell::text("Check")];
    head.extend(report.models.iter().map(|model| Cell::text(&model.name)));
    let lines: [(&str, fn(&ModelResult) -> Option<String>); 6] = [
        ("Mean response", response),
        ("Resolution", resolution),
        ("Empty events", empty_events),
        ("Cells", cells),
        ("Repeated events", duplicates),
        ("Correlations", correlations),
    ];
    let rows = lines.iter().filter_map(|(title, line)| {
        let found: Vec<Option<String>> = report.models.iter().map(line).collect();
        found.iter().any(Option::is_some).then(|| {
            let cells = found.into_iter().map(|html| Cell::html(html.unwrap_or_default(), "wide"));
            std::iter::once(Cell::text(title)).chain(cells).collect()
        })
    });
    HtmlTable::new(head).rows(rows.collect())
}

fn percent(value: f64) -> String {
    format!("{} %", number(100.0 * value))
}

fn response(model: &ModelResult) -> Option<String> {
    let bias = model.response_bias.as_ref()?;
    Some(format!(
        "off by {} (floor {}); worst at {}: {}",
        percent(bias.mean.value),
        percent(bias.mean.floor),
        energy(bias.worst_energy_mev),
        percent(bias.worst.value)
    ))
}

fn resolution(model: &ModelResult) -> Option<String> {
    let bias = model.response_bias.as_ref()?;
    let (value, floor) = (percent(bias.resolution.value), percent(bias.resolution.floor));
    Some(format!("off by {value} (floor {floor})"))
}

fn empty_events(model: &ModelResult) -> Option<String> {
    let figure = model.empty_events.as_ref()?;
    let value = rich_with_error(figure.value, figure.error);
    Some(format!("shares differ by {value} (floor {})", number(figure.floor)))
}

fn cells(model: &ModelResult) -> Option<String> {
    let cells = model.cells.as_ref()?;
    let worst: Vec<String> = cells
        .worst
        .iter()
        .take(3)
        .map(|one| format!("{} of layer {} (z = {})", one.cell, one.layer, number(one.z)))
        .collect();
    let mut words = format!(
        "{} tested, {} dead, {} hot; z of the occupancies spreads by {}",
        grouped(cells.tested),
        grouped(cells.dead),
        grouped(cells.hot),
        number(cells.z_spread)
    );
    if !worst.is_empty() {
        words += &format!("<br><small>worst: {}</small>", escape(&worst.join(", ")));
    }
    Some(words)
}

fn duplicates(model: &ModelResult) -> Option<String> {
    let found = model.duplicates.as_ref()?;
    Some(format!(
        "{} of {} generated, {} copied from the reference <small>(reference: {} of {})</small>",
        grouped(found.generated),
        grouped(found.generated_events),
        grouped(found.copied_from_reference),
        grouped(found.reference),
        grouped(found.reference_events)
    ))
}

fn correlations(model: &ModelResult) -> Option<String> {
    let found = model.correlations.as_ref()?;
    let (one, other) = &found.worst_pair;
    Some(format!(
        "greatest difference {} (floor {}) <small>{} and {}</small>",
        rich_with_error(found.greatest.value, found.greatest.error),
        number(found.greatest.floor),
        escape(one),
        escape(other)
    ))
}

/// Whether the conditions are distributed alike.
pub(super) fn conditions(report: &ValidationReport) -> HtmlTable {
    let head = ["Model", "Condition", "Test", "p", "Difference", "Missing values"];
    let mut head: Vec<Cell> = head.into_iter().map(Cell::text).collect();
    head[3].class = "n".to_owned();
    let rows = report.models.iter().flat_map(|model| {
        model.condition_checks.iter().map(move |check| {
            let difference = check.difference.as_deref().unwrap_or("none seen");
            let class = if check.difference.is_some() { "worst" } else { "" };
            vec![
                Cell::text(&model.name),
                Cell::text(&check.condition),
                Cell::text(&check.test),
                Cell::number(check.p_value),
                Cell::text(difference).class(class),
                Cell::text(&check.missing.join(", ")),
            ]
        })
    });
    HtmlTable::new(head).rows(rows.collect())
}

pub(super) fn classifiers(report: &ValidationReport) -> HtmlTable {
    let head = vec![
        Cell::text("Classifier"),
        Cell::text("Features"),
        Cell::numbers("AUC"),
        Cell::numbers("floor").class("f"),
        Cell::numbers("JSD"),
        Cell::numbers("floor").class("f"),
        Cell::numbers("Seeds"),
        Cell::numbers("Events for training"),
        Cell::numbers("for the test"),
        Cell::text("Description"),
    ];
    let several = report.models.len() > 1;
    report.models.iter().fold(HtmlTable::new(head), |table, model| {
        let rows = model.classifiers.iter().map(|one| {
            let mut row = vec![
                Cell::text(&one.kind),
                Cell::text(&format!("{} ({})", one.features, one.feature_count)),
            ];
            row.extend(figure_cells(&one.auc));
            row.extend(figure_cells(&one.jsd));
            row.extend([
                Cell::count(one.seeds),
                Cell::count(one.training_events),
                Cell::count(one.test_events),
                Cell::text(&one.description).class("wide"),
            ]);
            row
        });
        let name = crate::plots::literal(&model.name);
        table.group(several.then_some(name.as_str()), rows.collect())
    })
}

/// Distances in feature space: a row for each, of several models in columns.
pub(super) fn distances(report: &ValidationReport) -> HtmlTable {
    let mut head = vec![
        Cell::text("Distance"),
        Cell::text("Features"),
        Cell::text("Events"),
        Cell::text("Better"),
    ];
    for model in &report.models {
        head.push(Cell::html(escape(&model.name), "n"));
        head.push(Cell::numbers("floor").class("f"));
    }
    head.push(Cell::text("Settings"));
    let mut seen: Vec<(&str, &str, Option<&str>)> = Vec::new();
    let mut rows = Vec::new();
    for one in report.models.iter().flat_map(|model| &model.distances) {
        let key = (one.name.as_str(), one.features.as_str(), one.condition.as_deref());
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let mut row = vec![
            Cell::label(&one.title).class("wide"),
            Cell::text(&one.features),
            Cell::text(one.condition.as_deref().unwrap_or("all")),
            Cell::text(if one.greater_is_better { "greater" } else { "smaller" }),
        ];
        for model in &report.models {
            let same = model.distances.iter().find(|other| {
                (other.name.as_str(), other.features.as_str(), other.condition.as_deref()) == key
            });
            match same {
                Some(one) => row.extend(figure_cells(&one.figure)),
                None => row.extend([Cell::text("n/a").class("n"), Cell::default()]),
            }
        }
        row.push(Cell::text(&one.description).class("wide"));
        rows.push(row);
    }
    HtmlTable::new(head).rows(rows)
}

pub(super) fn timing(report: &ValidationReport) -> HtmlTable {
    let head = vec![Cell::text("Stage"), Cell::numbers("Wall time (s)")];
    let rows = report
        .provenance
        .timing
        .iter()
        .map(|one| vec![Cell::text(&one.stage), Cell::html(format!("{:.2}", one.wall_s), "n")]);
    HtmlTable::new(head).rows(rows.collect())
}
