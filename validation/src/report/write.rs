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
    let figure_files =
        |figure: &Figure| write_figure(&Path::new("figures").join(&figure.stem), &figure.svg, sink);
    let written: Result<Vec<[PathBuf; 2]>, ReportError> =
        figures.figures.par_iter().map(figure_files).collect();
    let page = PathBuf::from("report.html");
    write(sink, &page, render_html(report, &figures)?.as_bytes())?;
    let mut paths = vec![page, json];
    paths.extend(written?.into_iter().flatten());
    Ok(paths)
}

/// Writes a figure as `PATH.svg` and `PATH.png`, such as an event display.
///
/// # Returns
/// Both paths.
///
/// # Errors
/// If it cannot be rendered as PNG, or a file cannot be written.
pub fn write_figure(
    path: &Path,
    svg: &str,
    sink: &impl FileSink,
) -> Result<[PathBuf; 2], ReportError> {
    let named = |extension: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(extension);
        PathBuf::from(name)
    };
    let (svg_path, png_path) = (named(".svg"), named(".png"));
    write(sink, &svg_path, svg.as_bytes())?;
    write(sink, &png_path, &render_png(svg, PNG_SCALE)?)?;
    Ok([svg_path, png_path])
}

fn write(sink: &impl FileSink, path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    sink.write(path, bytes).map_err(|source| ReportError::Write { path: path.to_owned(), source })
}
