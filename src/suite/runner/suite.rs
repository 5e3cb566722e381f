use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
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
    pub stop: std::sync::Arc<AtomicBool>,
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
    /// Runs everything that is not done yet; `finished` is told each row as it comes, with the number of
    /// runs done.
    ///
    /// # Errors
    /// The folder cannot be written, another suite runs in it, a process cannot be started, or
    /// stopped from outside. A run that fails is no error here.
    pub fn run(&self, finished: &mut dyn FnMut(&Row, usize)) -> Result<SuiteOutcome, SuiteError> {
        std::fs::create_dir_all(&self.out)
            .map_err(|source| FileError::Create { path: self.out.clone(), source })?;
        let _lock = self.lock()?;
        let mut waiting: VecDeque<&SingleRun> = self.runs.iter().collect();
        let mut working: Vec<(&SingleRun, Child)> = Vec::new();
        let mut outcome = SuiteOutcome { runs: 0, failed: 0 };
        while !(waiting.is_empty() && working.is_empty()) {
            if self.stop.load(Ordering::Relaxed) {
                for (_, child) in &mut working {
                    let _ = child.kill();
                    let _ = child.wait();
                }
                return Err(SuiteError::Stopped);
            }
            while working.len() < self.jobs.max(1)
                && let Some(run) = waiting.pop_front()
            {
                working.push((run, self.start(run)?));
            }
            let mut still = Vec::new();
            for (run, mut child) in working {
                let Some(status) =
                    child.try_wait().map_err(|source| SuiteError::Process { source })?
                else {
                    still.push((run, child));
                    continue;
                };
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
                finished(&row, outcome.runs);
            }
            working = still;
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

    fn start(&self, run: &SingleRun) -> Result<Child, SuiteError> {
        let text = serde_json::to_string(run).expect("a run has only plain values");
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = (cores / self.jobs.max(1)).max(1);
        let mut command = Command::new(&self.program);
        command.args(["suite", "worker", &text]).stdin(Stdio::null()).stdout(Stdio::null());
        if std::env::var_os("RAYON_NUM_THREADS").is_none() {
            command.env("RAYON_NUM_THREADS", threads.to_string());
        }
        command.spawn().map_err(|source| SuiteError::Process { source })
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
