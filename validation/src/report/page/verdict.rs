//! The verdict of every model, and the table that it comes from.

use serde::Serialize;

use super::table::{Cell, HtmlTable, status_html, status_word};
use super::text::{escape, rich_with_error};
use crate::report::model::{Criterion, ModelResult, Status, ValidationReport};
use crate::report::wording::verdict_sentence;

/// What stands at the top of a model.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Banner {
    /// HTML.
    pub name: String,
    pub status: String,
    pub class: String,
    pub sentence: String,
    pub weaknesses: Vec<String>,
    pub notes: Vec<String>,
}

pub(super) fn banners(report: &ValidationReport) -> Vec<Banner> {
    let one = |model: &ModelResult| Banner {
        name: escape(&model.name),
        status: status_html(model.verdict.status),
        class: status_word(model.verdict.status).to_owned(),
        sentence: escape(&verdict_sentence(model)),
        weaknesses: model.weaknesses.iter().map(|words| escape(words)).collect(),
        notes: model.notes.iter().map(|words| escape(words)).collect(),
    };
    report.models.iter().map(one).collect()
}

/// The criteria in rows; with several models a column for each.
pub(super) fn table(report: &ValidationReport) -> HtmlTable {
    match &report.models[..] {
        [] => HtmlTable::default(),
        [model] => of_one(model),
        models => of_several(models),
    }
}

fn of_one(model: &ModelResult) -> HtmlTable {
    let head = vec![
        Cell::text("Criterion"),
        Cell::text("Verdict"),
        Cell::numbers("Judged"),
        Cell::text("by"),
        Cell::numbers("Amber above"),
        Cell::numbers("Red above"),
        Cell::numbers("Value"),
        Cell::numbers("Floor"),
        Cell::text("Where"),
    ];
    let row = |one: &Criterion| {
        vec![
            Cell::label(&one.name).class("wide"),
            Cell::html(status_html(one.status), ""),
            Cell::with_error(one.judged, one.judged_error).class("b"),
            Cell::text(&one.judged_by),
            Cell::number(one.amber),
            Cell::number(one.red),
            Cell::with_error(one.figure.value, one.figure.error),
            Cell::with_error(one.figure.floor, one.figure.floor_error),
            Cell::text(place(one)).class("wide"),
        ]
    };
    HtmlTable::new(head).rows(model.verdict.criteria.iter().map(row).collect())
}

fn of_several(models: &[ModelResult]) -> HtmlTable {
    let mut head = vec![Cell::text("Criterion")];
    head.extend(models.iter().map(|model| Cell::text(&model.name)));
    head.extend([
        Cell::text("judged by"),
        Cell::numbers("Amber above"),
        Cell::numbers("Red above"),
    ]);
    let cell = |one: Option<&Criterion>| match one {
        None => Cell::text("n/a"),
        Some(one) if one.status == Status::Abstained => {
            let reason = escape(place(one));
            Cell::html(format!("{}<br><small>{reason}</small>", status_html(one.status)), "")
        }
        Some(one) => Cell::html(
            format!(
                "{} <b>{}</b><br><small>value {}, floor {}<br>{}</small>",
                status_html(one.status),
                rich_with_error(one.judged, one.judged_error),
                rich_with_error(one.figure.value, one.figure.error),
                rich_with_error(one.figure.floor, one.figure.floor_error),
                escape(place(one)),
            ),
            "verdict-cell",
        ),
    };
    let rows = models[0].verdict.criteria.iter().enumerate().map(|(index, one)| {
        let mut row = vec![Cell::label(&one.name).class("wide")];
        row.extend(models.iter().map(|model| cell(model.verdict.criteria.get(index))));
        row.extend([Cell::text(&one.judged_by), Cell::number(one.amber), Cell::number(one.red)]);
        row
    });
    HtmlTable::new(head).rows(rows.collect())
}

/// Where it was found, or why there is no figure.
fn place(one: &Criterion) -> &str {
    one.reason.as_ref().unwrap_or(&one.place)
}
