//! All files of a report.

use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::error::ReportError;
use super::exports::{HepDataTable, submission, to_csv, to_hepdata};
use super::figures::{Figure, FigureSet, draw_figures};
use super::json::to_json;
use super::model::ValidationReport;
use super::options::{FigureFormats, ReportOptions};
use super::page::render_html;
use crate::plots::{PNG_SCALE, Rendered, Table, plain_text};

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

/// Writes `report.json`, the figures and their numbers, and, last, `report.html`.
///
/// A figure is in `figures/NAME.svg`, `.png` and `.pdf`, its logarithmic variant in `NAME_log`, and
/// its numbers are in `figures/NAME.csv`; `hepdata/` holds a submission to HEPData.
///
/// # Returns
/// The relative paths of all files.
///
/// # Errors
/// If a figure cannot be rendered, or a file cannot be written. A figure that cannot be drawn at
/// all is named on the page instead.
pub fn write_report(
    report: &ValidationReport,
    options: &ReportOptions,
    sink: &impl FileSink,
) -> Result<Vec<PathBuf>, ReportError> {
    let mut figures = draw_figures(report, &options.style);
    figures.figures.extend(options.more_figures.iter().cloned());
    let json = PathBuf::from("report.json");
    write(sink, &json, to_json(report)?.as_bytes())?;
    let one = |figure: &Figure| write_all_of_figure(figure, options, sink);
    let written: Result<Vec<Vec<PathBuf>>, ReportError> =
        figures.figures.par_iter().map(one).collect();
    let mut paths: Vec<PathBuf> = written?.into_iter().flatten().collect();
    if options.hepdata {
        paths.extend(write_hepdata(report, &figures, sink)?);
    }
    let page = PathBuf::from("report.html");
    write(sink, &page, render_html(report, &figures)?.as_bytes())?;
    paths.extend([json, page]);
    Ok(paths)
}

fn write_all_of_figure(
    figure: &Figure,
    options: &ReportOptions,
    sink: &impl FileSink,
) -> Result<Vec<PathBuf>, ReportError> {
    let path = Path::new("figures").join(&figure.stem);
    let title = plain_text(&figure.title);
    let mut paths = write_figure_in(&path, &figure.svg, &title, options.formats, sink)?;
    if let Some(variant) = &figure.variant {
        let path = with_ending(&path, "_log");
        paths.extend(write_figure_in(&path, &variant.svg, &title, options.formats, sink)?);
    }
    if let (true, Some(table)) = (options.csv, &figure.table) {
        let path = with_ending(&path, ".csv");
        write(sink, &path, to_csv(table).as_bytes())?;
        paths.push(path);
    }
    Ok(paths)
}

fn write_hepdata(
    report: &ValidationReport,
    figures: &FigureSet,
    sink: &impl FileSink,
) -> Result<Vec<PathBuf>, ReportError> {
    let with_table: Vec<(String, String, &Table)> = figures
        .figures
        .iter()
        .filter_map(|figure| {
            let table = figure.table.as_ref()?;
            Some((format!("{}.yaml", figure.stem), plain_text(&figure.title), table))
        })
        .collect();
    let folder = Path::new("hepdata");
    let mut paths = Vec::new();
    for (file, _, table) in &with_table {
        let path = folder.join(file);
        write(sink, &path, to_hepdata(table).as_bytes())?;
        paths.push(path);
    }
    let tables: Vec<HepDataTable> =
        with_table.iter().map(|(file, title, table)| HepDataTable { title, file, table }).collect();
    if tables.is_empty() {
        return Ok(paths);
    }
    let comment = format!("{}: generated events against reference.", report.detector.title);
    let phrases = ["fast simulation", report.detector.particle.as_str()];
    let phrases: Vec<&str> = phrases.into_iter().filter(|phrase| !phrase.is_empty()).collect();
    let path = folder.join("submission.yaml");
    write(sink, &path, submission(&comment, &phrases, &tables).as_bytes())?;
    paths.push(path);
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
) -> Result<Vec<PathBuf>, ReportError> {
    write_figure_in(path, svg, "", FigureFormats { pdf: false, ..FigureFormats::ALL }, sink)
}

/// Writes a figure in the formats that are asked for.
///
/// # Returns
/// The paths.
///
/// # Errors
/// If it cannot be rendered, or a file cannot be written.
pub fn write_figure_in(
    path: &Path,
    svg: &str,
    title: &str,
    formats: FigureFormats,
    sink: &impl FileSink,
) -> Result<Vec<PathBuf>, ReportError> {
    let mut paths = Vec::new();
    let mut put = |ending: &str, bytes: &[u8]| {
        let path = with_ending(path, ending);
        write(sink, &path, bytes)?;
        paths.push(path);
        Ok::<(), ReportError>(())
    };
    if formats.svg {
        put(".svg", svg.as_bytes())?;
    }
    if formats.png || formats.pdf {
        let rendered = Rendered::of(svg)?;
        if formats.png {
            put(".png", &rendered.png(PNG_SCALE)?)?;
        }
        if formats.pdf {
            put(".pdf", &rendered.pdf(title)?)?;
        }
    }
    Ok(paths)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn write(sink: &impl FileSink, path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    sink.write(path, bytes).map_err(|source| ReportError::Write { path: path.to_owned(), source })
}
