use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use prost::Message as _;

use super::message::{Event, FILE_VERSION, START, SessionLog, Summary, Value};
use super::record::{record, records};
use crate::files::{FileError, write_atomically};
use crate::gan::training::error::TrainingError;
use crate::gan::training::log::LogLine;

/// The event files of a run: a new one for each time it is taken up.
///
/// No step is in them twice: what a killed training wrote after its last checkpoint is cut off, and
/// a TensorBoard that has read it is told that it is void.
#[derive(Debug)]
pub struct EventFiles {
    folder: PathBuf,
    path: PathBuf,
    file: fs_err::File,
}

impl EventFiles {
    /// Goes on after `iteration`.
    pub fn open(folder: &Path, iteration: u64) -> Result<Self, TrainingError> {
        fs_err::create_dir_all(folder).map_err(|source| FileError::creating(folder, source))?;
        let mut last = None;
        for (number, path) in existing(folder)? {
            cut(&path, iteration)?;
            last = last.max(Some(number));
        }
        let number = last.map_or(0, |last| last + 1);
        // TensorBoard takes the files in the order of their names.
        let path = folder.join(format!("{PREFIX}{number:010}{SUFFIX}"));
        let version = Event { file_version: Some(FILE_VERSION.to_owned()), ..now(0) };
        let mut start = record(&version.encode_to_vec());
        if number > 0 {
            let session_log = Some(SessionLog { status: START });
            start.extend(record(&Event { session_log, ..now(iteration + 1) }.encode_to_vec()));
        }
        write_atomically(&path, &start, true)?;
        let file = fs_err::OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(|source| FileError::writing(&path, source))?;
        Ok(Self { folder: folder.to_owned(), path, file })
    }

    pub fn append(&mut self, line: &LogLine) -> Result<(), TrainingError> {
        let summary = Some(Summary { value: scalars(line) });
        let event = Event { summary, ..now(line.iteration) };
        self.file
            .write_all(&record(&event.encode_to_vec()))
            .map_err(|source| TrainingError::Log { path: self.path.clone(), source })
    }

    /// Takes back everything after `iteration`.
    pub fn roll_back(&mut self, iteration: u64) -> Result<(), TrainingError> {
        *self = Self::open(&self.folder.clone(), iteration)?;
        Ok(())
    }
}

const PREFIX: &str = "events.out.tfevents.";
const SUFFIX: &str = ".showerforge";

fn existing(folder: &Path) -> Result<Vec<(u64, PathBuf)>, TrainingError> {
    let error = |source| FileError::creating(folder, source);
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder).map_err(error)? {
        let path = entry.map_err(error)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let number = name.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(SUFFIX));
        if let Some(number) = number.and_then(|number| number.parse().ok()) {
            found.push((number, path));
        }
    }
    Ok(found)
}

/// Leaves the events up to `iteration` in a file.
fn cut(path: &Path, iteration: u64) -> Result<(), TrainingError> {
    let file = crate::files::read(path)?;
    let is_kept = |data: &[u8]| {
        Event::decode(data)
            .is_ok_and(|event| event.step <= step(iteration) || event.summary.is_none())
    };
    let kept =
        records(&file).take_while(|(_, data)| is_kept(data)).last().map_or(0, |(end, _)| end);
    if kept < file.len() {
        write_atomically(path, &file[..kept], true)?;
    }
    Ok(())
}

fn step(iteration: u64) -> i64 {
    i64::try_from(iteration).unwrap_or(i64::MAX)
}

fn now(iteration: u64) -> Event {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Event { wall_time: since.as_secs_f64(), step: step(iteration), ..Event::default() }
}

