//! `showerforge plan`: a production as tasks of a batch system.

use std::fmt::Write as _;
use std::path::{Path, PathBuf, absolute};

use serde::Serialize;

use super::dry_run::{duration, grouped, size};
use super::print;
use crate::Error;
use crate::compute::cpu;
use crate::events::chunked::events_per_chunk;
use crate::files::{self, FileError, write_atomically};
use crate::generate::{ConditionList, EnergyList, SampledEnergies};
use crate::model::SurrogateModel;
use crate::plan::htcondor::HtcondorOptions;
use crate::plan::slurm::SlurmOptions;
use crate::plan::{
    Measurement, PlanError, PlannedFile, Production, RunName, Scheduler, Sizes, TaskLength,
    measure, shell_word,
};

/// Plan a production as tasks of Slurm, HTCondor or Snakemake
///
/// Generates for a few seconds on this machine, cuts the production into tasks by the measured
/// speed, and writes what is submitted: for Slurm an array script, one that merges, and one that
/// submits both; for HTCondor a submit file of the tasks and a DAG; a Snakefile. Tasks that are
/// stopped or killed may be run again and nothing is lost, doubled or different. Paths are written
/// as they are on this machine: the nodes must see the same.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  showerforge plan --model model.safetensors --nevents 100000000 --seed 7 --energies 2^8..2^13 --output-dir production --scheduler slurm\n  bash production/slurm-submit.sh"
)]
pub struct Args {
    /// Model file
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Number of events of the whole production
    #[arg(long, value_name = "N")]
    nevents: u64,
    /// Seed of the events
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of the first event
    #[arg(long, value_name = "K", default_value_t = 0)]
    first_event: u64,
    /// Folder of the production: its files here, the tasks' outputs in `parts`, logs in `logs`
    #[arg(long, value_name = "DIR")]
    output_dir: PathBuf,
    /// Name of the run, a part of the names of all outputs [default: `seed` and its number]
    #[arg(long, value_name = "NAME")]
    run: Option<RunName>,
    #[command(flatten)]
    conditions: ConditionArgs,
    /// gzip level of the outputs, 0 to 9 [default: that of `generate`]
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=9))]
    gzip: Option<u8>,
    /// Batch system to write files for
    #[arg(long, value_enum, default_value_t = Scheduler::All)]
    scheduler: Scheduler,
    /// Events of a task
    #[arg(long, value_name = "N", conflicts_with = "task_minutes",
        value_parser = clap::value_parser!(u64).range(1..))]
    events_per_task: Option<u64>,
    /// Minutes of a task, by the measured speed
    #[arg(long, value_name = "MINUTES", default_value_t = 30.0, value_parser = minutes)]
    task_minutes: f64,
    /// Threads, and so cores, of a task
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: u32,
    /// Slurm: partition
    #[arg(long, visible_alias = "queue", value_name = "NAME")]
    partition: Option<String>,
    /// Slurm: account; HTCondor: accounting group
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Slurm: another option of sbatch, such as `--qos=long`; may be repeated
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true)]
    sbatch: Vec<String>,
    /// Slurm: the most tasks of an array, which is the site's MaxArraySize less 1
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    largest_array: u64,
    /// HTCondor: another line of the submit file, such as `+JobFlavour = "longlunch"`; may be repeated
    #[arg(long, value_name = "LINE")]
    condor: Vec<String>,
    /// HTCondor: transfer program, model and outputs; there is no common file system
    #[arg(long)]
    condor_transfer: bool,
    /// The program on the nodes [default: this one]
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// About how long to measure
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0, value_parser = seconds)]
    measure_seconds: f64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Replace the files of an earlier plan
    #[arg(long)]
    force: bool,
}

/// Options that `generate` gets as they are.
#[derive(Debug, clap::Args)]
struct ConditionArgs {
    /// As of `generate`: incident energies in MeV, in turn
    #[arg(long, value_name = "MEV", conflicts_with = "conditions", value_parser = checked::<EnergyList>)]
    energies: Option<String>,
    /// As of `generate`: incident energies in MeV from a range, such as `256..8192:log`
    #[arg(long, value_name = "A..B", conflicts_with_all = ["conditions", "energies"], value_parser = checked::<SampledEnergies>)]
    energy_range: Option<String>,
    /// As of `generate`: values of another condition; may be repeated
    #[arg(long, value_name = "NAME=VALUES", conflicts_with = "conditions", value_parser = checked::<ConditionList>)]
    condition: Vec<String>,
    /// As of `generate`: files of events, or of conditions alone
    #[arg(long, value_name = "FILE", num_args = 1..)]
    conditions: Vec<PathBuf>,
    /// As of `generate`: layout of these files
    #[arg(long, value_name = "NAME|FILE.toml", requires = "conditions")]
    layout: Option<String>,
    /// As of `generate`: refuse conditions outside of what the model was trained on
    #[arg(long)]
    strict: bool,
}

