//! Runs by problem and protocol: means over seeds, floors and ranks.

use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::{Catalogue, ProblemFacts};
use super::read::Run;
use super::statistics::{Estimate, ranks};
use crate::suite::problem::Better;
use crate::suite::system::{Measures, Protocol};

/// The runs of one system on a problem, from several seeds.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    pub system: String,
    pub iterations: u64,
    /// By seed.
    pub runs: Vec<&'a Run>,
    pub failed: usize,
    /// Of the runs that did not fail.
    pub measures: BTreeMap<String, Estimate>,
    /// Of the headline measures.
    pub ranks: BTreeMap<String, f64>,
    /// Over the headline measures; none where nothing is to be ranked.
    pub mean_rank: Option<f64>,
    /// Seconds of a training.
    pub seconds: Option<Estimate>,
}

impl<'a> Entry<'a> {
    /// Runs that did not fail.
    pub fn ended(&self) -> impl Iterator<Item = &'a Run> {
        self.runs.iter().copied().filter(|run| !run.has_failed())
    }

    /// The run whose measure is the median of the seeds', the lower of two; of runs that have a
    /// folder to look into.
    pub fn median_run(&self, measure: Option<&str>) -> Option<&'a Run> {
        let mut runs: Vec<&Run> = self.ended().filter(|run| run.folder.is_some()).collect();
        if let Some(measure) = measure {
            let value = |run: &&Run| run.row.measures.get(measure).unwrap_or(f64::INFINITY);
            runs.sort_by(|a, b| value(a).total_cmp(&value(b)));
        }
        runs.get(runs.len().saturating_sub(1) / 2).copied()
    }
}

/// Everything that was run on one problem in one protocol.
#[derive(Debug, Clone)]
pub struct ProblemTable<'a> {
    pub problem: String,
    pub protocol: Protocol,
    pub facts: ProblemFacts,
    /// The best first, by the first headline measure.
    pub entries: Vec<Entry<'a>>,
    /// Data against data.
    pub floor: BTreeMap<String, Estimate>,
    pub notes: Vec<String>,
}

/// Measures of a table for which no headline is known.
const WITHOUT_HEADLINE: usize = 5;

impl ProblemTable<'_> {
    /// The measures of the table, with the direction in which they get better if it is known.
    pub fn columns(&self) -> Vec<(String, Option<Better>)> {
        if self.facts.headline.is_empty() {
            let first = self.all_measures().into_iter().take(WITHOUT_HEADLINE);
            return first.map(|name| (name, None)).collect();
        }
        let known = self.facts.headline.iter();
        known.map(|(name, better)| (name.clone(), Some(*better))).collect()
    }

    /// The first headline measure.
    pub fn first_measure(&self) -> Option<&str> {
        self.facts.headline.first().map(|(name, _)| name.as_str())
    }

    /// Every measure that any run has.
    pub fn all_measures(&self) -> BTreeSet<String> {
        self.entries.iter().flat_map(|entry| entry.measures.keys().cloned()).collect()
    }

    /// The best mean of a measure.
    pub fn best(&self, measure: &str, better: Better) -> Option<Estimate> {
        let found = self.entries.iter().filter_map(|entry| entry.measures.get(measure));
        found.copied().min_by(|a, b| {
            let ascending = a.mean.total_cmp(&b.mean);
            if better == Better::Lower { ascending } else { ascending.reverse() }
        })
    }
}

/// Groups runs into tables, in the order of the documentation.
pub fn tables<'a>(runs: &'a [Run], catalogue: &Catalogue) -> Vec<ProblemTable<'a>> {
    let mut groups: BTreeMap<(usize, String, &str), Vec<&Run>> = BTreeMap::new();
    for run in runs {
        let facts = catalogue.problem(&run.row.problem);
        let place = facts.place.unwrap_or(usize::MAX);
        let key = (place, run.row.problem.clone(), run.row.protocol.name());
        groups.entry(key).or_default().push(run);
    }
    groups.into_values().map(|runs| table(&runs, catalogue)).collect()
}

