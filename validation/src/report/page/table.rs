//! Tables of the page.

use serde::Serialize;

use super::text::{escape, rich, rich_number, rich_with_error};
use crate::report::model::{Status, WithFloor};

/// A table, folded or not.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct HtmlTable {
    /// What the fold is called; HTML. Without, the table is always open.
    pub fold: Option<String>,
    pub head: Vec<Cell>,
    pub bodies: Vec<Body>,
}

/// Rows with or without a heading.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Body {
    /// HTML.
    pub heading: Option<String>,
    pub rows: Vec<Vec<Cell>>,
}

/// A cell.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Cell {
    pub html: String,
    /// Classes of the style sheet: `n` for numbers, `f` for what is less important.
    pub class: String,
}

impl HtmlTable {
    pub(super) fn new(head: Vec<Cell>) -> Self {
        Self { fold: None, head, bodies: vec![] }
    }

    pub(super) fn folded(self, title: &str) -> Self {
        Self { fold: Some(rich(title)), ..self }
    }

    pub(super) fn rows(self, rows: Vec<Vec<Cell>>) -> Self {
        self.group(None, rows)
    }

    pub(super) fn group(mut self, heading: Option<&str>, rows: Vec<Vec<Cell>>) -> Self {
        if !rows.is_empty() {
            self.bodies.push(Body { heading: heading.map(rich), rows });
        }
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bodies.is_empty()
    }
}

impl Cell {
    pub(super) fn html(html: String, class: &str) -> Self {
        Self { html, class: class.to_owned() }
    }

    /// A label with its scripts.
    pub(super) fn label(label: &str) -> Self {
        Self::html(rich(label), "")
    }

    /// A text as it is.
    pub(super) fn text(text: &str) -> Self {
        Self::html(escape(text), "")
    }

    pub(super) fn number(value: f64) -> Self {
        Self::html(rich_number(value), "n")
    }

    pub(super) fn count(count: usize) -> Self {
        Self::html(escape(&crate::plots::grouped(count)), "n")
    }

    pub(super) fn with_error(value: f64, error: f64) -> Self {
        Self::html(rich_with_error(value, error), "n")
    }

    /// A title of a column of numbers.
    pub(super) fn numbers(title: &str) -> Self {
        Self::html(rich(title), "n")
    }

    pub(super) fn class(self, class: &str) -> Self {
        let class = format!("{} {class}", self.class);
        Self { class: class.trim().to_owned(), ..self }
    }
}

/// Value and floor of a figure, each with its error.
pub(super) fn figure_cells(figure: &WithFloor) -> [Cell; 2] {
    let floor = Cell::with_error(figure.floor, figure.floor_error).class("f");
    [Cell::with_error(figure.value, figure.error), floor]
}

/// A status by colour, symbol and word.
pub(super) fn status_html(status: Status) -> String {
    let word = status_word(status);
    format!(
        "<span class=\"status {word}\"><svg class=\"mark\" aria-hidden=\"true\">\
         <use href=\"#mark-{word}\"/></svg>{word}</span>"
    )
}

pub(super) fn status_word(status: Status) -> &'static str {
    match status {
        Status::Abstained => "abstained",
        Status::Green => "green",
        Status::Amber => "amber",
        Status::Red => "red",
    }
}
