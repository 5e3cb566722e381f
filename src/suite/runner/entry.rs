use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::suite::error::SuiteError;
use crate::suite::problem::Problem;
use crate::suite::system::{Protocol, System};
use crate::suite::tier::Tier;
use crate::suite::{problems, systems};

const FORMAT_VERSION: u32 = 1;

/// What is run: systems on problems, each from so many seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    pub format_version: u32,
    /// Groups, run in their order.
    pub entry: Vec<Entry>,
}

/// Every system of the group on every problem of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub systems: Vec<String>,
    pub problems: Vec<String>,
    /// Trained from the seeds 1, 2, …
    #[serde(default = "one")]
    pub seeds: u64,
    #[serde(default = "short")]
    pub protocol: Protocol,
    /// In place of the protocol's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iterations: Option<u64>,
    /// The tier that it is listed in, where not that of the problem: `gpu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// Settings that are merged over those of the systems.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub settings: toml::Table,
}

fn one() -> u64 {
    1
}

fn short() -> Protocol {
    Protocol::Short
}

/// What is asked for on the command line.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub tiers: Vec<Tier>,
    pub systems: Vec<String>,
    pub problems: Vec<String>,
    pub seeds: Option<u64>,
    pub protocol: Option<Protocol>,
    pub iterations: Option<u64>,
}

/// One training to be done.
#[derive(Debug)]
pub struct Planned {
    pub system: String,
    pub problem: String,
    pub tier: Tier,
    pub seed: u64,
    pub protocol: Protocol,
    pub iterations: Option<u64>,
    pub settings: toml::Table,
}

impl Selection {
    /// # Errors
    /// Broken TOML, an unknown key, another format, or names of systems and problems that there
    /// are not.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, SuiteError> {
        let wrong = |problem: String| SuiteError::Settings { name: name.to_owned(), problem };
        let selection: Self =
            toml::from_str(text).map_err(|error| wrong(error.to_string().trim().to_owned()))?;
        if selection.format_version != FORMAT_VERSION {
            let found = selection.format_version;
            return Err(wrong(format!("`format_version` is {found}, expected {FORMAT_VERSION}")));
        }
        for entry in &selection.entry {
            entry.systems.iter().try_for_each(|name| systems::find(name).map(|_| ()))?;
            entry.problems.iter().try_for_each(|name| problems::find(name).map(|_| ()))?;
        }
        Ok(selection)
    }

    /// All trainings of it that the filter lets through: seed by seed, so that each system has a
    /// first result early.
    ///
    /// Systems and problems that are named and are in no group are run on each other, where they
    /// fit.
    ///
    /// # Errors
    /// Names that there are not, a pair that does not fit, or nothing left to run.
    pub fn plan(&self, filter: &Filter) -> Result<Vec<Planned>, SuiteError> {
        let named = |names: &[String], name: &str| {
            names.is_empty() || names.iter().any(|wanted| wanted == name)
        };
        let mut groups = Vec::new();
        for entry in &self.entry {
            for problem in entry.problems.iter().filter(|name| named(&filter.problems, name)) {
                for system in entry.systems.iter().filter(|name| named(&filter.systems, name)) {
                    let tier = match entry.tier {
                        Some(tier) => tier,
                        None => problems::find(problem)?.tier(),
                    };
                    // What wants a GPU is only run where it is asked for.
                    if filter.tiers.contains(&tier) || filter.tiers.is_empty() && tier != Tier::Gpu
                    {
                        groups.push((system.clone(), problem.clone(), tier, entry.clone()));
                    }
                }
            }
        }
        // What is asked for by name is run whether it is in the selection or not.
        let (some_systems, some_problems) =
            (!filter.systems.is_empty(), !filter.problems.is_empty());
        if some_systems && some_problems || groups.is_empty() && (some_systems || some_problems) {
            for (system, problem, tier, entry) in beyond(filter)? {
                if !groups.iter().any(|(s, p, ..): &Group| *s == system && *p == problem) {
                    groups.push((system, problem, tier, entry));
                }
            }
        }
        if groups.is_empty() {
            let reason = "the selection has nothing of these tiers, systems and problems";
            return Err(SuiteError::NothingToRun { reason: reason.to_owned() });
        }
        let most = groups.iter().map(|(.., entry)| filter.seeds.unwrap_or(entry.seeds)).max();
        let mut planned = Vec::new();
        let mut known = BTreeSet::new();
        for seed in 1..=most.unwrap_or(0) {
            for (system, problem, tier, entry) in &groups {
                if seed > filter.seeds.unwrap_or(entry.seeds)
                    || !known.insert((system.clone(), problem.clone(), seed))
                {
                    continue;
                }
                planned.push(Planned {
                    system: system.clone(),
                    problem: problem.clone(),
                    tier: *tier,
                    seed,
                    protocol: filter.protocol.unwrap_or(entry.protocol),
                    iterations: filter.iterations.or(entry.iterations),
                    settings: entry.settings.clone(),
                });
            }
        }
        Ok(planned)
    }
}

type Group = (String, String, Tier, Entry);

/// The named systems on the named problems, of which one list may be empty for all that fit.
fn beyond(filter: &Filter) -> Result<Vec<Group>, SuiteError> {
    let chosen_systems: Vec<Box<dyn System>> = if filter.systems.is_empty() {
        systems::all()
    } else {
        filter.systems.iter().map(|name| systems::find(name)).collect::<Result<_, _>>()?
    };
    let chosen_problems: Vec<Box<dyn Problem>> = if filter.problems.is_empty() {
        problems::all()
    } else {
        filter.problems.iter().map(|name| problems::find(name)).collect::<Result<_, _>>()?
    };
    let both_named = !filter.systems.is_empty() && !filter.problems.is_empty();
    let mut groups = Vec::new();
    for problem in &chosen_problems {
        if !filter.tiers.is_empty() && !filter.tiers.contains(&problem.tier()) {
            continue;
        }
        for (index, system) in chosen_systems.iter().enumerate() {
            // A file keeps the name it was given by.
            let asked = filter.systems.get(index).map_or(system.name(), String::as_str).to_owned();
            if let Err(reason) = system.takes(&**problem) {
                if both_named {
                    let problem = problem.name().to_owned();
                    return Err(SuiteError::DoesNotFit { system: asked, problem, reason });
                }
                continue;
            }
            let entry = Entry {
                systems: Vec::new(),
                problems: Vec::new(),
                seeds: one(),
                protocol: short(),
                iterations: None,
                tier: None,
                settings: toml::Table::new(),
            };
            groups.push((asked, problem.name().to_owned(), problem.tier(), entry));
        }
    }
    Ok(groups)
}
