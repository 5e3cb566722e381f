use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::TrainingError;
use super::selection::SelectionFigures;
use crate::files::write_atomically;

/// One line of `metrics.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// Iterations done.
    pub iteration: u64,
    pub critics: Vec<CriticLog>,
    /// The weighted loss of matched observables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matching: Option<f64>,
    pub generator_learning_rate: f64,
    /// Variance of the generated events at fixed conditions over that of the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variance_ratio: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<SelectionFigures>,
}

/// The terms of one critic in the last step before the line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CriticLog {
    pub name: String,
    /// objective + Σ weight × penalty + auxiliary
    pub loss: f64,
    pub objective: f64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub penalties: Vec<PenaltyLog>,
    /// The weighted losses of the critic's heads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auxiliary: Option<f64>,
    /// BEGAN's k and measure of convergence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equilibrium: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convergence: Option<f64>,
    /// E D(real) − E D(generated)
    pub score_difference: f64,
    /// The generator's loss against this critic, before its weight.
    pub generator_loss: f64,
    pub learning_rate: f64,
}

impl CriticLog {
    /// Σ weight × penalty
    pub fn weighted_penalty(&self) -> f64 {
        self.penalties.iter().map(|penalty| penalty.weight * penalty.value).sum()
    }

    /// The penalties by their kinds; the second of a kind is `r1 2`.
    pub fn named_penalties(&self) -> impl Iterator<Item = (String, &PenaltyLog)> {
        self.penalties.iter().enumerate().map(|(index, penalty)| {
            let kind = &penalty.kind;
            match self.penalties[..index].iter().filter(|other| other.kind == *kind).count() {
                0 => (kind.clone(), penalty),
                before => (format!("{kind} {}", before + 1), penalty),
            }
        })
    }
}

/// A penalty, without its weight, and the weight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PenaltyLog {
    pub kind: String,
    pub value: f64,
    pub weight: f64,
}

/// A line of `metrics.jsonl` that says what befell the training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventLine {
    pub event: EventKind,
    /// The iteration in which it was noticed.
    pub iteration: u64,
    /// `loss-not-a-number`, `weight-not-a-number`, `critic-divergence` or `generator-collapse`.
    pub trouble: String,
    /// In words.
    pub message: String,
    /// Where the training goes on; none if it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_iteration: Option<u64>,
    /// Roll-backs so far, this one included.
    pub roll_backs: u64,
    /// What all learning rates are multiplied by from now on.
    pub rate_factor: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    RollBack,
    Diverged,
}

/// What the log says, without what was rolled back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    pub lines: Vec<LogLine>,
    pub events: Vec<EventLine>,
}

impl History {
    /// Adds a line of the log; false if it is none.
    fn read(&mut self, text: &str) -> bool {
        if let Ok(line) = serde_json::from_str::<LogLine>(text) {
            self.lines.push(line);
        } else if let Ok(event) = serde_json::from_str::<EventLine>(text) {
            self.add_event(event);
        } else {
            return false;
        }
        true
    }

    pub fn add_event(&mut self, event: EventLine) {
        if let Some(to) = event.to_iteration {
            self.lines.retain(|line| line.iteration <= to);
        }
        self.events.push(event);
    }
}

/// The file `metrics.jsonl`.
#[derive(Debug)]
pub struct MetricsLog {
    path: PathBuf,
    file: fs_err::File,
    bytes: u64,
}

impl MetricsLog {
    /// Opens the log and reads it. What is behind the first `bytes`, of a training that was killed
    /// after its last checkpoint, is left out: it will be written again.
    pub fn open(path: &Path, bytes: u64) -> Result<(Self, History), TrainingError> {
        let error = |source| TrainingError::Log { path: path.to_owned(), source };
        let before = match fs_err::read(path) {
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(error)?,
        };
        let wanted = usize::try_from(bytes).unwrap_or(usize::MAX);
        if before.len() < wanted {
            tracing::warn!("`{}` is shorter than it was: lines are missing", path.display());
        }
        let (mut history, mut kept) = (History::default(), 0);
        for line in before[..wanted.min(before.len())].split_inclusive(|&byte| byte == b'\n') {
            let text = line.strip_suffix(b"\n").and_then(|line| std::str::from_utf8(line).ok());
            if !text.is_some_and(|text| history.read(text)) {
                break;
            }
            kept += line.len();
        }
        write_atomically(path, &before[..kept], true)?;
        let file = fs_err::OpenOptions::new().append(true).open(path).map_err(error)?;
        Ok((Self { path: path.to_owned(), file, bytes: kept as u64 }, history))
    }

    /// Length of the file.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub fn append(&mut self, line: &impl Serialize) -> Result<(), TrainingError> {
        let mut text = serde_json::to_string(line).expect("a log line has only plain values");
        text.push('\n');
        self.file.write_all(text.as_bytes()).map_err(|source| self.error(source))?;
        self.bytes += text.len() as u64;
        Ok(())
    }

    /// Brings all lines to disk, so that a checkpoint never knows of more than there are.
    pub fn sync(&self) -> Result<(), TrainingError> {
        self.file.sync_data().map_err(|source| self.error(source))
    }

    fn error(&self, source: std::io::Error) -> TrainingError {
        TrainingError::Log { path: self.path.clone(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(iteration: u64) -> LogLine {
        let rate = 1e-3;
        LogLine {
            iteration,
            critics: Vec::new(),
            matching: None,
            generator_learning_rate: rate,
            variance_ratio: None,
            selection: None,
        }
    }

    fn roll_back(iteration: u64, to_iteration: u64) -> EventLine {
        EventLine {
            event: EventKind::RollBack,
            iteration,
            trouble: "critic-divergence".to_owned(),
            message: String::new(),
            to_iteration: Some(to_iteration),
            roll_backs: 1,
            rate_factor: 0.5,
        }
    }

    #[test]
    fn what_follows_the_checkpoint_and_half_a_line_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let (mut log, empty) = MetricsLog::open(&path, 0).unwrap();
        assert_eq!(empty, History::default());
        log.append(&line(5)).unwrap();
        log.append(&line(10)).unwrap();
        let bytes = log.bytes();
        log.append(&line(15)).unwrap();
        drop(log);
        let (log, history) = MetricsLog::open(&path, bytes).unwrap();
        assert_eq!((log.bytes(), &history.lines[..]), (bytes, &[line(5), line(10)][..]));
        let (log, history) = MetricsLog::open(&path, bytes - 3).unwrap();
        assert_eq!((log.bytes(), &history.lines[..]), (bytes / 2, &[line(5)][..]));
    }

    #[test]
    fn what_was_rolled_back_is_in_the_file_and_not_in_the_history() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let (mut log, _) = MetricsLog::open(&path, 0).unwrap();
        for iteration in [5, 10, 15] {
            log.append(&line(iteration)).unwrap();
        }
        log.append(&roll_back(17, 10)).unwrap();
        log.append(&line(15)).unwrap();
        let (_, history) = MetricsLog::open(&path, u64::MAX).unwrap();
        let iterations: Vec<u64> = history.lines.iter().map(|line| line.iteration).collect();
        assert_eq!(iterations, [5, 10, 15]);
        assert_eq!(history.events, [roll_back(17, 10)]);
        let text = fs_err::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 5);
        assert!(text.contains(r#"{"event":"roll-back","iteration":17,"#), "{text}");
    }
}
