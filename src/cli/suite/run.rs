//! `showerforge suite run`: trains and judges.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::Error;
use crate::cli::progress::Progress;
use crate::compute::DeviceChoice;
use crate::files::{self, FileError};
use crate::suite::runner::{Filter, Selection, SingleRun, Suite, SuiteEvent, rows_path};
use crate::suite::{DataContext, Protocol, Row, SuiteError, Tier, exact, problems};

/// Train systems on problems and judge them: one row of results a run
///
/// Without further options everything of configs/suite/standard.toml is run, which takes one to two
/// hours on two cores. --system and --problem choose from it; a pair that is not in it is run too. A
/// system may be a TOML file of your own (docs/suite.md).
///
/// Every run is a process of its own and leaves a folder under OUT/runs with its settings, curves,
/// samples and row; OUT/rows.jsonl collects the rows. What is done already, with the same data and
/// settings, is not done again: a command that was stopped goes on where it was.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  showerforge suite run --tier toys --seeds 3 --jobs 2 --out toys\n  showerforge suite run --system r3gan --system my-objective.toml --problem grid --out mine"
)]
pub struct Args {
    /// exact, toys, images, series, physics or gpu; may be repeated [default: all of the selection]
    #[arg(long, value_name = "TIER")]
    tier: Vec<Tier>,
    /// Name of a system, or a TOML file; may be repeated
    #[arg(long, value_name = "NAME")]
    system: Vec<String>,
    /// Name of a problem; may be repeated
    #[arg(long, value_name = "NAME")]
    problem: Vec<String>,
    /// What to choose from, in TOML [default: configs/suite/standard.toml, which is built in]
    #[arg(long, value_name = "FILE")]
    selection: Option<PathBuf>,
    /// Trainings of each system on each problem, from the seeds 1, 2, … [default: as the selection
    /// says]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    seeds: Option<u64>,
    /// Runs at the same time, each with its share of the cores
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..))]
    jobs: u64,
    /// short (minutes on one core) or paper (as published) [default: as the selection says]
    #[arg(long)]
    protocol: Option<Protocol>,
    /// Iterations of every training, in place of the protocol's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    iterations: Option<u64>,
    /// auto, cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Folder of the results
    #[arg(long, value_name = "DIR", default_value = "suite")]
    out: PathBuf,
    /// Folder of data that `suite fetch` has filled [default: showerforge in the cache folder]
    #[arg(long, value_name = "DIR")]
    data_folder: Option<PathBuf>,
    /// File or folder of your own, for problems that are named for one
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    /// Classifier of your own for measures of images: a safetensors file as docs/suite-images.md says
    #[arg(long, value_name = "FILE")]
    extractor: Option<PathBuf>,
    /// Do again what is done already
    #[arg(long)]
    again: bool,
    /// Say what would be run, and stop
    #[arg(long)]
    dry_run: bool,
}

const STANDARD: &str = include_str!("../../../configs/suite/standard.toml");

impl Args {
    pub fn run(self) -> Result<(), Error> {
        self.device.parse::<DeviceChoice>()?.open()?;
        let selection = match &self.selection {
            Some(path) => {
                Selection::from_toml(&path.display().to_string(), &files::read_to_string(path)?)?
            }
            None => Selection::from_toml("standard.toml", STANDARD)?,
        };
        self.run_exact_tier()?;
        if self.tier == [Tier::Exact] {
            return Ok(());
        }
        let filter = Filter {
            tiers: self.tier.clone(),
            systems: self.system.clone(),
            problems: self.problem.clone(),
            seeds: self.seeds,
            protocol: self.protocol,
            iterations: self.iterations,
        };
        let runs = self.runs(&selection, &filter)?;
        if self.dry_run {
            let line = |run: &SingleRun| {
                format!("{} on {} [{}], seed {}\n", run.system, run.problem, run.tier, run.seed)
            };
            return Ok(crate::cli::print(&runs.iter().map(line).collect::<String>())?);
        }
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&stop)).map_err(|source| {
                FileError::Write { path: PathBuf::from("signal handlers"), source }
            })?;
        }
        let program = std::env::current_exe().map_err(|source| SuiteError::Process { source })?;
        let count = runs.len();
        let suite = Suite { out: self.out.clone(), jobs: self.jobs as usize, runs, program, stop };
        let mut progress = Progress::new("suite", "runs", count as u64);
        let mut finished = 0;
        let outcome = suite.run(&mut |event| match event {
            SuiteEvent::Finished(row, done) => {
                progress.line(&summary(row, done, count));
                finished = done as u64;
                progress.advance(finished);
            }
            SuiteEvent::Working(runs) => {
                let one = |(run, done): &(&SingleRun, f64)| {
                    format!("{} on {} {:.0} %", run.system, run.problem, 100.0 * done)
                };
                progress.message(runs.iter().map(one).collect::<Vec<_>>().join(", "));
                progress.advance(finished);
            }
        })?;
        progress.finish();
        let rows = rows_path(&self.out);
        if outcome.failed > 0 {
            let (failed, runs) = (outcome.failed, outcome.runs);
            return Err(SuiteError::RunsFailed { failed, runs, rows }.into());
        }
        Ok(())
    }

    /// The exact tier, where it is asked for, or everything.
    fn run_exact_tier(&self) -> Result<(), Error> {
        let everything = self.tier.is_empty() && self.system.is_empty() && self.problem.is_empty();
        if !(everything || self.tier.contains(&Tier::Exact)) {
            return Ok(());
        }
        if self.dry_run {
            let names =
                exact::checks().into_iter().map(|check| format!("{} [exact]\n", check.name));
            return Ok(crate::cli::print(&names.collect::<String>())?);
        }
        std::fs::create_dir_all(&self.out)
            .map_err(|source| FileError::Create { path: self.out.clone(), source })?;
        let report = exact::run_all();
        report.write(&self.out, true)?;
        crate::cli::print(&report.to_string())?;
        if !report.passed {
            let file = self.out.join("exact.json");
            return Err(SuiteError::ChecksFailed { file }.into());
        }
        Ok(())
    }

    fn runs(&self, selection: &Selection, filter: &Filter) -> Result<Vec<SingleRun>, SuiteError> {
        let context = DataContext::default();
        let data_folder = self.data_folder.clone().unwrap_or(context.folder);
        let planned = selection.plan(filter)?;
        Ok(planned
            .into_iter()
            .map(|plan| SingleRun {
                system: plan.system,
                problem: plan.problem,
                tier: plan.tier,
                seed: plan.seed,
                protocol: plan.protocol,
                iterations: plan.iterations,
                settings: plan.settings,
                device: self.device.clone(),
                data_folder: data_folder.clone(),
                user_data: self.data.clone(),
                extractor: self.extractor.clone(),
                out: self.out.clone(),
                again: self.again,
            })
            .collect())
    }
}

/// One line for a finished run.
fn summary(row: &Row, done: usize, count: usize) -> String {
    let start = format!("{done}/{count} {} on {}, seed {}: ", row.system, row.problem, row.seed);
    if let Some(error) = &row.error {
        return format!("{start}failed: {error}");
    }
    let headline = problems::find(&row.problem).map(|p| p.headline().to_vec()).unwrap_or_default();
    let measures: Vec<String> = headline
        .iter()
        .filter_map(|h| Some(format!("{} {:.4}", h.measure, row.measures.get(h.measure)?)))
        .collect();
    format!("{start}{} ({:.0} s)", measures.join(", "), row.seconds)
}
