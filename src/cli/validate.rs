//! `showerforge validate`: how good are generated events?

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use detectors::Detector;
use validation::report::{FileSink, summary_text, write_report};
use validation::{
    ClassifierChoice, Sample, SampleBuilder, SampleOptions, ValidationSettings, validate,
};

use super::check::check_events;
use super::detector_args::{DetectorArgs, LayoutArgs};
use super::print;
use super::progress::Progress;
use crate::Error;
use crate::events::{EventSet, expand, identify};
use crate::files::{FileError, write_atomically};

/// Compare generated with reference events: a report with every observable beside its floor
///
/// The folder of `--output` receives report.html (one file, to be opened offline), report.json and
/// figures as SVG and PNG. The verdict is printed; it does not change the exit status.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  showerforge validate --reference valid.hdf5 --generated showers.hdf5 --detector calochallenge-photons --output report"
)]
pub struct Args {
    /// HDF5 file of reference events, or a pattern such as 'valid_*.hdf5'
    #[arg(long, value_name = "FILE")]
    reference: PathBuf,
    /// HDF5 file of generated events
    #[arg(long, value_name = "FILE")]
    generated: PathBuf,
    /// More reference events, for a floor at full size [default: halves of the reference]
    #[arg(long, value_name = "FILE")]
    second_reference: Option<PathBuf>,
    #[command(flatten)]
    detector: DetectorArgs,
    #[command(flatten)]
    layout: LayoutArgs,
    /// Folder to write
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// Classifiers to train: none, high-level, low-level or both
    #[arg(long, default_value = "both", value_parser = classifiers)]
    classifiers: ClassifierChoice,
    /// Seed of the classifiers and of the random halves
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A remark for the reader, shown at the top of the report; may be repeated
    #[arg(long, value_name = "TEXT")]
    note: Vec<String>,
    /// Print the whole report as JSON instead of the summary
    #[arg(long)]
    json: bool,
    /// Write into a folder that holds a report
    #[arg(long)]
    force: bool,
}

impl Args {
    /// # Errors
    /// Samples that cannot be read or compared, or an output that exists or cannot be written.
    pub fn run(&self) -> Result<(), Error> {
        let detector = match self.detector.open()? {
            Some(detector) => detector,
            None => {
                let files = expand(std::slice::from_ref(&self.reference))?;
                identify(&files[0])?.ok_or(Error::NoDetector)?
            }
        };
        let folder = ReportFolder { path: &self.output };
        folder.prepare(self.force)?;
        let read = |path: &PathBuf| self.read_sample(path, &detector);
        let reference = read(&self.reference)?;
        let generated = read(&self.generated)?;
        let second = self.second_reference.as_ref().map(read).transpose()?;
        let settings = ValidationSettings {
            classifiers: self.classifiers,
            seed: self.seed,
            ..ValidationSettings::default()
        };
        let steps = Steps::default();
        let mut report =
            validate(&reference, &generated, second.as_ref(), &detector, &settings, &steps)?;
        steps.finish();
        report.notes.splice(0..0, self.note.iter().cloned());
        write_report(&report, &folder)?;
        if self.json {
            let json = validation::report::to_json(&report)?;
            return Ok(print(&format!("{json}\n"))?);
        }
        let place = self.output.join("report.html");
        Ok(print(&format!("{}\nreport: {}\n", summary_text(&report), place.display()))?)
    }
}

impl Args {
    /// Reads files block by block: only what the comparison needs stays in memory.
    fn read_sample(&self, path: &Path, detector: &Detector) -> Result<Sample, Error> {
        let set = EventSet::open(&[path.to_owned()], detector, &self.layout.layout)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        check_events(&set, &format!("checking {name}"))?;
        let provenance = set.files()[0].provenance()?;
        let options = SampleOptions { provenance, ..SampleOptions::default() };
        let mut builder = SampleBuilder::new(name.clone(), detector, options);
        let mut progress = Progress::new(&format!("reading {name}"), "events", set.len() as u64);
        let mut done = 0;
        for block in set.blocks() {
            let mut events = set.read(&block)?;
            if set.has_weights() {
                let ones = || vec![1.0; events.values.nrows()];
                events.weights = Some(events.weights.take().unwrap_or_else(ones));
            }
            let weights = events.weights.as_deref();
            builder.push(events.conditions.view(), events.values.view(), weights)?;
            done += events.len();
            progress.advance(done as u64);
        }
        progress.finish();
        Ok(builder.finish()?)
    }
}

fn classifiers(text: &str) -> Result<ClassifierChoice, String> {
    match text {
        "none" => Ok(ClassifierChoice::None),
        "high-level" => Ok(ClassifierChoice::HighLevel),
        "low-level" => Ok(ClassifierChoice::LowLevel),
        "both" => Ok(ClassifierChoice::Both),
        _ => Err("expected `none`, `high-level`, `low-level` or `both`".to_owned()),
    }
}

/// Where the report goes; every file through the atomic writer.
struct ReportFolder<'a> {
    path: &'a Path,
}

impl ReportFolder<'_> {
    fn prepare(&self, force: bool) -> Result<(), FileError> {
        let report = self.path.join("report.html");
        if report.exists() && !force {
            return Err(FileError::Exists { path: report });
        }
        fs_err::create_dir_all(self.path).map_err(|source| FileError::creating(self.path, source))
    }
}

impl FileSink for ReportFolder<'_> {
    fn write(&self, relative: &Path, bytes: &[u8]) -> io::Result<()> {
        let path = self.path.join(relative);
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder)?;
        }
        write_atomically(&path, bytes, true).map_err(io::Error::other)
    }
}

/// A bar for each stage of a validation.
#[derive(Default)]
struct Steps {
    stage: Mutex<Option<(String, Progress)>>,
}

impl Steps {
    fn finish(&self) {
        if let Ok(stage) = self.stage.lock()
            && let Some((_, progress)) = stage.as_ref()
        {
            progress.finish();
        }
    }
}

impl validation::Progress for Steps {
    fn step(&self, stage: &str, done: usize, total: usize) {
        let Ok(mut current) = self.stage.lock() else { return };
        if current.as_ref().is_none_or(|(name, _)| name != stage) {
            if let Some((_, finished)) = current.take() {
                finished.finish();
            }
            *current = Some((stage.to_owned(), Progress::new(stage, "steps", total as u64)));
        }
        if let Some((_, progress)) = current.as_mut() {
            progress.advance(done as u64);
        }
    }
}
