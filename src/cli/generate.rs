//! `showerforge generate`: from a model to events.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::detector_args::LayoutArgs;
use super::print;
use super::progress::{Progress, ProgressChoice};
use crate::Error;
use crate::compute::DeviceChoice;
use crate::events::{EventSet, WriteOptions};
use crate::files::{self, FileError};
use crate::generate::engine::Precision;
use crate::generate::{
    ConditionFiles, ConditionList, ConditionSource, EnergyChoice, EnergyList, GenerationError,
    GivenConditions, Job, JobObserver, NameParts, Outcome, SampledEnergies, Task, TaskChoice,
    check_run, generate, is_folder, output_path, run_of,
};
use crate::memory;
use crate::model::SurrogateModel;

/// Generate events with a trained model
///
/// Event k depends on the seed and k alone: any split into jobs (`--first-event`, `--nevents`, or
/// `--task-id`, `--events-per-task`) gives the same events, on any number of threads, and
/// `showerforge merge` makes of the parts the file of a single run, byte for byte.
///
/// The output appears under its name when it is complete and checked, then its checksum
/// (OUTPUT.sha256) and a record of the run (OUTPUT.json). The same command again finds a valid
/// output and ends at once with status 0; an output of other settings is refused with 73. At SIGTERM,
/// SIGINT or SIGUSR1 the job keeps its events in a hidden file beside the output and ends with 75; the
/// same command goes on from there. docs/batch-jobs.md says more.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  showerforge generate --model model.safetensors --nevents 10000 --seed 7 --energies 2^8..2^13 --output showers.hdf5\n  showerforge generate --model model.safetensors --nevents 1000000 --task-id auto --events-per-task 10000 --energy-range 1000..65000 --output production/"
)]
pub struct Args {
    /// Model file
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Number of events, with --task-id that of all tasks [default with --conditions: all from the
    /// first event on]
    #[arg(long, value_name = "N", required_unless_present = "conditions")]
    nevents: Option<u64>,
    /// Seed of the events
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of the first event, with --task-id that of task 0
    #[arg(long, value_name = "K", default_value_t = 0)]
    first_event: u64,
    /// Make the events of one task of an array job: `auto` (from SLURM_ARRAY_TASK_ID, CONDOR_PROCESS,
    /// PBS_ARRAY_INDEX, LSB_JOBINDEX or SGE_TASK_ID) or a number from 0
    #[arg(long, value_name = "auto|N", requires = "events_per_task")]
    task_id: Option<TaskChoice>,
    /// Events of each task; the last one may have fewer
    #[arg(long, value_name = "N", requires = "task_id")]
    events_per_task: Option<u64>,
    /// Incident energies in MeV, in turn: `1000`, `256,512` or powers of two `2^8..2^13`
    #[arg(long, value_name = "MEV", conflicts_with_all = ["conditions", "energy_range"])]
    energies: Option<EnergyList>,
    /// Incident energies in MeV, drawn uniformly in the logarithm (`A..B` or `A..B:log`) or in the
    /// energy (`A..B:lin`)
    #[arg(long, value_name = "A..B[:log|:lin]", conflicts_with = "conditions")]
    energy_range: Option<SampledEnergies>,
    /// Values of another condition, in turn: `theta=1.2,1.57`, `species=kaon`; or drawn uniformly:
    /// `theta=1.2..1.6`, in the logarithm `theta=1.2..1.6:log`; may be repeated
    #[arg(long, value_name = "NAME=VALUES", conflicts_with = "conditions")]
    condition: Vec<ConditionList>,
    /// HDF5 files of events, or of conditions alone; event k gets the conditions of their event k
    #[arg(long, value_name = "FILE", num_args = 1..)]
    conditions: Vec<PathBuf>,
    #[command(flatten)]
    layout: LayoutArgs,
    /// Refuse conditions that the model was not trained on, instead of warning of them
    #[arg(long)]
    strict: bool,
    /// HDF5 file to write, in the layout of the model's detector; a name may hold {run}, {first},
    /// {events} and {task}, with a width as in {first:09}; a folder (it exists, or the name ends in
    /// /) gets showers_{run}_{first:09}_{events}.h5
    #[arg(long, short, value_name = "FILE|FOLDER")]
    output: PathBuf,
    /// What {run} is in the name of the output [default: 8 digits that differ by model, seed and
    /// conditions]
    #[arg(long, value_name = "NAME")]
    run: Option<String>,
    /// auto, cpu, cuda or cuda:N; bit-equal events are promised on the CPU
    #[arg(long, default_value = "cpu")]
    device: DeviceChoice,
    /// How weights are stored: f32, bf16 or int8; with less than f32 large models are faster one
    /// event at a time, and the events are others
    #[arg(long, value_name = "PRECISION", default_value = "f32")]
    precision: Precision,
    /// gzip level of the output, 0 to 9
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(0..=9))]
    gzip: u8,
    /// Replace an output that exists
    #[arg(long)]
    force: bool,
    /// Progress on standard error
    #[arg(long, value_name = "HOW", default_value = "auto")]
    progress: ProgressChoice,
}

