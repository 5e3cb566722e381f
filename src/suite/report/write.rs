use std::path::{Path, PathBuf};

use super::catalogue::Catalogue;
use super::page::page;
use super::read::Runs;
use super::summary::Summary;
use super::tables::tables;
use crate::files::{FileError, write_atomically};
use crate::suite::SuiteError;

/// A report that is yet to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub html: String,
    pub summary: Summary,
}

impl Report {
    /// Reads the folder of a suite and draws its report.
    ///
    /// # Errors
    /// No such folder, or one in which a suite has never run. What is damaged or missing inside of
    /// it is no error: the report says so.
    pub fn of_folder(folder: &Path, catalogue: &Catalogue) -> Result<Self, SuiteError> {
        let runs = Runs::read(folder)?;
        let tables = tables(&runs.runs, catalogue);
        let (html, notes) = page(&runs, &tables, catalogue)?;
        let summary = Summary::new(&runs, &tables, notes);
        Ok(Self { html, summary })
    }

    /// Writes the page and its numbers to [`ReportPaths::of`] an output.
    ///
    /// # Errors
    /// The folder cannot be made, or a file exists and `force` is not set, or cannot be written.
    pub fn write(&self, output: &Path, force: bool) -> Result<ReportPaths, SuiteError> {
        let paths = ReportPaths::of(output);
        if let Some(folder) = paths.page.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|source| FileError::Create { path: folder.to_owned(), source })?;
        }
        let files = [
            (&paths.page, self.html.as_str()),
            (&paths.json, &self.summary.json()),
            (&paths.csv, &self.summary.csv()),
        ];
        // Nothing is replaced if one of them may not be.
        for (path, _) in files.iter().filter(|_| !force) {
            if path.exists() {
                return Err(FileError::Exists { path: path.to_path_buf() }.into());
            }
        }
        for (path, text) in files {
            write_atomically(path, text.as_bytes(), force)?;
        }
        Ok(paths)
    }
}

/// Where a report is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportPaths {
    /// One file that loads nothing.
    pub page: PathBuf,
    /// The numbers of all tables.
    pub json: PathBuf,
    /// The same, a line for each number.
    pub csv: PathBuf,
}

impl ReportPaths {
    /// `report.html`, `summary.json` and `summary.csv` in a folder; for a name that ends in `.html`
    /// that page, with `NAME.json` and `NAME.csv` beside it.
    pub fn of(output: &Path) -> Self {
        if output.extension().is_some_and(|extension| extension == "html") {
            let other = |extension: &str| output.with_extension(extension);
            return Self { page: output.to_owned(), json: other("json"), csv: other("csv") };
        }
        let inside = |name: &str| output.join(name);
        Self {
            page: inside("report.html"),
            json: inside("summary.json"),
            csv: inside("summary.csv"),
        }
    }
}
