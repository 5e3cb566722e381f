use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::PathBuf;
use std::str::FromStr;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::error::SuiteError;
use super::problem::{Problem, ProblemData};
use crate::compute::Device;
use crate::events::Events;

/// Measures by name. One that is not finite is written as `null`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Measures(pub BTreeMap<String, Option<f64>>);

impl Measures {
    pub fn set(&mut self, name: &str, value: f64) {
        self.0.insert(name.to_owned(), value.is_finite().then_some(value));
    }

    /// The value, if it was measured and is finite.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied().flatten()
    }

    /// Takes in those of another set.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

impl<const N: usize> From<[(&str, f64); N]> for Measures {
    fn from(values: [(&str, f64); N]) -> Self {
        let mut measures = Self::default();
        values.iter().for_each(|(name, value)| measures.set(name, *value));
        measures
    }
}

/// How long a training is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// For two cores and minutes.
    Short,
    /// As in the paper that published figures are from.
    Paper,
}

impl Protocol {
    pub fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Paper => "paper",
        }
    }
}

impl FromStr for Protocol {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Short, Self::Paper]
            .into_iter()
            .find(|protocol| protocol.name() == text)
            .ok_or_else(|| format!("there is no protocol `{text}`, expected `short` or `paper`"))
    }
}

/// How a system is trained once.
#[derive(Debug, Clone)]
pub struct RunOptions {
    pub seed: u64,
    pub device: Device,
    pub protocol: Protocol,
    /// In place of the protocol's.
    pub iterations: Option<u64>,
    /// Settings that are merged over the system's.
    pub overrides: toml::Table,
}

/// A generative model of the literature, as it can be trained on problems.
pub trait System: Debug + Send + Sync {
    /// As in options and files.
    fn name(&self) -> &str;

    /// One line for people.
    fn title(&self) -> &str;

    /// The paper it comes from.
    fn source(&self) -> &str;

    /// What is minimised and maximised.
    fn formula(&self) -> &str;

    /// # Errors
    /// Why it cannot be trained on such a problem, as a fragment of a sentence.
    fn takes(&self, problem: &dyn Problem) -> Result<(), String>;

    /// All settings in TOML, and the number of iterations.
    ///
    /// # Errors
    /// Settings that do not fit.
    fn settings(
        &self,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
    ) -> Result<(String, u64), SuiteError>;

    /// Trains it.
    ///
    /// # Errors
    /// Settings that do not fit, a training that leaves the finite numbers, or what `watch` says.
    fn train(
        &self,
        problem: &dyn Problem,
        data: &ProblemData,
        options: &RunOptions,
        watch: &mut dyn Watch,
    ) -> Result<Box<dyn Trained>, SuiteError>;
}

/// A system in or after its training.
pub trait Trained {
    /// Events at these conditions, from the averaged generator if there is one.
    ///
    /// # Shapes
    /// `conditions`: `[events, condition columns]`, no column for data without conditions.
    ///
    /// # Errors
    /// Conditions that it cannot be asked for.
    fn generate(&self, conditions: ArrayView2<'_, f64>, seed: u64) -> Result<Events, SuiteError>;

    /// The critic's score of events, where it has one for each event alone.
    fn scores(&self, _events: &Events) -> Option<Vec<f64>> {
        None
    }

    /// Measures that only this system has.
    ///
    /// # Errors
    /// What cannot be measured.
    fn own_measures(&self, _data: &ProblemData) -> Result<Measures, SuiteError> {
        Ok(Measures::default())
    }

    /// Parameters of the generator.
    fn parameters(&self) -> usize;
}

/// Looks on while a system is trained.
pub trait Watch {
    /// Whether it wants the losses of this iteration: to read them back takes time.
    fn wants_terms(&self, iteration: u64) -> bool;

    /// After iteration `iteration` of `of`, counted from 1.
    ///
    /// # Errors
    /// Whatever ends the training.
    fn after(
        &mut self,
        iteration: u64,
        of: u64,
        terms: &[(String, f64)],
        trained: &dyn Trained,
    ) -> Result<(), SuiteError>;

    /// The file of a state that the training should go on from, asked for once before it begins.
    /// A system that cannot go on does not ask, and begins anew.
    fn resumes_from(&mut self) -> Option<PathBuf> {
        None
    }

    /// Where the state after this iteration should be written, if it should;
    /// [`Watch::state_is_kept`] follows.
    ///
    /// # Errors
    /// The disk refuses.
    fn wants_state(&self, _iteration: u64) -> Result<Option<PathBuf>, SuiteError> {
        Ok(None)
    }

    /// The state of this iteration is written.
    ///
    /// # Errors
    /// The disk refuses.
    fn state_is_kept(&mut self, _iteration: u64) -> Result<(), SuiteError> {
        Ok(())
    }
}

/// Looks at nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Watch for Silent {
    fn wants_terms(&self, _iteration: u64) -> bool {
        false
    }

    fn after(
        &mut self,
        _iteration: u64,
        _of: u64,
        _terms: &[(String, f64)],
        _trained: &dyn Trained,
    ) -> Result<(), SuiteError> {
        Ok(())
    }
}