impl Args {
    /// # Errors
    /// A bad model or conditions file, conditions that no event can have, an output that exists and is
    /// another or cannot be written; or the job was stopped.
    pub fn run(&self) -> Result<(), Error> {
        let stop = stop_at_signals()?;
        if let Some(run) = &self.run {
            check_run(run).map_err(GenerationError::from)?;
        }
        let device = self.device.open()?;
        let model = SurrogateModel::read(&self.model, &device)?;
        let model_sha256 = files::sha256([self.model.as_path()])?;
        let conditions = self.condition_source(&model)?;
        let (first_event, events, task) = self.events(&conditions)?;
        let run = match &self.run {
            Some(run) => run.clone(),
            None => run_of(&model_sha256, self.seed, &conditions.settings()?),
        };
        let parts = NameParts { run, first_event, events, task };
        let output = output_path(&self.output, &parts).map_err(GenerationError::from)?;
        let job = Job {
            conditions,
            first_event,
            events,
            seed: self.seed,
            model_sha256,
            output,
            create_folder: is_folder(&self.output),
            options: WriteOptions {
                force: self.force,
                gzip_level: self.gzip,
                ..WriteOptions::default()
            },
            strict: self.strict,
            precision: self.precision,
            command: std::env::args_os()
                .map(|argument| argument.to_string_lossy().into_owned())
                .collect(),
        };
        let progress = Progress::shown("generating", "events", events, self.progress);
        let mut observer = Terminal { progress, stop };
        let outcome = generate(&model, &device, &job, &mut observer);
        observer.progress.finish();
        Ok(print(&said(&job, outcome?))?)
    }

    fn condition_source(&self, model: &SurrogateModel) -> Result<ConditionSource, Error> {
        let detector = &model.detector;
        if !self.conditions.is_empty() {
            let layout = &self.layout.layout;
            let events = EventSet::open_conditions(&self.conditions, detector, layout)?;
            return Ok(ConditionSource::Files(ConditionFiles::new(events)));
        }
        let energies = match (&self.energies, self.energy_range) {
            (Some(list), _) => Some(EnergyChoice::List(list.clone())),
            (None, range) => range.map(EnergyChoice::Range),
        };
        let given = GivenConditions::new(detector, energies.as_ref(), &self.condition, self.seed)
            .map_err(GenerationError::from)?;
        Ok(ConditionSource::Given(given))
    }

    /// The first event, how many there are, and of which task.
    fn events(
        &self,
        conditions: &ConditionSource,
    ) -> Result<(u64, u64, Option<u64>), GenerationError> {
        let first = self.first_event;
        let events = match (conditions, self.nevents) {
            (_, Some(events)) => events,
            (ConditionSource::Files(files), None) => files.len().saturating_sub(first),
            (ConditionSource::Given(_), None) => unreachable!("required on the command line"),
        };
        let (Some(choice), Some(per_task)) = (self.task_id, self.events_per_task) else {
            return Ok((first, events, None));
        };
        if events == 0 {
            return Err(GenerationError::NoEvents);
        }
        let task = Task::find(choice, |name| std::env::var(name).ok())?;
        let (offset, count) = task.events(events, per_task)?;
        let too_many = GenerationError::TooManyEvents { first, events };
        let first = first.checked_add(offset).ok_or(too_many)?;
        if let Some(variable) = task.variable {
            eprintln!(
                "task {} (from {variable}): {count} events from event {first} on",
                task.number
            );
        }
        Ok((first, count, Some(task.number)))
    }
}

/// What is said of a job that has ended well.
fn said(job: &Job, outcome: Outcome) -> String {
    let (events, first, output) = (job.events, job.first_event, job.output.display());
    let last = first + (events - 1);
    match outcome {
        Outcome::Valid => format!(
            "{events} events ({first} to {last}) are already in {output}, which is valid: nothing to do\n"
        ),
        Outcome::Written { made, resumed, seconds } => {
            let kept = match resumed {
                0 => String::new(),
                resumed => format!(", {resumed} of them kept from an earlier run"),
            };
            let memory = memory::peak_bytes()
                .map_or_else(String::new, |bytes| format!(", peak memory {} MiB", bytes >> 20));
            format!(
                "{events} events ({first} to {last}) written to {output}{kept}\n{:.0} events/s{memory}\n",
                made as f64 / seconds.max(1e-9)
            )
        }
    }
}

/// From now on these signals set a flag instead of ending the program.
fn stop_at_signals() -> Result<Arc<AtomicBool>, FileError> {
    use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT, SIGUSR1] {
        signal_hook::flag::register(signal, Arc::clone(&stop))
            .map_err(|source| FileError::writing(Path::new("signal handlers"), source))?;
    }
    Ok(stop)
}

struct Terminal {
    progress: Progress,
    stop: Arc<AtomicBool>,
}

impl JobObserver for Terminal {
    fn advanced(&mut self, done: u64) {
        self.progress.advance(done);
    }

    fn should_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
