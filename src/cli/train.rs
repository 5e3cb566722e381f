//! `showerforge train`: from events to a surrogate.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use detectors::Detector;

use super::check::check_events;
use super::detector_args::{DetectorArgs, LayoutArgs, open_detector};
use super::training_display::TrainingDisplay;
use super::{dry_run, print};
use crate::Error;
use crate::codec::{EventCodec, Labels};
use crate::compute::{DeviceChoice, device_name};
use crate::events::{EnergyFilter, EnergyRange, EventSet, Events, EventsError, Split};
use crate::files::{self, FileError};
use crate::gan::training::{
    BestModel, EventLine, History, LogLine, Observer, RunOptions, SampleOptions, Selection,
    Trainer, TrainingSample, Trial, train,
};
use crate::model::TrainingRecord;
use crate::settings::{CheckedSettings, TrainingSettings};

/// Train a surrogate on HDF5 files of simulated events
///
/// The folder of `--out` receives model.safetensors (the best model so far on the validation
/// sample, by the configuration's `selection.by`), model-last.safetensors, metrics.jsonl (all
/// losses), settings.toml (as resolved), checkpoint.safetensors and progress.html, which redraws
/// itself in a browser. SIGINT and SIGTERM save a checkpoint and exit with 75; the same command with
/// `--resume` goes on as if nothing had happened, even after a kill or a crash.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  showerforge train configs/photons-geant4.toml --data train.hdf5 --valid valid.hdf5 --out runs/photons"
)]
pub struct Args {
    /// Configuration in TOML
    config: PathBuf,
    /// HDF5 files to train on, or patterns such as 'train_*.hdf5'
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    data: Vec<PathBuf>,
    /// HDF5 files to choose the best model by [default: a part of the training files]
    #[arg(long, num_args = 1.., value_name = "FILE")]
    valid: Vec<PathBuf>,
    /// Part of the events that is set aside where there is no `--valid`, told by their hash
    #[arg(long, value_name = "FRACTION", default_value_t = 0.1, value_parser = fraction)]
    valid_fraction: f64,
    /// Leave out events of this incident energy in MeV, or of a range such as 1000..2000, to judge
    /// afterwards how the surrogate interpolates; may be repeated
    #[arg(long, value_name = "MEV")]
    without_energy: Vec<EnergyRange>,
    #[command(flatten)]
    detector: DetectorArgs,
    #[command(flatten)]
    layout: LayoutArgs,
    /// Folder of the run
    #[arg(long, value_name = "DIR", required_unless_present = "dry_run")]
    out: Option<PathBuf>,
    /// Seed of all random numbers of the training
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
    /// Stop after this iteration; learning rates still fall as the configuration says
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_iterations: Option<u64>,
    /// Iterations between two checkpoints, in place of the configuration's value
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    checkpoint_every: Option<u64>,
    /// Go on from the checkpoint in the folder
    #[arg(long)]
    resume: bool,
    /// Begin anew in a folder that holds a training
    #[arg(long, conflicts_with = "resume")]
    force: bool,
    /// Only say what the training would take: networks, memory, and time by a few iterations
    #[arg(long, conflicts_with_all = ["resume", "force"])]
    dry_run: bool,
    /// With `--dry-run`: print JSON
    #[arg(long, requires = "dry_run")]
    json: bool,
}

