//! The report as one self-contained web page.

mod charts;
mod exact;
mod overview;
mod pictures;
mod problem;
mod problem_tables;
mod start;
mod table;

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::catalogue::Catalogue;
use super::notes::Notes;
use super::overall::overall;
use super::read::Runs;
use super::tables::ProblemTable;
use crate::suite::SuiteError;

/// The name ends in `.html`, which makes the engine escape what is filled in.
const TEMPLATE_NAME: &str = "suite.html";
const TEMPLATE: &str = include_str!("template.html");
const STYLE: &str = include_str!("style.css");

/// The page, and everything that it says to be missing.
///
/// # Errors
/// A template that cannot be filled, which would be a defect.
pub fn page(
    runs: &Runs,
    tables: &[ProblemTable<'_>],
    catalogue: &Catalogue,
) -> Result<(String, Vec<String>), SuiteError> {
    let mut notes = Notes::new(runs.notes.clone());
    let problems: Vec<problem::ProblemView> =
        tables.iter().map(|table| problem::view(table, catalogue, &mut notes)).collect();
    let notes = notes.into_all();
    let ranks = overall(tables);
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut render = || {
        environment.add_template(TEMPLATE_NAME, TEMPLATE)?;
        environment.get_template(TEMPLATE_NAME)?.render(context! {
            style => Value::from_safe_string(STYLE.to_owned()),
            facts => start::facts(runs),
            banners => Value::from(Serde(start::banners(runs, tables))),
            failures => Value::from(Serde(start::failures(runs))),
            contents => Value::from(Serde(overview::contents(tables))),
            overview => Value::from(Serde(overview::view(tables, &ranks, catalogue))),
            problems => Value::from(Serde(&problems)),
            exact => Value::from(Serde(runs.exact.as_ref().map(exact::view))),
            sources => Value::from(Serde(start::sources(tables))),
            systems => Value::from(Serde(start::systems(runs, catalogue))),
            notes => &notes,
        })
    };
    let html = render().map_err(|error: minijinja::Error| SuiteError::Report(error.to_string()))?;
    Ok((html, notes))
}
