//! All files of a report.

use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::error::ReportError;
use super::figures::{Figure, draw_figures};
use super::html::render_html;
use super::json::to_json;
use super::model::ValidationReport;
use crate::plots::{PNG_SCALE, render_png};

/// Where the report's files go; the caller decides how they are written, such as atomically.
///
/// A closure `Fn(&Path, &[u8]) -> io::Result<()>` is one.
pub trait FileSink: Sync {
    /// Writes a file at a path relative to the report's folder, and the folders above it.
    ///
    /// # Errors
    /// If the file cannot be written.
    fn write(&self, relative: &Path, bytes: &[u8]) -> io::Result<()>;
}

impl<F: Fn(&Path, &[u8]) -> io::Result<()> + Sync> FileSink for F {
    fn write(&self, relative: &Path, bytes: &[u8]) -> io::Result<()> {
        self(relative, bytes)
    }
}

/// Writes `report.json`, `figures/*.svg`, `figures/*.png` and, last, `report.html`.
///
/// # Returns
/// The relative paths of all files.
///
/// # Errors
/// If a figure cannot be rendered as PNG, or a file cannot be written. A figure that cannot be
/// drawn at all is named on the page instead.
pub fn write_report(
    report: &ValidationReport,
    sink: &impl FileSink,
) -> Result<Vec<PathBuf>, ReportError> {
    let figures = draw_figures(report);
    let json = PathBuf::from("report.json");
    write(sink, &json, to_json(report)?.as_bytes())?;
    let written: Result<Vec<[PathBuf; 2]>, ReportError> =
        figures.figures.par_iter().map(|figure| write_figure(figure, sink)).collect();
    let page = PathBuf::from("report.html");
    write(sink, &page, render_html(report, &figures)?.as_bytes())?;
    let mut paths = vec![page, json];
    paths.extend(written?.into_iter().flatten());
    Ok(paths)
}

fn write_figure(figure: &Figure, sink: &impl FileSink) -> Result<[PathBuf; 2], ReportError> {
    let path = |extension: &str| Path::new("figures").join(format!("{}.{extension}", figure.stem));
    let (svg, png) = (path("svg"), path("png"));
    write(sink, &svg, figure.svg.as_bytes())?;
    write(sink, &png, &render_png(&figure.svg, PNG_SCALE)?)?;
    Ok([svg, png])
}

fn write(sink: &impl FileSink, path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    sink.write(path, bytes).map_err(|source| ReportError::Write { path: path.to_owned(), source })
}