fn scalars(line: &LogLine) -> Vec<Value> {
    let mut all = Vec::new();
    let mut add = |group: &str, name: &str, value: f64| {
        all.push(Value { tag: format!("{group}/{name}"), simple_value: Some(value as f32) });
    };
    for critic in &line.critics {
        add("critic loss", &critic.name, critic.loss);
        add("critic objective", &critic.name, critic.objective);
        add("generator loss", &critic.name, critic.generator_loss);
        add("score difference", &critic.name, critic.score_difference);
        for (kind, penalty) in critic.named_penalties() {
            add(&kind, &critic.name, penalty.value);
            add(&format!("{kind} weight"), &critic.name, penalty.weight);
        }
        let optional = [
            ("auxiliary loss", critic.auxiliary),
            ("equilibrium", critic.equilibrium),
            ("convergence", critic.convergence),
        ];
        for (group, value) in optional {
            if let Some(value) = value {
                add(group, &critic.name, value);
            }
        }
        add("learning rate", &critic.name, critic.learning_rate);
    }
    add("learning rate", "generator", line.generator_learning_rate);
    if let Some(matching) = line.matching {
        add("generator", "matching loss", matching);
    }
    if let Some(ratio) = line.variance_ratio {
        add("generator", "variance ratio", ratio);
    }
    if let Some(figures) = line.selection {
        add("selection", figures.by.name(), figures.value);
        add("selection", "parts-chi2-per-ndf", figures.parts_chi2_per_ndf);
        if let Some(total) = figures.total_chi2_per_ndf {
            add("selection", "total-chi2-per-ndf", total);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gan::training::log::{CriticLog, PenaltyLog};

    fn line(iteration: u64) -> LogLine {
        LogLine {
            iteration,
            critics: Vec::new(),
            matching: None,
            generator_learning_rate: 0.5,
            variance_ratio: None,
            selection: None,
        }
    }

    #[test]
    fn every_term_has_a_tag_of_its_own() {
        let penalty = |kind: &str, value| PenaltyLog { kind: kind.to_owned(), value, weight: 4.0 };
        let critic = CriticLog {
            name: "shower".to_owned(),
            loss: 1.0,
            objective: 2.0,
            penalties: vec![penalty("r1", 0.125), penalty("drift", 0.25), penalty("r1", 0.5)],
            auxiliary: Some(3.0),
            equilibrium: Some(5.0),
            convergence: Some(6.0),
            score_difference: 7.0,
            generator_loss: 8.0,
            learning_rate: 9.0,
        };
        let full = LogLine { critics: vec![critic], matching: Some(10.0), ..line(5) };
        let found = scalars(&full);
        for (tag, value) in [
            ("critic loss/shower", 1.0),
            ("critic objective/shower", 2.0),
            ("r1/shower", 0.125),
            ("drift/shower", 0.25),
            ("r1 2/shower", 0.5),
            ("r1 2 weight/shower", 4.0),
            ("auxiliary loss/shower", 3.0),
            ("equilibrium/shower", 5.0),
            ("convergence/shower", 6.0),
            ("score difference/shower", 7.0),
            ("generator loss/shower", 8.0),
            ("learning rate/shower", 9.0),
            ("learning rate/generator", 0.5),
            ("generator/matching loss", 10.0),
        ] {
            let of_tag: Vec<_> = found.iter().filter(|scalar| scalar.tag == tag).collect();
            assert_eq!(of_tag.len(), 1, "{tag}");
            assert_eq!(of_tag[0].simple_value, Some(value), "{tag}");
        }
    }

    /// Steps with summaries, and starts, in the order of the files.
    fn steps(folder: &Path) -> (Vec<i64>, Vec<i64>) {
        let mut files = existing(folder).unwrap();
        files.sort();
        let (mut summaries, mut starts) = (Vec::new(), Vec::new());
        for (_, path) in files {
            let file = fs_err::read(&path).unwrap();
            for (index, (_, data)) in records(&file).enumerate() {
                let event = Event::decode(data).unwrap();
                assert_eq!(event.file_version.is_some(), index == 0);
                if event.summary.is_some() {
                    summaries.push(event.step);
                }
                if event.session_log.is_some() {
                    starts.push(event.step);
                }
            }
        }
        (summaries, starts)
    }

    #[test]
    fn no_step_is_there_twice_after_a_kill_or_a_roll_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = EventFiles::open(folder.path(), 0).unwrap();
        for iteration in [5, 10, 15] {
            files.append(&line(iteration)).unwrap();
        }
        // Killed in the middle of a record, after a checkpoint of iteration 10.
        files.file.write_all(&[9, 0, 0]).unwrap();
        drop(files);
        let mut files = EventFiles::open(folder.path(), 10).unwrap();
        files.append(&line(15)).unwrap();
        files.append(&line(20)).unwrap();
        files.roll_back(15).unwrap();
        files.append(&line(20)).unwrap();
        assert_eq!(steps(folder.path()), (vec![5, 10, 15, 20], vec![11, 16]));
    }
}
