//! A comparison as text for a terminal and as Markdown.

use std::fmt::Write as _;

use super::{FigureChange, ModelChange, ReportComparison};
use crate::plots::{plain_text, with_error};
use crate::report::model::{Status, WithFloor};
use crate::report::text_table::table;

/// Changes that are listed of a model; JSON has all.
const LISTED: usize = 25;

/// A table for a terminal.
#[must_use]
pub fn comparison_text(comparison: &ReportComparison) -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    for warning in &comparison.warnings {
        let _ = writeln!(text, "Warning: {warning}");
    }
    for model in &comparison.models {
        let _ = writeln!(text, "\n{}", heading(model));
        let _ = writeln!(text, "{}", counts(model, comparison.sigmas));
        text += &table(&criteria(model), &[]);
        text += &table(&changes(model, figure), &[4]);
        if model.changes.len() > LISTED {
            let _ = writeln!(text, "… and {} more", model.changes.len() - LISTED);
        }
    }
    text.trim_start().to_owned()
}

/// A comment for a pull request.
#[must_use]
pub fn comparison_markdown(comparison: &ReportComparison) -> String {
    let mut text = format!("### Validation: {}\n", escaped(&comparison.detector));
    // Writing to a `String` cannot fail.
    for warning in &comparison.warnings {
        let _ = write!(text, "\n> **Warning:** {}\n", escaped(warning));
    }
    for model in &comparison.models {
        let _ = write!(text, "\n**{}**\n\n", escaped(&heading(model)));
        let _ = writeln!(text, "{}", counts(model, comparison.sigmas));
        text += &markdown_table(&criteria(model));
        text += &markdown_table(&changes(model, figure));
        if model.changes.len() > LISTED {
            let _ = writeln!(text, "\n… and {} more.", model.changes.len() - LISTED);
        }
    }
    text
}

fn heading(model: &ModelChange) -> String {
    let name = if model.before == model.after {
        model.after.clone()
    } else {
        format!("{} → {}", model.before, model.after)
    };
    let (before, after) = (word(model.verdict_before), word(model.verdict_after));
    if before == after {
        format!("{name}: {after}, as before")
    } else {
        format!("{name}: {before} → {after}")
    }
}

fn counts(model: &ModelChange, sigmas: f64) -> String {
    let (better, worse) = model.counts();
    let mut text = format!(
        "Of {} figures {better} are better and {worse} worse by more than {sigmas} standard \
         errors; {:.0} would be by chance.",
        model.compared,
        model.expected_by_chance(sigmas)
    );
    if model.without_error > 0 {
        let _ = write!(text, " {} differ and have no error.", model.without_error);
    }
    text
}

fn criteria(model: &ModelChange) -> Vec<Vec<String>> {
    let mut rows = vec![row(["criterion", "before", "after", "judged before", "judged after"])];
    for one in &model.criteria {
        rows.push(vec![
            plain_text(&one.name),
            word(one.before).to_owned(),
            word(one.after).to_owned(),
            plain_text(&with_error(one.judged_before, f64::NAN)),
            plain_text(&with_error(one.judged_after, f64::NAN)),
        ]);
    }
    rows
}

fn changes(model: &ModelChange, figure: fn(&WithFloor) -> String) -> Vec<Vec<String>> {
    let mut rows = vec![row(["change", "figure", "before", "after", "sigmas"])];
    for one in model.changes.iter().take(LISTED) {
        rows.push(vec![
            change_word(one).to_owned(),
            one.name.clone(),
            figure(&one.before),
            figure(&one.after),
            format!("{:.1}", one.sigmas),
        ]);
    }
    rows
}

fn change_word(change: &FigureChange) -> &'static str {
    if change.is_better() { "better" } else { "WORSE" }
}

fn figure(figure: &WithFloor) -> String {
    plain_text(&with_error(figure.value, figure.error))
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Abstained => "no verdict",
        Status::Green => "green",
        Status::Amber => "amber",
        Status::Red => "red",
    }
}

fn row<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

/// Nothing if there is only the header.
fn markdown_table(rows: &[Vec<String>]) -> String {
    if rows.len() < 2 {
        return String::new();
    }
    let mut text = "\n".to_owned();
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "| {} |", cells.join(" | "));
        if index == 0 {
            let _ = writeln!(text, "|{}", "---|".repeat(row.len()));
        }
    }
    text
}

/// What Markdown would take for markup is shown as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if r"\`*_[]<>|#~".contains(character) {
            escaped.push('\\');
        }
        escaped.push(if character == '\n' { ' ' } else { character });
    }
    escaped
}
