//! `showerforge verify`: are these files what they say they are?

use std::path::{Path, PathBuf};

use detectors::Detector;

use super::detector_args::DetectorArgs;
use super::print;
use super::progress::Progress;
use crate::Error;
use crate::events::{expand, identify};
use crate::generate::{ProductionError, Regenerated, Surrogate, Verification, verify};

/// Check generated files: checksums, counts, values, and by their model the events
///
/// Looks at the checksum (FILE.sha256) and the record (FILE.json) beside each file, if they are
/// there, at its structure and number of events, and that all values are finite, not negative and
/// not between 0 and the read-out threshold; compares the conditions with those that the file's own
/// settings give. With --model, events are generated again and compared bit for bit. Exits with 65
/// if anything differs.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  showerforge verify production/*.h5\n  showerforge verify production/*.h5 --model model.safetensors --events 100"
)]
pub struct Args {
    /// Files, or patterns whose files are taken in alphabetical order
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The model that made them: some of their events are made again
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// How many events of each file are made again
    #[arg(long, value_name = "K", default_value_t = 20, requires = "model")]
    events: u64,
    /// Make all events again
    #[arg(long, requires = "model", conflicts_with_all = ["events", "seed"])]
    all: bool,
    /// Seed of the choice of events [default: from the SHA-256 of each file]
    #[arg(long, requires = "model")]
    seed: Option<u64>,
    #[command(flatten)]
    detector: DetectorArgs,
    /// Print the results as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    /// # Errors
    /// A file that does not exist or a model that cannot be read; or a file is not what it should be.
    pub fn run(&self) -> Result<(), Error> {
        let surrogate = self.model.as_deref().map(Surrogate::open).transpose()?;
        let choice = match self.all {
            true => Regenerated::All,
            false => Regenerated::Sample { events: self.events, seed: self.seed },
        };
        let paths = expand(&self.files)?;
        let mut progress = Progress::new("verifying", "files", paths.len() as u64);
        let mut found = Vec::new();
        for path in &paths {
            let detector = match (&surrogate, self.detector.open()?) {
                (_, Some(detector)) => detector,
                (Some(surrogate), None) => surrogate.model().detector.clone(),
                (None, None) => match self.detector_of(path)? {
                    Ok(detector) => detector,
                    Err(broken) => {
                        found.push(broken);
                        continue;
                    }
                },
            };
            found.push(verify(path, &detector, surrogate.as_ref(), choice)?);
            progress.advance(found.len() as u64);
        }
        progress.finish();
        if self.json {
            let text = serde_json::to_string_pretty(&found).expect("plain keys and values");
            print(&format!("{text}\n"))?;
        } else {
            print(&table(&found, surrogate.is_some()))?;
        }
        let (failed, files) = (found.iter().filter(|file| !file.is_good()).count(), found.len());
        if failed > 0 { Err(ProductionError::Failed { failed, files }.into()) } else { Ok(()) }
    }

    /// The detector that a file names; or what is wrong with the file.
    fn detector_of(&self, path: &Path) -> Result<Result<Detector, Verification>, Error> {
        match identify(path) {
            Ok(Some(detector)) => Ok(Ok(detector)),
            Ok(None) => Err(Error::NoDetector),
            Err(error) if error.exit_code() == crate::ExitCode::BadData => {
                Ok(Err(Verification::broken(path, error.to_string())))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// A line for each file, then what is wrong and what could not be looked at.
fn table(found: &[Verification], with_model: bool) -> String {
    let header = ["file", "events", "checksum", "conditions", "made again", "result"];
    let mut rows = vec![header.map(str::to_owned)];
    for file in found {
        let again = match (with_model, file.different) {
            (false, _) => "-".to_owned(),
            (true, 0) => format!("{} equal", file.regenerated),
            (true, different) => format!("{different} of {} differ", file.regenerated),
        };
        rows.push([
            file.file.display().to_string(),
            file.events.to_string(),
            if file.has_checksum { "there" } else { "none" }.to_owned(),
            if file.conditions_compared { "compared" } else { "-" }.to_owned(),
            again,
            if file.is_good() { "good" } else { "BAD" }.to_owned(),
        ]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..header.len()).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    for file in found {
        let name = file.file.display();
        for problem in &file.problems {
            text.push_str(&format!("bad: {name}: {problem}\n"));
        }
        for note in &file.notes {
            text.push_str(&format!("note: {name}: {note}\n"));
        }
    }
    text
}
