use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::PlanError;
use crate::files::{self, FileError};

/// What a job takes on this machine, found out with short ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measurement {
    pub machine: Machine,
    pub threads: u32,
    /// Wall time of all trials.
    pub seconds: f64,
    /// Events of the longest trial.
    pub events: u64,
    /// From noise to a finished file, without the start of the program.
    pub events_per_second: f64,
    /// Start, reading the model, finishing the output.
    pub startup_seconds: f64,
    /// Of the compressed output.
    pub bytes_per_event: f64,
    /// The greatest resident memory.
    pub peak_bytes: u64,
    /// Share of the time in which a core ran the last trial; on one thread, about 1 on a machine
    /// that does nothing else.
    pub cpu_share: f64,
}

impl Measurement {
    /// Whether other programs took so much of the machine that the figures say little.
    pub fn was_disturbed(&self) -> bool {
        self.threads == 1 && self.cpu_share < LEAST_CPU_SHARE
    }
}

/// The machine that was measured on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Machine {
    pub host: String,
    pub cpu: String,
    pub cores: usize,
}

impl Machine {
    /// This one; `unknown` for what the system does not tell.
    pub fn this() -> Self {
        let read = |path: &str| fs_err::read_to_string(path).ok();
        let unknown = || "unknown".to_owned();
        let cpu = read("/proc/cpuinfo").and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        });
        let host = read("/proc/sys/kernel/hostname").map(|name| name.trim().to_owned());
        Self {
            host: host.unwrap_or_else(unknown),
            cpu: cpu.unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// Events of the first trial.
const FIRST_EVENTS: u64 = 64;
/// A trial is at most so many times as long as the one before.
const LARGEST_STEP: f64 = 16.0;
/// Writing to a slow disk takes some of the time on any machine.
const LEAST_CPU_SHARE: f64 = 0.6;

/// Runs `program` with `arguments` (`generate …` without number of events and output) as jobs of
/// more and more of the `events` events from `first_event` on, until one takes about `seconds`.
///
/// Outputs are written to a temporary folder in `folder`, so that its disk is measured, too.
///
/// # Errors
/// The program cannot be run, or a trial fails: a bad model, conditions that do not fit it, too few
/// conditions for the last event.
pub fn measure(
    program: &Path,
    arguments: &[String],
    (first_event, events): (u64, u64),
    folder: &Path,
    threads: u32,
    seconds: f64,
) -> Result<Measurement, PlanError> {
    let scratch = tempfile::Builder::new()
        .prefix(".plan.")
        .tempdir_in(folder)
        .map_err(|source| FileError::creating(folder, source))?;
    let job = |number: u32, first: u64, events: u64| {
        let output = scratch.path().join(format!("trial-{number}.h5"));
        let mut words: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        for (option, value) in [("--first-event", first), ("--nevents", events)] {
            words.extend([option.into(), value.to_string().into()]);
        }
        words.extend(["--output".into(), output.clone().into_os_string()]);
        trial(program, &words, &output, threads, events)
    };
    let started = Instant::now();
    // Whether the last event can be made at all, before anything is written for it.
    job(0, first_event + (events - 1), 1)?;
    let first = job(1, first_event, FIRST_EVENTS.min(events))?;
    let mut last = first.clone();
    let mut number = 2;
    // At least two, for a line through them.
    while last.events < events && (number == 2 || last.seconds < seconds / 2.0) {
        let step = (0.9 * seconds / last.seconds.max(1e-3)).clamp(2.0, LARGEST_STEP);
        let next = ((last.events as f64 * step) as u64).min(events);
        last = job(number, first_event, next)?;
        number += 1;
    }
    let (events_per_second, startup_seconds) = line(&first, &last);
    let more_events = last.events - first.events;
    let bytes_per_event = match more_events {
        0 => last.bytes as f64 / last.events as f64,
        more => last.bytes.saturating_sub(first.bytes) as f64 / more as f64,
    };
    Ok(Measurement {
        machine: Machine::this(),
        threads,
        seconds: started.elapsed().as_secs_f64(),
        events: last.events,
        events_per_second,
        startup_seconds,
        bytes_per_event,
        peak_bytes: last.peak_bytes.max(first.peak_bytes),
        cpu_share: last.cpu_seconds / last.seconds.max(1e-9),
    })
}

/// A short job.
#[derive(Debug, Clone, PartialEq)]
struct Trial {
    events: u64,
    seconds: f64,
    cpu_seconds: f64,
    bytes: u64,
    peak_bytes: u64,
}

/// What the job's own record says of it, as far as it is needed here.
#[derive(Debug, Deserialize)]
struct JobRecord {
    cpu_seconds: Option<f64>,
    peak_memory_bytes: Option<u64>,
}

/// Events a second and seconds at the start, by the straight line through two trials.
fn line(first: &Trial, last: &Trial) -> (f64, f64) {
    let more_seconds = last.seconds - first.seconds;
    if last.events == first.events || more_seconds <= 0.0 {
        return (last.events as f64 / last.seconds.max(1e-9), 0.0);
    }
    let rate = (last.events - first.events) as f64 / more_seconds;
    (rate, (first.seconds - first.events as f64 / rate).max(0.0))
}

fn trial(
    program: &Path,
    arguments: &[OsString],
    output: &Path,
    threads: u32,
    events: u64,
) -> Result<Trial, PlanError> {
    let running = |source| PlanError::Run { program: program.display().to_string(), source };
    let started = Instant::now();
    let run = Command::new(program)
        .args(arguments)
        .env("RAYON_NUM_THREADS", threads.to_string())
        .stdin(Stdio::null())
        .output()
        .map_err(running)?;
    let seconds = started.elapsed().as_secs_f64();
    if !run.status.success() {
        let said = String::from_utf8_lossy(&run.stderr);
        let error = said.lines().rfind(|line| line.starts_with("error: "));
        let message = match error {
            Some(line) => line.trim_start_matches("error: ").to_owned(),
            None => run.status.to_string(),
        };
        return Err(PlanError::Trial { message, code: run.status.code() });
    }
    let bytes =
        std::fs::metadata(output).map_err(|source| FileError::reading(output, source))?.len();
    let record = output.with_added_extension("json");
    let record: JobRecord =
        serde_json::from_slice(&files::read(&record)?).map_err(|source| PlanError::Trial {
            message: format!("its record `{}` cannot be read: {source}", record.display()),
            code: None,
        })?;
    Ok(Trial {
        events,
        seconds,
        // Where the system does not say, nothing is known of other programs.
        cpu_seconds: record.cpu_seconds.unwrap_or(seconds),
        bytes,
        peak_bytes: record.peak_memory_bytes.unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial_of(events: u64, seconds: f64) -> Trial {
        Trial { events, seconds, cpu_seconds: seconds, bytes: 0, peak_bytes: 0 }
    }

    #[test]
    fn a_line_through_two_trials() {
        let (rate, startup) = line(&trial_of(64, 0.564), &trial_of(4064, 4.564));
        assert!((rate - 1000.0).abs() < 1e-9 && (startup - 0.5).abs() < 1e-9, "{rate} {startup}");
    }

    #[test]
    fn one_trial_alone_and_trials_of_noise() {
        assert_eq!(line(&trial_of(10, 0.5), &trial_of(10, 0.5)), (20.0, 0.0));
        let (rate, startup) = line(&trial_of(64, 0.5), &trial_of(128, 0.4));
        assert_eq!((rate, startup), (320.0, 0.0));
    }

    #[test]
    fn what_a_failed_trial_says_is_told_with_its_code() {
        let folder = tempfile::tempdir().unwrap();
        let script = "echo note >&2; echo 'error: failed to generate: no model' >&2; exit 65";
        let words = ["-c".to_owned(), script.to_owned()];
        let failed = measure(Path::new("sh"), &words, (0, 10), folder.path(), 1, 1.0).unwrap_err();
        assert_eq!(
            failed.to_string(),
            "a trial of `showerforge generate` has failed: failed to generate: no model"
        );
        assert_eq!(failed.exit_code(), crate::ExitCode::BadData);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let nothing = measure(Path::new("no-such-program"), &[], (0, 1), folder.path(), 1, 1.0);
        assert_eq!(nothing.unwrap_err().exit_code(), crate::ExitCode::MissingInput);
    }
}