impl Args {
    /// # Errors
    /// Bad settings or data, an output that exists, a diverged or interrupted training.
    pub fn run(&self) -> Result<(), Error> {
        let settings = read_settings(&self.config, self.detector.open()?)?;
        let detector = settings.detector().clone();
        let device = self.device.open()?;
        let open = |paths: &[PathBuf]| {
            let set = EventSet::open(paths, &detector, &self.layout.layout)?;
            let ranges = self.without_energy.clone();
            Ok::<_, EventsError>(match ranges.is_empty() {
                true => set,
                false => set.with_energies(EnergyFilter { ranges, inside: false }),
            })
        };
        let (data, valid, valid_events) = if self.valid.is_empty() {
            let split = Split { validation_fraction: self.valid_fraction };
            let expected = open(&self.data)?.len() as f64 * self.valid_fraction;
            let side = |validation| Ok::<_, Error>(open(&self.data)?.on_side(split, validation));
            (side(false)?, side(true)?, expected as usize)
        } else {
            let valid = open(&self.valid)?;
            check_events(&valid, "checking the validation files")?;
            let events = valid.len();
            (open(&self.data)?, valid, events)
        };
        check_events(&data, "checking the training files")?;

        let labels = Labels::new(&detector, &settings.conditions);
        // The codec reads all training events at least once, unless it has no statistics.
        let counted = Cell::new(0);
        let counting = |events: Result<Events, EventsError>| {
            counted.set(counted.get() + events.as_ref().map_or(0, Events::len));
            events
        };
        let codec = EventCodec::fit(&detector, labels, &settings.codec, || {
            counted.set(0);
            pass(&data, &detector).map(counting)
        })?;
        let training_events = if counted.get() > 0 { counted.get() } else { data.len() };
        let training = settings.training;
        let sample_options = SampleOptions {
            azimuthal_symmetry: training.azimuthal_symmetry,
            memory_bytes: training.memory_mib << 20,
            events_per_iteration: training.batch_size
                * training.accumulation as usize
                * (training.critic_steps + training.generator_steps) as usize,
            packing: settings.packing(),
            seed: self.seed,
        };
        let mut sample = TrainingSample::new(data, &detector, &codec, sample_options)?;
        if sample.is_streamed() {
            tracing::info!("the training sample is streamed: it does not fit `memory_mib`");
        }
        let Some(out) = self.out.as_ref().filter(|_| !self.dry_run) else {
            let event_bytes = 4 * codec.layout().width() + 8 * detector.condition_width();
            let bytes = (training_events * event_bytes).min(sample_options.memory_bytes);
            let trainer = Trainer::new(settings, codec, self.seed, device);
            return self.try_out(trainer, &mut sample, bytes);
        };
        let wanted = settings.selection.events;
        let chosen = evenly(&valid, valid_events, wanted, &detector)?;
        if chosen.len() < FEWEST_TO_CHOOSE_BY {
            tracing::warn!(
                "the best model is chosen by {} events only; its χ²/ndf says little",
                chosen.len()
            );
        }
        let by = settings.selection.by;
        let selection = Selection::new(by, &detector, &codec, &chosen, self.seed, device.clone())?;
        let options = RunOptions {
            out: out.clone(),
            max_iterations: self.max_iterations,
            checkpoint_every: self.checkpoint_every,
            resume: self.resume,
            force: self.force,
            record: self.record(&settings, &sample, training_events, &device_name(&device))?,
        };
        let total = training.iterations.min(self.max_iterations.unwrap_or(u64::MAX));
        let mut observer = Terminal::new(total)?;
        let trainer = Trainer::new(settings, codec, self.seed, device);
        let outcome = train(trainer, &mut sample, Some(&selection), &options, &mut observer);
        observer.display.finish();
        let outcome = outcome?;
        let chosen = outcome.best.map_or_else(String::new, |best| {
            format!(", the best of the run at iteration {} ({})", best.iteration, best.figures)
        });
        let model = outcome.model.display();
        Ok(print(&format!("{} iterations done; model {model}{chosen}\n", outcome.iterations))?)
    }

    /// `--dry-run`.
    fn try_out(
        &self,
        trainer: Trainer,
        sample: &mut TrainingSample,
        sample_bytes: usize,
    ) -> Result<(), Error> {
        let trial = Trial::run(trainer, sample, sample_bytes, TRIAL_SECONDS)?;
        let text = if self.json {
            serde_json::to_string_pretty(&trial).expect("a trial has only plain values") + "\n"
        } else {
            dry_run::text(&trial)
        };
        Ok(print(&text)?)
    }

