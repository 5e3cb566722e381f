//! Figures by topic, each topic with its tables.

use serde::Serialize;

use super::table::HtmlTable;
use super::text::base64;
use super::{condition_tables, tests_table};
use crate::plots::{PNG_SCALE, render_png};
use crate::report::error::ReportError;
use crate::report::figures::{Figure, FigureSet, conditions};
use crate::report::model::ValidationReport;

/// Figures with more bytes than this are put into the page as pixels.
const LARGEST_SVG: usize = 400_000;
/// Beyond so many bytes of figures, a page holds no second forms of them.
const LARGEST_PAGE: usize = 12_000_000;

/// Figures and tables that belong together.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Section {
    pub name: String,
    pub anchor: String,
    pub figures: Vec<FigureView>,
    pub tables: Vec<HtmlTable>,
}

/// A figure on the page.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FigureView {
    pub stem: String,
    pub title: String,
    pub class: String,
    /// HTML of the form that is shown first, and of the other.
    pub picture: String,
    pub other: Option<String>,
    /// What the form that is shown first and the other are called.
    pub names: [String; 2],
}

/// Sections in the order of their first figure; topics without a figure follow.
pub(super) fn sections(
    report: &ValidationReport,
    figures: &FigureSet,
) -> Result<Vec<Section>, ReportError> {
    let mut sections: Vec<Section> = vec![];
    let mut bytes = 0;
    for figure in figures.figures.iter().filter(|figure| figure.on_page) {
        let view = view(figure, &mut bytes)?;
        of_name(&mut sections, &figure.section).figures.push(view);
    }
    for topic in tests_table::topics(report) {
        of_name(&mut sections, &topic).tables.extend(tests_table::all_tests(report, &topic));
    }
    for condition in condition_tables::all(report) {
        let tables = condition_tables::tables(report, &condition);
        of_name(&mut sections, &conditions::section(&condition)).tables.extend(tables);
    }
    for (index, section) in sections.iter_mut().enumerate() {
        section.anchor = format!("section-{}", index + 1);
    }
    Ok(sections)
}

fn of_name<'a>(sections: &'a mut Vec<Section>, name: &str) -> &'a mut Section {
    let index = sections.iter().position(|section| section.name == name).unwrap_or_else(|| {
        sections.push(Section { name: name.to_owned(), ..Section::default() });
        sections.len() - 1
    });
    &mut sections[index]
}

fn view(figure: &Figure, bytes: &mut usize) -> Result<FigureView, ReportError> {
    let class = match figure.width {
        ..500 => "compact",
        500..=700 => "",
        _ => "whole",
    };
    let (first, second) = match &figure.variant {
        Some(variant) if variant.first => (&variant.svg, Some(&figure.svg)),
        variant => (&figure.svg, variant.as_ref().map(|variant| &variant.svg)),
    };
    let picture = picture(first, figure.width)?;
    *bytes += picture.len();
    let other = match second {
        Some(svg) if svg.len() <= LARGEST_SVG && *bytes + svg.len() <= LARGEST_PAGE => {
            *bytes += svg.len();
            Some(svg.clone())
        }
        _ => None,
    };
    let mut names = figure.variant.as_ref().map_or([""; 2], |variant| variant.names);
    if figure.variant.as_ref().is_some_and(|variant| variant.first) {
        names.reverse();
    }
    Ok(FigureView {
        stem: figure.stem.clone(),
        title: figure.title.clone(),
        class: class.to_owned(),
        picture,
        other,
        names: names.map(str::to_owned),
    })
}

/// The figure's SVG, or pixels where it is very large.
fn picture(svg: &str, width: u32) -> Result<String, ReportError> {
    if svg.len() <= LARGEST_SVG {
        return Ok(svg.to_owned());
    }
    let data = base64(&render_png(svg, PNG_SCALE)?);
    Ok(format!("<img alt=\"\" width=\"{width}\" src=\"data:image/png;base64,{data}\">"))
}
