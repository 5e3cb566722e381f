use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::single::SingleRun;
use crate::files::{FileError, write_atomically};
use crate::suite::error::SuiteError;
use crate::suite::row::Row;

/// Many runs, some at the same time.
#[derive(Debug)]
pub struct Suite {
    pub out: PathBuf,
    /// Processes at the same time.
    pub jobs: usize,
    pub runs: Vec<SingleRun>,
    /// The program that is called with `suite worker JSON` for one run.
    pub program: PathBuf,
    /// Set from outside to stop.
    pub stop: Arc<AtomicBool>,
}

/// One run in its process, and how far it has come.
#[derive(Debug)]
struct Working<'a> {
    run: &'a SingleRun,
    child: Child,
    /// Thousandths of its iterations.
    done: Arc<AtomicU64>,
}

/// What [`Suite::run`] tells while it goes on.
#[derive(Debug)]
pub enum SuiteEvent<'a> {
    /// A run has ended; so many have so far.
    Finished(&'a Row, usize),
    /// The runs that are worked on, with the part of their iterations that is done.
    Working(&'a [(&'a SingleRun, f64)]),
}

/// How many runs there were, and how many have failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuiteOutcome {
    pub runs: usize,
    pub failed: usize,
}

const POLL: Duration = Duration::from_millis(100);

/// The file of all rows of a suite's folder.
pub fn rows_path(out: &Path) -> PathBuf {
    out.join("rows.jsonl")
}

impl Suite {
    /// Runs everything that is not done yet, and tells `listener` about it.
    ///
    /// # Errors
    /// The folder cannot be written, another suite runs in it, a process cannot be started, or
    /// stopped from outside. A run that fails is no error here.
    pub fn run(
        &self,
        listener: &mut dyn FnMut(SuiteEvent<'_>),
    ) -> Result<SuiteOutcome, SuiteError> {
        std::fs::create_dir_all(&self.out)
            .map_err(|source| FileError::Create { path: self.out.clone(), source })?;
        let _lock = self.lock()?;
        let mut waiting: VecDeque<&SingleRun> = self.runs.iter().collect();
        let mut working: Vec<Working<'_>> = Vec::new();
        let mut outcome = SuiteOutcome { runs: 0, failed: 0 };
        while !(waiting.is_empty() && working.is_empty()) {
            if self.stop.load(Ordering::Relaxed) {
                for Working { child, .. } in &mut working {
                    let _ = child.kill();
                    let _ = child.wait();
                }
                return Err(SuiteError::Stopped);
            }
            while working.len() < self.jobs.max(1)
                && let Some(run) = waiting.pop_front()
            {
                working.push(self.start(run)?);
            }
            let mut still = Vec::new();
            for mut worker in working {
                let Some(status) =
                    worker.child.try_wait().map_err(|source| SuiteError::Process { source })?
                else {
                    still.push(worker);
                    continue;
                };
                let run = worker.run;
                let row = match run.earlier_row() {
                    Some(row) if status.success() => row,
                    _ => {
                        let row = run.failed(&format!("its process has ended with {status}"));
                        run.write_row(&row)?;
                        row
                    }
                };
                outcome.runs += 1;
                outcome.failed += usize::from(row.error.is_some());
                self.collect()?;
                listener(SuiteEvent::Finished(&row, outcome.runs));
            }
            working = still;
            let parts: Vec<(&SingleRun, f64)> = working
                .iter()
                .map(|worker| (worker.run, worker.done.load(Ordering::Relaxed) as f64 / 1e3))
                .collect();
            listener(SuiteEvent::Working(&parts));
            std::thread::sleep(POLL);
        }
        Ok(outcome)
    }

    /// Nobody else may write to the folder.
    fn lock(&self) -> Result<File, SuiteError> {
        let path = self.out.join(".lock");
        let creating = |source| FileError::Create { path: path.clone(), source };
        let file = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(creating)?;
        file.try_lock().map_err(|_| SuiteError::BadFile {
            path: self.out.clone(),
            problem: "another suite is running in this folder".to_owned(),
        })?;
        Ok(file)
    }

    fn start<'a>(&self, run: &'a SingleRun) -> Result<Working<'a>, SuiteError> {
        let text = serde_json::to_string(run).expect("a run has only plain values");
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = (cores / self.jobs.max(1)).max(1);
        let mut command = Command::new(&self.program);
        command.args(["suite", "worker", &text]).stdin(Stdio::null()).stdout(Stdio::piped());
        if std::env::var_os("RAYON_NUM_THREADS").is_none() {
            command.env("RAYON_NUM_THREADS", threads.to_string());
        }
        let mut child = command.spawn().map_err(|source| SuiteError::Process { source })?;
        let done = Arc::new(AtomicU64::new(0));
        if let Some(output) = child.stdout.take() {
            let done = Arc::clone(&done);
            // It ends with the process.
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if let Ok(thousandths) = line.trim().parse() {
                        done.store(thousandths, Ordering::Relaxed);
                    }
                }
            });
        }
        Ok(Working { run, child, done })
    }

    /// Brings all rows of the folder together.
    fn collect(&self) -> Result<(), SuiteError> {
        let folder = self.out.join("runs");
        let reading = |source| FileError::Read { path: folder.clone(), source };
        let mut names: Vec<PathBuf> = std::fs::read_dir(&folder)
            .map_err(reading)?
            .filter_map(|entry| Some(entry.ok()?.path().join("row.json")))
            .collect();
        names.sort();
        let mut text = String::new();
        for name in names {
            if let Ok(row) = std::fs::read_to_string(&name) {
                text.push_str(row.trim());
                text.push('\n');
            }
        }
        Ok(write_atomically(&rows_path(&self.out), text.as_bytes(), true)?)
    }
}