    fn record(
        &self,
        settings: &CheckedSettings,
        sample: &TrainingSample,
        training_events: usize,
        device: &str,
    ) -> Result<TrainingRecord, FileError> {
        let name = |path: &Path| {
            path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
        };
        Ok(TrainingRecord {
            settings: settings.to_toml(),
            seed: self.seed,
            device: device.to_owned(),
            iteration: 0,
            training_files: sample.files().map(name).collect(),
            training_events,
            training_data_sha256: files::sha256(sample.files())?,
            selection: None,
        })
    }
}

/// With fewer validation events, χ² of a histogram has hardly any meaning.
const FEWEST_TO_CHOOSE_BY: usize = 100;

/// About how long the iterations of `--dry-run` take.
const TRIAL_SECONDS: f64 = 10.0;

fn fraction(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(fraction) if (0.001..=0.9).contains(&fraction) => Ok(fraction),
        _ => Err("expected a number of 0.001 to 0.9".to_owned()),
    }
}

/// The settings, for the detector of the command line if one was given there.
fn read_settings(path: &Path, detector: Option<Detector>) -> Result<CheckedSettings, Error> {
    let text = files::read_to_string(path)?;
    let bad = |source| Error::Settings { path: path.to_owned(), source };
    let mut settings = TrainingSettings::from_toml(&text).map_err(bad)?;
    let detector = match detector {
        Some(detector) => {
            detector.name().clone_into(&mut settings.detector);
            detector
        }
        None => {
            let folder = path.parent().unwrap_or(Path::new(""));
            match open_detector(&settings.detector, folder) {
                Err(Error::Detector(error)) => return Err(bad(error.into())),
                other => other?,
            }
        }
    };
    settings.check(detector).map_err(bad)
}

/// All events of a set block by block, after the read-out threshold.
fn pass<'a>(
    set: &'a EventSet,
    detector: &'a Detector,
) -> impl Iterator<Item = Result<Events, EventsError>> + 'a {
    set.blocks().into_iter().map(move |block| {
        let mut events = set.read(&block)?;
        events.apply_readout_threshold(detector);
        Ok(events)
    })
}

/// Up to `wanted` of about `available` events, spread evenly.
fn evenly(
    set: &EventSet,
    available: usize,
    wanted: usize,
    detector: &Detector,
) -> Result<Events, Error> {
    let taken = wanted.min(available).max(1);
    let (mut seen, mut next) = (0, 0);
    let mut parts = vec![Events::none(detector)];
    for events in pass(set, detector) {
        let events = events?;
        let mut chosen = Vec::new();
        while next < taken && next * available / taken < seen + events.len() {
            chosen.push(next * available / taken - seen);
            next += 1;
        }
        seen += events.len();
        parts.push(events.select(&chosen));
        if next == taken {
            break;
        }
    }
    let joined = Events::joined(&parts).expect("events of one detector have equal widths");
    if joined.is_empty() { Err(crate::codec::CodecError::NoEvents.into()) } else { Ok(joined) }
}

/// Shows a training on standard error and listens to signals.
struct Terminal {
    display: TrainingDisplay,
    stop: Arc<AtomicBool>,
}

impl Terminal {
    fn new(total: u64) -> Result<Self, FileError> {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&stop))
                .map_err(|source| FileError::writing(Path::new("signal handlers"), source))?;
        }
        Ok(Self { display: TrainingDisplay::new(total), stop })
    }
}

impl Observer for Terminal {
    fn resumed(&mut self, history: &History, best: Option<&BestModel>) {
        self.display.resumed(history, best);
    }

    fn advanced(&mut self, done: u64) {
        self.display.advanced(done);
    }

    fn logged(&mut self, line: &LogLine) {
        self.display.logged(line);
    }

    fn improved(&mut self, best: &BestModel) {
        self.display.improved(best);
    }

    fn rolled_back(&mut self, event: &EventLine) {
        self.display.rolled_back(event);
    }

    fn should_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
