use std::path::Path;

use super::catalogue::Catalogue;
use super::page::page;
use super::read::Runs;
use super::summary::Summary;
use super::tables::tables;
use crate::files::{FileError, write_atomically};
use crate::suite::SuiteError;

/// The page, one file that loads nothing.
pub const REPORT: &str = "report.html";
/// The numbers of all tables.
pub const SUMMARY_JSON: &str = "summary.json";
/// The same, a line for each number.
pub const SUMMARY_CSV: &str = "summary.csv";

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

    /// Writes [`REPORT`], [`SUMMARY_JSON`] and [`SUMMARY_CSV`] into a folder.
    ///
    /// # Errors
    /// The folder cannot be made, or a file exists and `force` is not set, or cannot be written.
    pub fn write(&self, folder: &Path, force: bool) -> Result<(), SuiteError> {
        std::fs::create_dir_all(folder)
            .map_err(|source| FileError::Create { path: folder.to_owned(), source })?;
        let files = [
            (REPORT, self.html.as_str()),
            (SUMMARY_JSON, &self.summary.json()),
            (SUMMARY_CSV, &self.summary.csv()),
        ];
        // Nothing is replaced if one of them may not be.
        for (name, _) in files.iter().filter(|_| !force) {
            let path = folder.join(name);
            if path.exists() {
                return Err(FileError::Exists { path }.into());
            }
        }
        for (name, text) in files {
            write_atomically(&folder.join(name), text.as_bytes(), force)?;
        }
        Ok(())
    }
}
