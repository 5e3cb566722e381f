//! The report as one self-contained web page.

mod checks;
mod condition_tables;
mod provenance;
mod sections;
mod table;
mod tests_table;
mod text;
mod verdict;

use detectors::Family;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};

use super::error::ReportError;
use super::figures::FigureSet;
use super::model::ValidationReport;
use crate::plots::font::{BOLD, REGULAR};
use crate::plots::grouped;
use text::{base64, rich, rich_number};

/// The name ends in `.html`, which makes the engine escape what is filled in.
const TEMPLATE_NAME: &str = "report.html";
const TEMPLATE: &str = include_str!("template.html");
const STYLE: &str = include_str!("style.css");

/// Renders the page. It holds its figures, styles and fonts, and loads nothing.
///
/// # Errors
/// If a large figure cannot be rendered as pixels; a template error would be a defect.
pub fn render_html(report: &ValidationReport, figures: &FigureSet) -> Result<String, ReportError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.add_filter("rich", |label: String| Value::from_safe_string(rich(&label)));
    environment.add_filter("num", |value: f64| Value::from_safe_string(rich_number(value)));
    environment.add_filter("count", grouped);
    environment.add_template(TEMPLATE_NAME, TEMPLATE)?;
    let settings = serde_json::to_string_pretty(&report.settings)?;
    let names: Vec<&str> = report.models.iter().map(|model| model.name.as_str()).collect();
    let page = environment.get_template(TEMPLATE_NAME)?.render(context! {
        report => Value::from(Serde(report)),
        names => names.join(", "),
        style => Value::from_safe_string(STYLE.to_owned()),
        calorimeter => report.detector.family == Family::Calorimeter,
        banners => Value::from(Serde(verdict::banners(report))),
        verdict_table => Value::from(Serde(verdict::table(report))),
        samples => Value::from(Serde(provenance::samples(report))),
        files => Value::from(Serde(provenance::files(report))),
        command => provenance::command(report),
        settings => settings,
        condition_checks => Value::from(Serde(checks::conditions(report))),
        sample_checks => Value::from(Serde(checks::samples(report))),
        classifier_table => Value::from(Serde(checks::classifiers(report))),
        distances => Value::from(Serde(checks::distances(report))),
        timing => Value::from(Serde(checks::timing(report))),
        observables => Value::from(Serde(tests_table::main_table(report, figures))),
        sections => Value::from(Serde(sections::sections(report, figures)?)),
        missing => &figures.missing,
        remarks => &figures.remarks,
        font_regular => base64(REGULAR),
        font_bold => base64(BOLD),
    })?;
    Ok(page)
}
