use std::path::PathBuf;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::artefacts::{Frame, in_frame, rows};
use super::kept::Keeper;
use crate::suite::error::SuiteError;
use crate::suite::problem::{Problem, ProblemData};
use crate::suite::system::{Measures, Trained, Watch};

/// Frames of a training.
const FRAMES: u64 = 24;
/// Points of its curves.
const POINTS: u64 = 100;
/// Points at which measures are taken.
const MEASURED: u64 = 25;
/// Samples of these.
const QUICK_SAMPLES: usize = 2_500;
/// Seed of the samples that are looked at in a training.
const SEED: u64 = 0;

/// Writes down losses, quick measures and samples on the way.
pub(super) struct Observer<'a> {
    problem: &'a dyn Problem,
    data: &'a ProblemData,
    of: u64,
    started: Instant,
    /// Time that was spent on looking, which is not the training's.
    pub(super) looked_seconds: f64,
    pub(super) frames: Vec<Frame>,
    lines: Vec<Line>,
    keeper: Option<Keeper>,
    /// What an earlier process that was killed has trained, if this one goes on with it.
    earlier_seconds: f64,
    progress: &'a mut dyn FnMut(u64, u64),
}

/// Losses and measures of one iteration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Line {
    iteration: u64,
    seconds: f64,
    values: Vec<(String, f64)>,
}

impl<'a> Observer<'a> {
    pub(super) fn new(
        problem: &'a dyn Problem,
        data: &'a ProblemData,
        of: u64,
        progress: &'a mut dyn FnMut(u64, u64),
    ) -> Self {
        Self {
            problem,
            data,
            of,
            started: Instant::now(),
            looked_seconds: 0.0,
            frames: Vec::new(),
            lines: Vec::new(),
            keeper: None,
            earlier_seconds: 0.0,
            progress,
        }
    }

    /// Keeps states of the training on the way, and takes up those of an equal run.
    pub(super) fn keeping(self, keeper: Keeper) -> Self {
        Self { keeper: Some(keeper), ..self }
    }

    /// Whether one of `count` equal parts of the training ends with this iteration.
    fn ends_part(&self, iteration: u64, count: u64) -> bool {
        let part = |iteration: u64| iteration * count.min(self.of) / self.of.max(1);
        part(iteration) > part(iteration - 1)
    }

    /// The time of the training alone so far.
    pub(super) fn training_seconds(&self) -> f64 {
        self.earlier_seconds + self.started.elapsed().as_secs_f64() - self.looked_seconds
    }

    /// iteration, seconds, then all terms and measures; empty where one was not taken.
    pub(super) fn curves(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for line in &self.lines {
            for (name, _) in &line.values {
                if !names.contains(&name.as_str()) {
                    names.push(name);
                }
            }
        }
        let header: Vec<&str> = ["iteration", "seconds"].into_iter().chain(names.clone()).collect();
        let mut text = header.join(",") + "\n";
        for line in &self.lines {
            let value = |name: &&str| {
                let found = line.values.iter().find(|(known, _)| known == name);
                found.map_or_else(String::new, |(_, value)| format!("{value:.6e}"))
            };
            let start = [line.iteration.to_string(), format!("{:.3}", line.seconds)];
            let cells: Vec<String> = start.into_iter().chain(names.iter().map(value)).collect();
            text += &(cells.join(",") + "\n");
        }
        text
    }
}

impl Watch for Observer<'_> {
    fn wants_terms(&self, iteration: u64) -> bool {
        self.ends_part(iteration, POINTS)
    }

    fn after(
        &mut self,
        iteration: u64,
        of: u64,
        terms: &[(String, f64)],
        trained: &dyn Trained,
    ) -> Result<(), SuiteError> {
        self.of = of;
        let begun = Instant::now();
        if self.ends_part(iteration, POINTS) {
            let seconds = self.training_seconds();
            let mut values = terms.to_vec();
            if self.ends_part(iteration, MEASURED) {
                let samples = QUICK_SAMPLES.min(self.problem.samples());
                let events = trained.generate(self.data.conditions(samples).view(), SEED)?;
                let Measures(measures) = self.problem.judge_quickly(self.data, &events);
                values.extend(measures.into_iter().filter_map(|(name, v)| Some((name, v?))));
            }
            self.lines.push(Line { iteration, seconds, values });
            (self.progress)(iteration, of);
        }
        let count = in_frame(&self.data.shape);
        if count > 0 && self.ends_part(iteration, FRAMES) {
            let events = trained.generate(self.data.conditions(count).view(), SEED)?;
            self.frames.push(Frame { iteration, samples: rows(&events, count) });
        }
        self.looked_seconds += begun.elapsed().as_secs_f64();
        Ok(())
    }

    fn resumes_from(&mut self) -> Option<PathBuf> {
        let keeper = self.keeper.as_ref()?;
        let kept = keeper.found()?;
        (self.lines, self.frames, self.earlier_seconds) = (kept.lines, kept.frames, kept.seconds);
        Some(keeper.state(kept.iteration))
    }

    fn wants_state(&self, iteration: u64) -> Result<Option<PathBuf>, SuiteError> {
        let due = self.keeper.as_ref().filter(|keeper| iteration < self.of && keeper.is_due());
        due.map_or(Ok(None), |keeper| {
            keeper.prepare()?;
            Ok(Some(keeper.state(iteration)))
        })
    }

    fn state_is_kept(&mut self, iteration: u64) -> Result<(), SuiteError> {
        let seconds = self.training_seconds();
        if let Some(keeper) = &mut self.keeper {
            keeper.keep(iteration, seconds, (&self.lines, &self.frames))?;
        }
        Ok(())
    }
}
