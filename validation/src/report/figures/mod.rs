//! All figures of a report, with the section that each belongs to.

mod classifiers;
pub(super) mod conditions;
mod correlations;
mod events;
mod job;
mod layers;
mod observables;
mod overview;
mod physics;
mod response;
mod training;

use rayon::prelude::*;

use super::model::ValidationReport;
use super::options::FigureStyle;
use crate::plots::{FigureContext, PlotError, Table, Units};
pub use events::event_figures;
use job::Job;
pub(super) use observables::observable_stem;

/// A drawn figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Name of its files without the extension, and its anchor on the page.
    pub stem: String,
    pub section: String,
    pub title: String,
    pub svg: String,
    /// The same with another vertical axis, mostly logarithmic, where that shows more.
    pub variant: Option<Variant>,
    /// The numbers behind it.
    pub table: Option<Table>,
    /// Width in CSS pixels.
    pub width: u32,
    /// Whether it stands on the page, besides its files.
    pub on_page: bool,
}

/// Another form of a figure.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Its files are named `STEM_log`.
    pub svg: String,
    /// Whether the page shows this form first.
    pub first: bool,
    /// What the figure and this form of it are called.
    pub names: [&'static str; 2],
}

/// The figures of a report in its order, and why others are missing.
#[derive(Debug, Clone, Default)]
pub struct FigureSet {
    pub figures: Vec<Figure>,
    /// Title of a figure that could not be drawn, and the reason.
    pub missing: Vec<(String, String)>,
    /// What was left out on purpose: figures of detectors with many layers or observables.
    pub remarks: Vec<String>,
}

/// Draws every figure of the report, in parallel.
///
/// A figure that cannot be drawn, such as the image of a layer without energy, does not stop the
/// report: it is listed as missing.
#[must_use]
pub fn draw_figures(report: &ValidationReport, style: &FigureStyle) -> FigureSet {
    let units = Units::of_summary(&report.detector);
    let mut jobs = overview::jobs(report);
    jobs.extend(training::jobs(report));
    jobs.extend(response::jobs(report));
    let (conditions, condition_remarks) = conditions::jobs(report);
    jobs.extend(conditions);
    let (observables, observable_remarks) = observables::jobs(report);
    jobs.extend(observables);
    jobs.extend(physics::jobs(report));
    jobs.extend(correlations::jobs(report));
    let (layers, layer_remarks) = layers::jobs(report, &units);
    jobs.extend(layers);
    jobs.extend(classifiers::jobs(report));
    job::make_stems_unique(&mut jobs);

    let draw = |job: &Job| -> Result<(String, Option<Variant>), PlotError> {
        let context = FigureContext {
            title: &report.detector.title,
            subtitle: &job.subtitle,
            label: style.label.as_deref(),
            style: style.style,
        };
        let svg = job.plot.svg(&context, job.size)?;
        let variant = match &job.variant {
            Some(form) => Some(Variant {
                svg: form.plot.svg(&context, job.size)?,
                first: form.first,
                names: form.names,
            }),
            None => None,
        };
        Ok((svg, variant))
    };
    let drawn: Vec<_> = jobs.par_iter().map(draw).collect();
    let remarks = [condition_remarks, observable_remarks, layer_remarks].concat();
    let mut set = FigureSet { remarks, ..FigureSet::default() };
    for (job, drawn) in jobs.into_iter().zip(drawn) {
        let table = job.plot.table();
        let Job { stem, section, title, size, on_page, .. } = job;
        match drawn {
            Ok((svg, variant)) => {
                let width = svg_width(&svg).unwrap_or(size.width);
                let figure = Figure { stem, section, title, svg, variant, table, width, on_page };
                set.figures.push(figure);
            }
            Err(error) => set.missing.push((title, error.to_string())),
        }
    }
    set
}

/// The width of a figure, which some choose themselves.
fn svg_width(svg: &str) -> Option<u32> {
    svg.split_once("width=\"")?.1.split_once('"')?.0.parse().ok()
}
