use std::fmt::Debug;

use serde::Serialize;

use super::loop_settings::all_finite;
use crate::gan::Progress;
use crate::suite::{Problem, ProblemData, RunOptions, SuiteError, System, Trained, Watch};

/// What a system says of itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct About {
    pub name: &'static str,
    pub title: &'static str,
    pub source: &'static str,
    pub formula: &'static str,
}

/// The settings of a run, checked, and the number of its iterations.
#[derive(Debug)]
pub(super) struct Resolved<S> {
    pub settings: S,
    /// All of them, in TOML.
    pub text: String,
    pub iterations: u64,
}

impl<S: Serialize> Resolved<S> {
    pub(super) fn new(settings: S, iterations: u64) -> Self {
        let text = toml::to_string(&settings).expect("settings have only plain values");
        Self { settings, text, iterations }
    }
}

/// A system whose training is not that of [`crate::gan::training::Trainer`] but a loop of its own:
/// this is all that makes it a [`System`].
pub(super) trait OwnLoop: Debug + Send + Sync {
    type Settings;

    fn about(&self) -> About;

    /// # Errors
    /// Why it cannot be trained on such a problem, as a fragment of a sentence.
    fn fits(&self, problem: &dyn Problem) -> Result<(), String>;

    /// # Errors
    /// Settings that do not fit.
    fn resolved(
        &self,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
    ) -> Result<Resolved<Self::Settings>, SuiteError>;

    /// The training in front of its first iteration.
    ///
    /// # Errors
    /// Data that do not fit.
    fn begin<'a>(
        &self,
        settings: Self::Settings,
        problem: &dyn Problem,
        data: &'a ProblemData,
        options: &RunOptions,
    ) -> Result<Box<dyn Iterate + 'a>, SuiteError>;
}

/// A training, one iteration after the other.
pub(super) trait Iterate {
    /// Does one iteration; its losses by name, if they are wanted.
    fn iterate(&mut self, progress: Progress, wants_terms: bool) -> Vec<(String, f64)>;

    /// What else is done behind an iteration whose losses are finite.
    ///
    /// # Errors
    /// Whatever ends the training.
    fn look_back(&mut self, _progress: Progress) -> Result<(), SuiteError> {
        Ok(())
    }

    fn trained(&self) -> &dyn Trained;

    /// What is used after the last iteration.
    fn finish(self: Box<Self>) -> Box<dyn Trained>;
}

impl<S: OwnLoop> System for S {
    fn name(&self) -> &str {
        self.about().name
    }

    fn title(&self) -> &str {
        self.about().title
    }

    fn source(&self) -> &str {
        self.about().source
    }

    fn formula(&self) -> &str {
        self.about().formula
    }

    fn takes(&self, problem: &dyn Problem) -> Result<(), String> {
        self.fits(problem)
    }

    fn settings(
        &self,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
    ) -> Result<(String, u64), SuiteError> {
        let resolved = self.resolved(problem, data, options)?;
        Ok((resolved.text, resolved.iterations))
    }

    fn train(
        &self,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
        watch: &mut dyn Watch,
    ) -> Result<Box<dyn Trained>, SuiteError> {
        let Resolved { settings, iterations, .. } = self.resolved(problem, data, options)?;
        let mut training = self.begin(settings, problem, data, options)?;
        for iteration in 0..iterations {
            let progress = Progress { iteration, iterations };
            let number = iteration + 1;
            let wants_terms = watch.wants_terms(number) || number == iterations;
            let terms = training.iterate(progress, wants_terms);
            all_finite(&terms, number)?;
            training.look_back(progress)?;
            watch.after(number, iterations, &terms, training.trained())?;
        }
        Ok(training.finish())
    }
}
