//! `showerforge validate`: how good are generated events?

mod matching;
mod provenance;
mod samples;
mod training_curves;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use detectors::Detector;
use validation::classifier::{ClassifierSettings, TreeSettings};
use validation::plots::Style;
use validation::report::model::{StageTime, ValidationReport};
use validation::report::{
    FigureFormats, FigureStyle, FileSink, ReportOptions, event_figures, summary_text, write_report,
};
use validation::thresholds::Thresholds;
use validation::{
    ClassifierChoice, Generated, Sample, Topic, ValidationSettings, condition_checks, validate,
};

use super::detector_args::{DetectorArgs, LayoutArgs};
use super::print;
use super::progress::Progress;
use crate::Error;
use crate::events::{expand, identify};
use crate::files::{self, FileError, write_atomically};
use matching::WhenDifferent;
use samples::{Reader, names};

/// Compare generated with reference events: a report with every figure beside its floor
///
/// The folder of `--output` receives report.html (one file, to be opened offline), report.json, the
/// figures with their numbers as CSV, and a submission to HEPData. The verdict, green, amber or red
/// by the limits of `--thresholds`, is printed; it does not change the exit status.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  showerforge validate --reference valid.hdf5 --generated showers.hdf5 --detector calochallenge-photons --output report\n  showerforge validate --reference valid.hdf5 --generated a.hdf5 --generated b.hdf5 --output both --thresholds limits.toml --skip classifiers"
)]
pub struct Args {
    /// HDF5 file of reference events, or a pattern such as 'valid_*.hdf5'
    #[arg(long, value_name = "FILE")]
    reference: PathBuf,
    /// HDF5 file of generated events, or a pattern; several stand side by side in one report
    #[arg(long, value_name = "FILE", required = true)]
    generated: Vec<PathBuf>,
    /// Name of a generated sample in the report, once for each [default: the file's]
    #[arg(long, value_name = "NAME")]
    name: Vec<String>,
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
    /// Limits of the verdict in TOML, fixed beforehand
    #[arg(long, value_name = "FILE.toml")]
    thresholds: Option<PathBuf>,
    /// What to do where the generated events have other energies, angles or species
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    when_conditions_differ: WhenDifferent,
    /// Compute only this beside the observables: conditions, correlations, cells, duplicates,
    /// physics, distances, classifiers
    #[arg(long, value_name = "TOPIC", value_delimiter = ',', value_parser = topic, conflicts_with = "skip")]
    only: Vec<Topic>,
    /// Leave this out; the same names as for `--only`
    #[arg(long, value_name = "TOPIC", value_delimiter = ',', value_parser = topic)]
    skip: Vec<Topic>,
    /// Features for the classifiers: none, high-level, low-level, both, or all, which are
    /// CaloChallenge's three sets
    #[arg(long, default_value = "both", value_parser = classifiers)]
    classifiers: ClassifierChoice,
    /// Networks of the size and training that CaloChallenge has published: hours without a GPU
    #[arg(long)]
    published_classifiers: bool,
    /// Trainings of each network, with the standard deviation over them as the error
    #[arg(long, value_name = "N", default_value_t = 1)]
    classifier_seeds: usize,
    /// No gradient-boosted trees beside the networks
    #[arg(long)]
    no_boosted_trees: bool,
    /// Folder of the training that made the model, for its curves; once for each sample
    #[arg(long, value_name = "DIR")]
    training: Vec<PathBuf>,
    /// Random halves of the reference that the floor is averaged over
    #[arg(long, value_name = "N", default_value_t = 10)]
    floor_splits: u32,
    /// Bootstrap replicas that the errors of the tests are taken from
    #[arg(long, value_name = "N", default_value_t = 50)]
    bootstrap: u32,
    /// Seed of the classifiers and of the random halves
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Formats of every figure's file: svg, png, pdf, or none
    #[arg(long, value_name = "LIST", default_value_t)]
    figures: FigureFormats,
    /// Conventions of the figures: plain, atlas-like or lhcb-like
    #[arg(long, value_name = "STYLE", default_value_t)]
    style: Style,
    /// The experiment's label in the figures, such as 'ATLAS-like Simulation'
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
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
        self.check_counts()?;
        let thresholds = self.thresholds()?;
        let detector = self.detector()?;
        let folder = ReportFolder { path: &self.output };
        folder.prepare(self.force)?;
        let mut times = Times::default();
        let reader = Reader { detector: &detector, layout: &self.layout.layout };
        let reference = reader.read(&self.reference)?;
        let mut remarks = self.note.clone();
        let mut generated = Vec::new();
        for path in &self.generated {
            let (sample, remark) = self.read_generated(&reader, path, &reference)?;
            remarks.extend(remark);
            generated.push(sample);
        }
        let second = self.second_reference.as_ref().map(|path| reader.read(path)).transpose()?;
        times.stage("reading");
        let names = names(&self.generated, &self.name);
        let models: Vec<Generated<'_>> =
            names.iter().zip(&generated).map(|(name, sample)| Generated { name, sample }).collect();
        let steps = Steps::default();
        let settings = self.settings();
        let mut report = validate(
            &reference,
            &models,
            second.as_ref(),
            &detector,
            &settings,
            &thresholds,
            &steps,
        )?;
        steps.finish();
        times.stage("comparing");
        report.notes.splice(0..0, remarks);
        for (model, folder) in report.models.iter_mut().zip(&self.training) {
            model.training = training_curves::read(folder)?;
        }
        report.provenance = provenance::of_this_run(times.stages);
        let mut options = self.report_options();
        options.more_figures = event_figures("reference", &reference);
        for one in &models {
            options.more_figures.extend(event_figures(one.name, one.sample));
        }
        write_report(&report, &options, &folder)?;
        self.print(&report)
    }

    fn check_counts(&self) -> Result<(), Error> {
        let samples = self.generated.len();
        for (option, found) in [("--name", self.name.len()), ("--training", self.training.len())] {
            if found != 0 && found != samples {
                return Err(Error::Counts { option, found, expected: samples });
            }
        }
        Ok(())
    }

    fn thresholds(&self) -> Result<Thresholds, Error> {
        let Some(path) = &self.thresholds else { return Ok(Thresholds::default()) };
        let text = files::read_to_string(path)?;
        Ok(Thresholds::parse(path.to_string_lossy(), &text)?)
    }

    fn detector(&self) -> Result<Detector, Error> {
        if let Some(detector) = self.detector.open()? {
            return Ok(detector);
        }
        let files = expand(std::slice::from_ref(&self.reference))?;
        identify(&files[0])?.ok_or(Error::NoDetector)
    }

    /// A generated sample, with a remark where its conditions were made those of the reference.
    fn read_generated(
        &self,
        reader: &Reader<'_>,
        path: &Path,
        reference: &Sample,
    ) -> Result<(Sample, Option<String>), Error> {
        let sample = reader.read(path)?;
        if self.when_conditions_differ == WhenDifferent::Report {
            return Ok((sample, None));
        }
        let checks = condition_checks(reader.detector, reference, &sample);
        let Some(different) = checks.into_iter().find(|check| check.difference.is_some()) else {
            return Ok((sample, None));
        };
        if self.when_conditions_differ == WhenDifferent::Refuse {
            return Err(Error::DifferentConditions {
                path: path.to_owned(),
                condition: different.condition,
                difference: different.difference.unwrap_or_default(),
            });
        }
        drop(sample);
        let (sample, remark) =
            reader.read_like(path, &self.reference, self.when_conditions_differ)?;
        Ok((sample, Some(remark)))
    }

    fn settings(&self) -> ValidationSettings {
        let wanted = |topic: &Topic| {
            (self.only.is_empty() || self.only.contains(topic)) && !self.skip.contains(topic)
        };
        let network = if self.published_classifiers {
            ClassifierSettings::published()
        } else {
            ClassifierSettings::default()
        };
        let trees = TreeSettings { seed: self.seed, ..TreeSettings::default() };
        ValidationSettings {
            classifiers: self.classifiers,
            classifier: ClassifierSettings {
                seed: self.seed,
                seeds: self.classifier_seeds,
                ..network
            },
            boosted_trees: (!self.no_boosted_trees).then_some(trees),
            topics: Topic::ALL.into_iter().filter(wanted).collect(),
            floor_splits: self.floor_splits,
            bootstrap_replicas: self.bootstrap,
            seed: self.seed,
        }
    }

    fn report_options(&self) -> ReportOptions {
        ReportOptions {
            formats: self.figures,
            style: FigureStyle { style: self.style, label: self.label.clone() },
            ..ReportOptions::default()
        }
    }

    fn print(&self, report: &ValidationReport) -> Result<(), Error> {
        if self.json {
            let json = validation::report::to_json(report)?;
            return Ok(print(&format!("{json}\n"))?);
        }
        let place = self.output.join("report.html");
        Ok(print(&format!("{}\nreport: {}\n", summary_text(report), place.display()))?)
    }
}

fn topic(text: &str) -> Result<Topic, String> {
    let names = Topic::ALL.map(Topic::name);
    Topic::ALL
        .into_iter()
        .find(|topic| topic.name() == text)
        .ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

fn classifiers(text: &str) -> Result<ClassifierChoice, String> {
    match text {
        "none" => Ok(ClassifierChoice::None),
        "high-level" => Ok(ClassifierChoice::HighLevel),
        "low-level" => Ok(ClassifierChoice::LowLevel),
        "both" => Ok(ClassifierChoice::Both),
        "all" => Ok(ClassifierChoice::All),
        _ => Err("expected `none`, `high-level`, `low-level`, `both` or `all`".to_owned()),
    }
}

/// How long each stage took.
struct Times {
    since: Instant,
    stages: Vec<StageTime>,
}

impl Default for Times {
    fn default() -> Self {
        Self { since: Instant::now(), stages: Vec::new() }
    }
}

impl Times {
    /// Ends a stage.
    fn stage(&mut self, name: &str) {
        let wall_s = self.since.elapsed().as_secs_f64();
        self.stages.push(StageTime { stage: name.to_owned(), wall_s });
        self.since = Instant::now();
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