/// The table of runs of one problem and protocol, at least one.
fn table<'a>(runs: &[&'a Run], catalogue: &Catalogue) -> ProblemTable<'a> {
    let first = &runs[0].row;
    let mut groups: BTreeMap<(String, u64), Vec<&'a Run>> = BTreeMap::new();
    for run in runs {
        let key = (run.row.system.clone(), run.row.iterations);
        groups.entry(key).or_default().push(run);
    }
    // A run that failed early may not have come to know its iterations.
    let lone: Vec<(String, u64)> = groups
        .iter()
        .filter(|(_, runs)| runs.iter().all(|run| run.has_failed() && run.row.iterations == 0))
        .map(|(key, _)| key.clone())
        .collect();
    for key in lone {
        let target = groups.keys().find(|other| other.0 == key.0 && other.1 > 0).cloned();
        if let Some(target) = target
            && let Some(failed) = groups.remove(&key)
        {
            groups.entry(target).or_default().extend(failed);
        }
    }
    let facts = catalogue.problem(&first.problem);
    let mut entries: Vec<Entry<'a>> = groups
        .into_iter()
        .map(|((system, iterations), runs)| entry(system, iterations, runs))
        .collect();
    rank(&mut entries, &facts.headline);
    sort(&mut entries, &facts.headline);
    let floors = runs.iter().filter(|run| !run.has_failed()).map(|run| &run.row.floor);
    ProblemTable {
        problem: first.problem.clone(),
        protocol: first.protocol,
        facts,
        notes: notes(runs, &entries),
        entries,
        floor: estimates(floors),
    }
}

fn entry(system: String, iterations: u64, mut runs: Vec<&Run>) -> Entry<'_> {
    runs.sort_by_key(|run| run.row.seed);
    let ended = || runs.iter().filter(|run| !run.has_failed());
    Entry {
        system,
        iterations,
        failed: runs.len() - ended().count(),
        measures: estimates(ended().map(|run| &run.row.measures)),
        ranks: BTreeMap::new(),
        mean_rank: None,
        seconds: Estimate::of(ended().map(|run| run.row.seconds)),
        runs,
    }
}

fn estimates<'a>(rows: impl Iterator<Item = &'a Measures>) -> BTreeMap<String, Estimate> {
    let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for measures in rows {
        for (name, value) in &measures.0 {
            values.entry(name).or_default().extend(*value);
        }
    }
    let estimate = |(name, values): (&str, Vec<f64>)| {
        Estimate::of(values).map(|estimate| (name.to_owned(), estimate))
    };
    values.into_iter().filter_map(estimate).collect()
}

fn rank(entries: &mut [Entry<'_>], headline: &[(String, Better)]) {
    // One system alone, or a measure that nobody has, says nothing.
    if entries.len() < 2 {
        return;
    }
    for (name, better) in headline {
        let values: Vec<Option<f64>> =
            entries.iter().map(|entry| Some(entry.measures.get(name)?.mean)).collect();
        if values.iter().all(Option::is_none) {
            continue;
        }
        for (entry, rank) in entries.iter_mut().zip(ranks(&values, *better)) {
            entry.ranks.insert(name.clone(), rank);
        }
    }
    for entry in entries {
        entry.mean_rank = Estimate::of(entry.ranks.values().copied()).map(|mean| mean.mean);
    }
}

fn sort(entries: &mut [Entry<'_>], headline: &[(String, Better)]) {
    let cost = |entry: &Entry<'_>| {
        let (name, better) = headline.first()?;
        let mean = entry.measures.get(name)?.mean;
        Some(if *better == Better::Lower { mean } else { -mean })
    };
    let rank = |entry: &Entry<'_>| entry.mean_rank.unwrap_or(f64::INFINITY);
    entries.sort_by(|a, b| {
        let by_measure =
            cost(a).unwrap_or(f64::INFINITY).total_cmp(&cost(b).unwrap_or(f64::INFINITY));
        by_measure.then(rank(a).total_cmp(&rank(b)))
    });
}

/// What keeps the runs of a table from being compared as they are.
fn notes(runs: &[&Run], entries: &[Entry<'_>]) -> Vec<String> {
    let mut notes = Vec::new();
    let distinct = |of: &dyn Fn(&Run) -> String| {
        let ended = runs.iter().filter(|run| !run.has_failed());
        ended.map(|run| of(run)).collect::<BTreeSet<_>>().len()
    };
    if distinct(&|run| run.row.data.sha256.clone()) > 1 {
        notes.push("the runs have different data (by SHA-256)".to_owned());
    }
    if distinct(&|run| format!("{:?}", run.row.extractor)) > 1 {
        notes.push("the measures were taken with different feature extractors".to_owned());
    }
    if distinct(&|run| run.row.samples.to_string()) > 1 {
        notes.push("the measures were taken of different numbers of samples".to_owned());
    }
    for entry in entries {
        let settings: BTreeSet<String> =
            entry.ended().map(|run| without_seed(&run.row.settings)).collect();
        if settings.len() > 1 {
            let system = &entry.system;
            notes
                .push(format!("the runs of `{system}` have {} different settings", settings.len()));
        }
    }
    notes
}

/// Settings without what differs from seed to seed.
fn without_seed(settings: &str) -> String {
    let lines = settings.lines().filter(|line| {
        line.split_once('=').is_none_or(|(key, _)| key.trim().trim_matches('"') != "seed")
    });
    lines.collect::<Vec<_>>().join("\n")
}
