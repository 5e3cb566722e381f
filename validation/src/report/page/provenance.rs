//! Where samples and report come from.

use serde::Serialize;

use super::table::{Cell, HtmlTable};
use super::text::shell_quoted;
use crate::plots::grouped;
use crate::report::model::{SampleSummary, ValidationReport};
use crate::report::wording::conditions;

/// A list of (term, description); both are texts.
pub(super) type Terms = Vec<(String, String)>;

/// A sample with its title.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SampleView {
    pub title: String,
    pub terms: Terms,
}

pub(super) fn samples(report: &ValidationReport) -> Vec<SampleView> {
    let view = |title: &str, sample: &SampleSummary| SampleView {
        title: title.to_owned(),
        terms: terms(sample),
    };
    let mut views = vec![view("Reference", &report.reference)];
    if let Some(second) = &report.second_reference {
        views.push(view("Second reference, for the floor", second));
    }
    for model in &report.models {
        let title = match report.models.len() {
            1 => "Generated".to_owned(),
            _ => format!("Generated: {}", model.name),
        };
        views.push(view(&title, &model.generated));
    }
    views
}

fn terms(sample: &SampleSummary) -> Terms {
    let mut events = grouped(sample.events);
    if let Some(effective) = sample.effective_events {
        let effective = crate::plots::plain(effective.round());
        events += &format!(", weighted; they fluctuate as {effective}");
    }
    let mut terms =
        vec![("Sample".to_owned(), sample.label.clone()), ("Events".to_owned(), events)];
    if let Some(empty) = sample.empty_events.filter(|empty| *empty > 0) {
        terms.push(("Empty events".to_owned(), grouped(empty)));
    }
    terms.extend(conditions(sample));
    terms.extend(sample.provenance.iter().cloned());
    terms
}

/// Every file that was read, with its SHA-256.
pub(super) fn files(report: &ValidationReport) -> HtmlTable {
    let head = vec![
        Cell::text("Sample"),
        Cell::text("File"),
        Cell::numbers("Events"),
        Cell::numbers("Bytes"),
        Cell::text("SHA-256"),
    ];
    let mut table = HtmlTable::new(head);
    let samples = std::iter::once(("reference", &report.reference))
        .chain(report.second_reference.iter().map(|second| ("second reference", second)))
        .chain(report.models.iter().map(|model| (model.name.as_str(), &model.generated)));
    let mut rows = Vec::new();
    for (name, sample) in samples {
        for file in &sample.files {
            let bytes = usize::try_from(file.bytes).unwrap_or(usize::MAX);
            rows.push(vec![
                Cell::text(name),
                Cell::text(&file.name).class("wide"),
                Cell::count(file.events),
                Cell::count(bytes),
                Cell::text(&file.sha256).class("hash"),
            ]);
        }
    }
    table = table.rows(rows);
    table
}

/// The command that made the report, for a shell.
pub(super) fn command(report: &ValidationReport) -> String {
    let quoted: Vec<String> =
        report.provenance.command.iter().map(|argument| shell_quoted(argument)).collect();
    quoted.join(" ")
}