/// The text itself, if it is a `T`.
fn checked<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<String, String> {
    text.parse::<T>().map(|_| text.to_owned()).map_err(|error| error.to_string())
}

fn minutes(text: &str) -> Result<f64, String> {
    in_range(text, 0.01, 43_200.0)
}

fn seconds(text: &str) -> Result<f64, String> {
    in_range(text, 0.01, 3600.0)
}

fn in_range(text: &str, least: f64, most: f64) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("expected a number of {least} to {most}")),
    }
}

/// All that `--json` prints, and `plan.json` holds.
#[derive(Debug, Serialize)]
struct Plan<'a> {
    measured: &'a Measurement,
    sizes: &'a Sizes,
    production: &'a Production,
    files: Vec<String>,
}

/// Everything about a plan, beside the batch system's files.
const PLAN_FILE: &str = "plan.json";

impl Args {
    /// # Errors
    /// A job that `generate` refuses, a path that the files cannot hold, files of an earlier plan.
    pub fn run(&self) -> Result<(), Error> {
        self.check_events()?;
        let this = std::env::current_exe()
            .map_err(|source| PlanError::Run { program: "showerforge".to_owned(), source })?;
        let model = path_text(&self.model)?;
        let model_sha256 = files::sha256([Path::new(&model)])?;
        let folder = path_text(&self.output_dir)?;
        let names = self.scheduler.file_names();
        if !self.force {
            self.check_names(names.iter().chain([&PLAN_FILE]))?;
        }
        let detector = SurrogateModel::read(Path::new(&model), &cpu())?.detector;
        let chunk_events = events_per_chunk(detector.value_count(), size_of::<f32>()) as u64;
        let (options, input_files) = self.options()?;
        make_folder(Path::new(&folder))?;

        let mut arguments = vec!["generate".to_owned(), "--model".to_owned(), model.clone()];
        arguments.extend(["--seed".to_owned(), self.seed.to_string()]);
        arguments.extend(options.iter().cloned());
        if let Some(level) = self.gzip {
            arguments.extend(["--gzip".to_owned(), level.to_string()]);
        }
        let measured = measure(
            &this,
            &arguments,
            (self.first_event, self.nevents),
            Path::new(&folder),
            self.threads,
            self.measure_seconds,
        )?;
        if measured.was_disturbed() {
            tracing::warn!(
                "the machine is busy: a core ran the trial for {:.0} % of the time; tasks may become \
                 shorter than asked for, measure again on a machine that is not",
                100.0 * measured.cpu_share
            );
        }
        let length = match self.events_per_task {
            Some(events) => TaskLength::Events(events),
            None => TaskLength::Minutes(self.task_minutes),
        };
        let sizes = Sizes::new(&measured, self.nevents, length, chunk_events, self.threads);
        let production = Production {
            program: path_text(self.program.as_deref().unwrap_or(&this))?,
            model,
            model_sha256,
            folder,
            run: self.run.clone().map_or_else(|| format!("seed{}", self.seed).parse(), Ok)?,
            seed: self.seed,
            first_event: self.first_event,
            events: self.nevents,
            events_per_task: sizes.events_per_task,
            tasks: sizes.tasks,
            threads: self.threads,
            options,
            gzip_level: self.gzip,
            input_files,
            time_limit_minutes: sizes.time_limit_minutes,
            memory_mb: sizes.memory_mb,
            task_disk_mb: sizes.task_disk_mb,
        };
        for folder in production.folders() {
            make_folder(&folder)?;
        }
        let planned = self.scheduler.files(&production, &self.slurm(), &self.htcondor());
        let path = |name: &str| format!("{}/{name}", production.folder);
        let plan = Plan {
            measured: &measured,
            sizes: &sizes,
            production: &production,
            files: names.iter().map(|name| path(name)).collect(),
        };
        let json =
            serde_json::to_string_pretty(&plan).expect("a plan has only plain values") + "\n";
        for PlannedFile { name, text } in &planned {
            write_atomically(Path::new(&path(name)), text.as_bytes(), self.force)?;
        }
        write_atomically(Path::new(&path(PLAN_FILE)), json.as_bytes(), self.force)?;
        Ok(print(&if self.json { json } else { self.text(&plan) })?)
    }

    fn check_events(&self) -> Result<(), PlanError> {
        match self.first_event.checked_add(self.nevents) {
            _ if self.nevents == 0 => Err(PlanError::NoEvents),
            None => Err(PlanError::TooManyEvents { first: self.first_event, events: self.nevents }),
            Some(_) => Ok(()),
        }
    }

