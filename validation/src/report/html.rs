//! The report as one self-contained web page.

use std::fmt::Write as _;

use detectors::Family;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};

use super::error::ReportError;
use super::figures::{Figure, FigureSet, observable_stem};
use super::model::{ObservableComparison, Status, ValidationReport, WithFloor};
use super::wording::{conditions, energy, verdict_sentence};
use crate::plots::font::{BOLD, REGULAR};
use crate::plots::{PNG_SCALE, Script, grouped, number, parse_scripts, render_png};

/// The name ends in `.html`, which makes the engine escape what is filled in.
const TEMPLATE_NAME: &str = "report.html";
const TEMPLATE: &str = include_str!("template.html");
/// Figures with more bytes than this are put into the page as pixels.
const LARGEST_SVG: usize = 400_000;
/// In every column of the table of observables, so many of the largest values are marked.
const WORST: usize = 3;

/// Renders the page. It holds its figures, styles and fonts, and loads nothing.
///
/// # Errors
/// If a large figure cannot be rendered as pixels; a template error would be a defect.
pub fn render_html(report: &ValidationReport, figures: &FigureSet) -> Result<String, ReportError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.add_filter("rich", |label: String| Value::from_safe_string(rich(&label)));
    environment.add_filter("num", |value: f64| Value::from_safe_string(rich(&number(value))));
    environment.add_filter("count", grouped);
    environment.add_filter("energy", energy);
    environment.add_template(TEMPLATE_NAME, TEMPLATE)?;
    let page = environment.get_template(TEMPLATE_NAME)?.render(context! {
        report => Value::from(Serde(report)),
        verdict_sentence => verdict_sentence(&report.models[0]),
        verdict_class => verdict_class(report),
        calorimeter => report.detector.family == Family::Calorimeter,
        reference_conditions => conditions(&report.reference),
        generated_conditions => conditions(&report.models[0].generated),
        groups => groups(report, figures),
        sections => sections(figures)?,
        missing => &figures.missing,
        remarks => &figures.remarks,
        font_regular => base64(REGULAR),
        font_bold => base64(BOLD),
    })?;
    Ok(page)
}

fn verdict_class(report: &ValidationReport) -> &'static str {
    match report.models[0].verdict.status {
        Status::Abstained => "none",
        Status::Green | Status::Amber => "passed",
        Status::Red => "failed",
    }
}

/// The rows of the table of observables by group, in the order of the first of each group.
fn groups(report: &ValidationReport, figures: &FigureSet) -> Vec<Value> {
    let mut names: Vec<&str> = vec![];
    for observable in &report.models[0].observables {
        if !names.contains(&observable.group.as_str()) {
            names.push(&observable.group);
        }
    }
    let all = &report.models[0].observables;
    let limits = [
        worst_limit(all, |one| one.ks),
        worst_limit(all, |one| one.chi2_per_ndf),
        worst_limit(all, |one| one.separation),
    ];
    let row = |observable: &ObservableComparison| {
        let stem = observable_stem(&observable.name);
        let has_figure = figures.figures.iter().any(|figure| figure.stem == stem);
        context! {
            observable => Value::from(Serde(observable)),
            anchor => has_figure.then_some(stem),
            worst_ks => observable.ks.value >= limits[0],
            worst_chi2 => observable.chi2_per_ndf.value >= limits[1],
            worst_separation => observable.separation.value >= limits[2],
        }
    };
    let group = |name: &&str| {
        let rows = all.iter().filter(|one| one.group == *name).map(row);
        context! { name => *name, rows => rows.collect::<Vec<_>>() }
    };
    names.iter().map(group).collect()
}

/// The smallest of the worst values, or infinity where there are too few for a ranking.
fn worst_limit(
    observables: &[ObservableComparison],
    select: impl Fn(&ObservableComparison) -> WithFloor,
) -> f64 {
    let mut values: Vec<f64> =
        observables.iter().map(|one| select(one).value).filter(|value| value.is_finite()).collect();
    values.sort_by(|a, b| b.total_cmp(a));
    if values.len() > WORST { values[WORST - 1] } else { f64::INFINITY }
}

/// Sections of figures in the order of their first figure.
fn sections(figures: &FigureSet) -> Result<Vec<Value>, ReportError> {
    let mut sections: Vec<(&str, Vec<Value>)> = vec![];
    for figure in &figures.figures {
        let value = context! {
            stem => figure.stem.as_str(),
            title => figure.title.as_str(),
            width => figure.width,
            picture => Value::from_safe_string(picture(figure)?),
        };
        match sections.iter_mut().find(|(name, _)| *name == figure.section) {
            Some((_, values)) => values.push(value),
            None => sections.push((&figure.section, vec![value])),
        }
    }
    let section = |(index, (name, figures)): (usize, (&str, Vec<Value>))| {
        context! { name, figures, anchor => format!("section-{}", index + 1) }
    };
    Ok(sections.into_iter().enumerate().map(section).collect())
}

/// The figure's SVG, or pixels where it is very large.
fn picture(figure: &Figure) -> Result<String, ReportError> {
    if figure.svg.len() <= LARGEST_SVG {
        return Ok(figure.svg.clone());
    }
    let data = base64(&render_png(&figure.svg, PNG_SCALE)?);
    let width = figure.width;
    Ok(format!("<img alt=\"\" width=\"{width}\" src=\"data:image/png;base64,{data}\">"))
}

/// A label as HTML: escaped, with its subscripts and superscripts.
fn rich(label: &str) -> String {
    let mut html = String::new();
    for run in parse_scripts(label) {
        let text = escape(&run.text);
        // Writing to a `String` cannot fail.
        let _ = match run.script {
            Script::Line => write!(html, "{text}"),
            Script::Sub => write!(html, "<sub>{text}</sub>"),
            Script::Super => write!(html, "<sup>{text}</sup>"),
        };
    }
    html
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// RFC 4648's base64 with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for position in 0..4 {
            let digit = group >> (18 - 6 * position) & 0x3f;
            let padding = position > chunk.len();
            text.push(if padding { '=' } else { char::from(DIGITS[digit as usize]) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_follows_rfc_4648() {
        let cases =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (plain, encoded) in cases {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn labels_are_escaped_inside_of_scripts_too() {
        assert_eq!(rich("E_tot < x^{<b>}"), "E<sub>tot</sub> &lt; x<sup>&lt;b&gt;</sup>");
    }
}
