//! `OUTPUT.json`: where, when and how an output was made. What it is stands in the output itself.

use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use serde::{Deserialize, Serialize};

use crate::clock::utc;
use crate::files::{self, FileError, beside, checksum_path, write_atomically};
use crate::memory;

/// `OUTPUT.json`.
pub fn record_path(output: &Path) -> PathBuf {
    beside(output, ".json")
}

/// Removes the checksum and the record of an output that is about to be replaced.
pub fn forget_companions(output: &Path) {
    for old in [checksum_path(output), record_path(output)] {
        if let Err(error) = fs_err::remove_file(&old)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!("cannot remove `{}`: {error}", old.display());
        }
    }
}

/// What the record of an output claims of it; other keys are of no use to programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedOutput {
    pub output: String,
    pub sha256: String,
    pub seed: u64,
    pub first_event: u64,
    pub events: u64,
}

impl RecordedOutput {
    /// What `OUTPUT.json` claims; nothing if there is no such file.
    ///
    /// # Errors
    /// The file cannot be read, or is no such record: the reason, for a sentence.
    pub fn read(output: &Path) -> Result<Option<Self>, String> {
        match files::read(&record_path(output)) {
            Ok(bytes) => {
                let known = serde_json::from_slice(&bytes);
                known.map(Some).map_err(|error| format!("is no record of an output: {error}"))
            }
            Err(FileError::Missing { .. }) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
}

#[derive(Debug, Serialize)]
struct Record<'a> {
    format_version: u32,
    output: &'a str,
    sha256: &'a str,
    seed: u64,
    first_event: u64,
    events: u64,
    /// Events that an earlier run of the same command had made.
    resumed_events: u64,
    program: &'static str,
    command: &'a [String],
    host: Option<String>,
    processor: Option<String>,
    device: &'a str,
    threads: usize,
    started: String,
    finished: String,
    wall_seconds: f64,
    cpu_seconds: Option<f64>,
    peak_memory_bytes: Option<u64>,
    exit: u8,
}

/// A run that is going on.
#[derive(Debug)]
pub(super) struct Run {
    moment: SystemTime,
    clock: Instant,
}

/// What the record says of the run beside times.
#[derive(Debug)]
pub(super) struct RunSummary<'a> {
    pub output: &'a RecordedOutput,
    pub resumed_events: u64,
    pub device: &'a str,
    pub command: &'a [String],
}

impl Run {
    pub(super) fn begin() -> Self {
        Self { moment: SystemTime::now(), clock: Instant::now() }
    }

    pub(super) fn seconds(&self) -> f64 {
        self.clock.elapsed().as_secs_f64()
    }

    /// Writes the record of a run that has come to its end, beside `path`.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn write(&self, path: &Path, summary: &RunSummary<'_>) -> Result<(), FileError> {
        let RecordedOutput { output, sha256, seed, first_event, events } = summary.output;
        let record = Record {
            format_version: 1,
            output,
            sha256,
            seed: *seed,
            first_event: *first_event,
            events: *events,
            resumed_events: summary.resumed_events,
            program: concat!("showerforge ", env!("CARGO_PKG_VERSION")),
            command: summary.command,
            host: line_of("/proc/sys/kernel/hostname"),
            processor: processor(),
            device: summary.device,
            threads: rayon::current_num_threads(),
            started: utc(self.moment),
            finished: utc(SystemTime::now()),
            wall_seconds: self.seconds(),
            cpu_seconds: cpu_seconds(),
            peak_memory_bytes: memory::peak_bytes(),
            exit: crate::ExitCode::Success.number(),
        };
        let mut text = serde_json::to_string_pretty(&record).expect("plain keys and values");
        text.push('\n');
        write_atomically(&record_path(path), text.as_bytes(), true)
    }
}

fn line_of(path: &str) -> Option<String> {
    Some(files::read_to_string(Path::new(path)).ok()?.trim().to_owned())
}

fn processor() -> Option<String> {
    let text = files::read_to_string(Path::new("/proc/cpuinfo")).ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// Of all threads of this process, by the kernel's clock of 1/100 s (`utime` and `stime` of
/// `/proc/self/stat`, fields 14 and 15; field 2 is the last that can hold blanks).
fn cpu_seconds() -> Option<f64> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = files::read_to_string(Path::new("/proc/self/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) as f64 / TICKS_PER_SECOND)
}