    /// Before the time of a measurement is spent.
    fn check_names<'a>(&self, names: impl Iterator<Item = &'a &'a str>) -> Result<(), FileError> {
        for name in names {
            let path = self.output_dir.join(name);
            if path.symlink_metadata().is_ok() {
                return Err(FileError::Exists { path });
            }
        }
        Ok(())
    }

    /// What `generate` is told beside events and output, and the files among it.
    fn options(&self) -> Result<(Vec<String>, Vec<String>), PlanError> {
        let given = &self.conditions;
        let mut words = Vec::new();
        let mut input_files = Vec::new();
        let mut option =
            |name: &str, value: &str| words.extend([name.to_owned(), value.to_owned()]);
        if let Some(energies) = &given.energies {
            option("--energies", energies);
        }
        if let Some(range) = &given.energy_range {
            option("--energy-range", range);
        }
        for values in &given.condition {
            option("--condition", values);
        }
        if let Some(layout) = &given.layout {
            let file = Path::new(layout);
            if file.is_file() {
                input_files.push(path_text(file)?);
                option("--layout", &path_text(file)?);
            } else {
                option("--layout", layout);
            }
        }
        if given.strict {
            words.push("--strict".to_owned());
        }
        if !given.conditions.is_empty() {
            words.push("--conditions".to_owned());
            for path in &given.conditions {
                words.push(path_text(path)?);
                input_files.push(path_text(path)?);
            }
        }
        Ok((words, input_files))
    }

    fn slurm(&self) -> SlurmOptions {
        SlurmOptions {
            partition: self.partition.clone(),
            account: self.account.clone(),
            more: self.sbatch.clone(),
            largest_array: self.largest_array,
        }
    }

    fn htcondor(&self) -> HtcondorOptions {
        HtcondorOptions {
            account: self.account.clone(),
            more: self.condor.clone(),
            transfer: self.condor_transfer,
        }
    }

    fn text(&self, plan: &Plan<'_>) -> String {
        let Plan { measured, sizes, production, files } = plan;
        let machine = &measured.machine;
        let threads = |count: u32| match count {
            1 => "1 thread".to_owned(),
            count => format!("{count} threads"),
        };
        let mut text = format!(
            "measured on {} ({}, {} cores) for {}, up to {} events on {}\n\n",
            machine.host,
            machine.cpu,
            machine.cores,
            duration(measured.seconds),
            grouped(measured.events as usize),
            threads(measured.threads)
        );
        let count = |number: u64| grouped(number as usize);
        let rows = [
            (
                "speed",
                format!(
                    "{} events/s, {} to start",
                    rate(measured.events_per_second),
                    duration(measured.startup_seconds)
                ),
            ),
            ("events", count(production.events)),
            ("tasks", count(sizes.tasks)),
            ("events of a task", count(sizes.events_per_task)),
            (
                "time of a task",
                format!(
                    "{}, limit {}",
                    duration(sizes.task_seconds),
                    duration(60.0 * sizes.time_limit_minutes as f64)
                ),
            ),
            ("cores of a task", production.threads.to_string()),
            (
                "memory of a task",
                format!("{}, limit {} MB", size(measured.peak_bytes), sizes.memory_mb),
            ),
            ("core-hours in all", format!("{:.2}", sizes.core_hours)),
            (
                "disk in all",
                format!(
                    "{}, {:.0} bytes an event; twice while they are merged",
                    size(sizes.disk_bytes),
                    measured.bytes_per_event
                ),
            ),
        ];
        for (name, value) in rows {
            let _ = writeln!(text, "  {name:18} {value}");
        }
        text.push_str("\nwritten:\n");
        for file in files {
            let _ = writeln!(text, "  {file}");
        }
        let file = |name: &str| shell_word(&format!("{}/{name}", production.folder));
        text.push_str("\nsubmit with:\n");
        if matches!(self.scheduler, Scheduler::Slurm | Scheduler::All) {
            let _ = writeln!(text, "  bash {}", file("slurm-submit.sh"));
        }
        if matches!(self.scheduler, Scheduler::Htcondor | Scheduler::All) {
            let _ = writeln!(
                text,
                "  cd {} && condor_submit_dag htcondor.dag",
                shell_word(&production.folder)
            );
        }
        if matches!(self.scheduler, Scheduler::Snakemake | Scheduler::All) {
            let _ = writeln!(text, "  snakemake --snakefile {} --cores N", file("Snakefile"));
        }
        text
    }
}

/// Three significant digits at least.
fn rate(number: f64) -> String {
    if number >= 100.0 { grouped(number as usize) } else { format!("{number:.2}") }
}

/// The absolute path, as a text.
fn path_text(path: &Path) -> Result<String, PlanError> {
    let absolute = absolute(path).map_err(|_| PlanError::Path { path: path.to_owned() })?;
    Production::path_text(&absolute)
}

fn make_folder(path: &Path) -> Result<(), FileError> {
    std::fs::create_dir_all(path).map_err(|source| FileError::creating(path, source))
}
