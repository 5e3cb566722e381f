use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::artefacts::Frame;
use super::observer::Line;
use crate::files::{FileError, write_atomically};

/// What a run keeps on its way in its folder, so that one that was killed can go on: the state of
/// the training in a file of its own for each iteration at which it was kept, and what was seen of
/// it up to there, which names that file by its iteration.
#[derive(Debug)]
pub(super) struct Keeper {
    folder: PathBuf,
    /// Of data, settings and device: what was kept of another run is not taken up.
    identity: String,
    every: Duration,
    last: Instant,
}

/// What was seen of a training up to an iteration.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    identity: String,
    pub iteration: u64,
    /// Of the training alone.
    pub seconds: f64,
    pub lines: Vec<Line>,
    pub frames: Vec<Frame>,
}

const SEEN: &str = "unfinished.json";
const STATE: &str = "unfinished-";
/// Time between two states.
pub(super) const EVERY: Duration = Duration::from_secs(60);

impl Keeper {
    pub(super) fn new(folder: PathBuf, identity: String, every: Duration) -> Self {
        Self { folder, identity, every, last: Instant::now() }
    }

    /// Where the state of an iteration is.
    pub(super) fn state(&self, iteration: u64) -> PathBuf {
        self.folder.join(format!("{STATE}{iteration}.safetensors"))
    }

    /// Whether it is time again.
    pub(super) fn is_due(&self) -> bool {
        self.last.elapsed() >= self.every
    }

    /// What an equal run has left behind.
    pub(super) fn found(&self) -> Option<Kept> {
        let text = std::fs::read(self.folder.join(SEEN)).ok()?;
        let kept: Kept = serde_json::from_slice(&text).ok()?;
        (kept.identity == self.identity && self.state(kept.iteration).exists()).then_some(kept)
    }

    /// Makes the folder for a state.
    pub(super) fn prepare(&self) -> Result<(), FileError> {
        std::fs::create_dir_all(&self.folder)
            .map_err(|source| FileError::Create { path: self.folder.clone(), source })
    }

    /// Keeps what was seen beside the state of the same iteration, which is written already, and
    /// removes earlier states.
    pub(super) fn keep(
        &mut self,
        iteration: u64,
        seconds: f64,
        (lines, frames): (&[Line], &[Frame]),
    ) -> Result<(), FileError> {
        let (lines, frames) = (lines.to_vec(), frames.to_vec());
        let kept = Kept { identity: self.identity.clone(), iteration, seconds, lines, frames };
        let text = serde_json::to_string(&kept).expect("plain values");
        write_atomically(&self.folder.join(SEEN), text.as_bytes(), true)?;
        let current = self.state(iteration);
        remove(&self.folder, |path| path != current && is_state(path))?;
        self.last = Instant::now();
        Ok(())
    }
}

/// Removes what a run in `folder` has kept, when it has ended.
pub(super) fn remove_kept(folder: &Path) -> Result<(), FileError> {
    remove(folder, |path| path.ends_with(SEEN) || is_state(path))
}

fn is_state(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(STATE))
}

