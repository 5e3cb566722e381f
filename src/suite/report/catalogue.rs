//! What is known of problems and systems beside their names.

use std::collections::BTreeMap;

use crate::suite::problem::Better;
use crate::suite::tier::Tier;
use crate::suite::{problems, systems};

/// Of a problem; empty for one that this program does not have.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProblemFacts {
    /// Place in the documentation's order.
    pub place: Option<usize>,
    pub title: String,
    pub source: String,
    pub tier: Option<Tier>,
    /// The measures of its table, the most telling first.
    pub headline: Vec<(String, Better)>,
}

/// Of a system; empty for one that this program does not have.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SystemFacts {
    /// Place in the documentation's order.
    pub place: Option<usize>,
    pub title: String,
    pub source: String,
    pub formula: String,
}

/// Facts by name.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    pub problems: BTreeMap<String, ProblemFacts>,
    pub systems: BTreeMap<String, SystemFacts>,
}

impl Catalogue {
    /// The problems and systems of this program.
    pub fn of_suite() -> Self {
        let problems = problems::all().into_iter().enumerate().map(|(place, problem)| {
            let headline = problem.headline().iter();
            let facts = ProblemFacts {
                place: Some(place),
                title: problem.title().to_owned(),
                source: problem.source().to_owned(),
                tier: Some(problem.tier()),
                headline: headline.map(|one| (one.measure.to_owned(), one.better)).collect(),
            };
            (problem.name().to_owned(), facts)
        });
        let systems = systems::all().into_iter().enumerate().map(|(place, system)| {
            let facts = SystemFacts {
                place: Some(place),
                title: system.title().to_owned(),
                source: system.source().to_owned(),
                formula: system.formula().to_owned(),
            };
            (system.name().to_owned(), facts)
        });
        Self { problems: problems.collect(), systems: systems.collect() }
    }

    pub fn problem(&self, name: &str) -> ProblemFacts {
        self.problems.get(name).cloned().unwrap_or_default()
    }

    pub fn system(&self, name: &str) -> SystemFacts {
        self.systems.get(name).cloned().unwrap_or_default()
    }
}
