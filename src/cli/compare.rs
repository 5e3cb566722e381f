//! `showerforge compare`: what changed between two validations?

use std::path::{Path, PathBuf};

use validation::report::model::ValidationReport;
use validation::report::{compare_reports, comparison_markdown, comparison_text, from_json};

use super::print;
use crate::Error;
use crate::files::{self, FileError, write_atomically};

/// Compare two reports: which figures became better or worse beyond their errors
///
/// Other thresholds, references or settings are warned of first. What changed is printed; it does
/// not change the exit status, which is 0 unless the reports cannot be compared.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  showerforge compare main/report.json branch/report.json\n  showerforge compare main branch --markdown > comment.md"
)]
pub struct Args {
    /// report.json of the first validation, or its folder
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// report.json of the second validation, or its folder
    #[arg(value_name = "AFTER")]
    after: PathBuf,
    /// Write comparison.json and comparison.md into this folder
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Print JSON with every change
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print Markdown, for a pull request
    #[arg(long)]
    markdown: bool,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

impl Args {
    /// # Errors
    /// Reports that cannot be read or compared, or an output that exists or cannot be written.
    pub fn run(&self) -> Result<(), Error> {
        let comparison = compare_reports(&read(&self.before)?, &read(&self.after)?)?;
        let markdown = comparison_markdown(&comparison);
        let json = comparison.to_json()?;
        if let Some(folder) = &self.output {
            fs_err::create_dir_all(folder).map_err(|source| FileError::creating(folder, source))?;
            for (name, text) in [("comparison.json", &json), ("comparison.md", &markdown)] {
                write_atomically(&folder.join(name), text.as_bytes(), self.force)?;
            }
        }
        let text = match (self.json, self.markdown) {
            (true, _) => json,
            (false, true) => markdown,
            (false, false) => comparison_text(&comparison),
        };
        Ok(print(&text)?)
    }
}

fn read(path: &Path) -> Result<ValidationReport, Error> {
    let path = if path.is_dir() { path.join("report.json") } else { path.to_owned() };
    let text = files::read_to_string(&path)?;
    from_json(&text).map_err(|source| Error::ReportFile { path, source })
}