fn remove(folder: &Path, which: impl Fn(&Path) -> bool) -> Result<(), FileError> {
    let reading = |source| FileError::Read { path: folder.to_owned(), source };
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(reading)?,
    };
    for entry in entries {
        let path = entry.map_err(reading)?.path();
        if which(&path) {
            std::fs::remove_file(&path)
                .map_err(|source| FileError::Write { path: path.clone(), source })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::cpu;
    use crate::events::Events;
    use crate::suite::data_context::DataContext;
    use crate::suite::error::SuiteError;
    use crate::suite::problem::{Problem, ProblemData};
    use crate::suite::runner::observer::Observer;
    use crate::suite::system::{Protocol, RunOptions, System, Trained, Watch};
    use crate::suite::{problems, systems};

    const ITERATIONS: u64 = 12;

    /// Looks on like another one, and ends the training in front of an iteration.
    struct Killed<'a>(Observer<'a>, u64);

    impl Watch for Killed<'_> {
        fn wants_terms(&self, iteration: u64) -> bool {
            self.0.wants_terms(iteration)
        }

        fn after(
            &mut self,
            iteration: u64,
            of: u64,
            terms: &[(String, f64)],
            trained: &dyn Trained,
        ) -> Result<(), SuiteError> {
            if iteration == self.1 {
                return Err(SuiteError::Stopped);
            }
            self.0.after(iteration, of, terms, trained)
        }

        fn resumes_from(&mut self) -> Option<PathBuf> {
            self.0.resumes_from()
        }

        fn wants_state(&self, iteration: u64) -> Result<Option<PathBuf>, SuiteError> {
            // Not of every iteration: some are done twice.
            if iteration.is_multiple_of(3) { self.0.wants_state(iteration) } else { Ok(None) }
        }

        fn state_is_kept(&mut self, iteration: u64) -> Result<(), SuiteError> {
            self.0.state_is_kept(iteration)
        }
    }

    struct Task {
        system: Box<dyn System>,
        problem: Box<dyn Problem>,
        data: ProblemData,
        options: RunOptions,
    }

    impl Task {
        fn new() -> Self {
            let problem = problems::find("8-gaussians").unwrap();
            let data = problem.load(&DataContext::default()).unwrap();
            let small = "generator.network = { hidden = [8], activation = 'relu' }";
            let options = RunOptions {
                seed: 3,
                device: cpu(),
                protocol: Protocol::Short,
                iterations: Some(ITERATIONS),
                overrides: toml::from_str(small).unwrap(),
            };
            Self { system: systems::find("r3gan").unwrap(), problem, data, options }
        }

        /// Samples, curves but for their times, and the iterations that were trained.
        fn train(
            &self,
            folder: Option<(&Path, &str)>,
            killed_at: u64,
        ) -> Result<(Events, Vec<String>, Vec<u64>), SuiteError> {
            let mut trained = Vec::new();
            let mut progress = |iteration, _| trained.push(iteration);
            let mut observer = Observer::new(&*self.problem, &self.data, ITERATIONS, &mut progress);
            if let Some((folder, identity)) = folder {
                let keeper = Keeper::new(folder.to_owned(), identity.to_owned(), Duration::ZERO);
                observer = observer.keeping(keeper);
            }
            let mut watch = Killed(observer, killed_at);
            let result =
                self.system.train(&*self.problem, &self.data, &self.options, &mut watch)?;
            let samples = result.generate(self.data.conditions(50).view(), 1)?;
            let curves = watch.0.curves();
            let without_time = |line: &str| {
                let cells = line.split(',').enumerate().filter(|(column, _)| *column != 1);
                cells.map(|(_, cell)| cell).collect::<Vec<_>>().join(",")
            };
            Ok((samples, curves.lines().map(without_time).collect(), trained))
        }
    }

    #[test]
    fn a_run_that_is_killed_goes_on_and_ends_as_if_nothing_had_been() {
        let task = Task::new();
        let (samples, curves, _) = task.train(None, 0).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("runs/one");
        assert!(matches!(task.train(Some((&run, "a")), 8), Err(SuiteError::Stopped)));
        let files = |folder: &Path| {
            let mut names: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        assert_eq!(files(&run), ["unfinished-6.safetensors", "unfinished.json"]);
        // Killed once more, before anything new was kept.
        assert!(matches!(task.train(Some((&run, "a")), 8), Err(SuiteError::Stopped)));
        let (again, curves_again, trained) = task.train(Some((&run, "a")), 0).unwrap();
        assert_eq!(trained, [7, 8, 9, 10, 11, 12]);
        assert_eq!(again.values, samples.values);
        assert_eq!(curves_again, curves);
        remove_kept(&run).unwrap();
        assert!(files(&run).is_empty());
        remove_kept(&folder.path().join("none")).unwrap();
    }

    #[test]
    fn what_another_run_has_kept_or_has_not_kept_whole_is_not_taken_up() {
        let task = Task::new();
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path();
        let kill = || {
            remove_kept(run).unwrap();
            assert!(task.train(Some((run, "a")), 8).is_err());
        };
        let trained = |identity| task.train(Some((run, identity)), 0).unwrap().2;
        kill();
        assert_eq!(trained("b").len(), ITERATIONS as usize);
        kill();
        write_atomically(&run.join(SEEN), b"{", true).unwrap();
        assert_eq!(trained("a").len(), ITERATIONS as usize);
        kill();
        std::fs::remove_file(run.join("unfinished-6.safetensors")).unwrap();
        assert_eq!(trained("a").len(), ITERATIONS as usize);
    }
}
