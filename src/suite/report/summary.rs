//! The numbers of the report for programs: `summary.json` and `summary.csv`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::overall::{OverallRank, overall};
use super::read::Runs;
use super::statistics::Estimate;
use super::tables::{Entry, ProblemTable};
use super::text::csv_line;
use crate::suite::problem::Better;
use crate::suite::published::{self, Reading};
use crate::suite::system::Protocol;

/// The version of [`Summary`] as it stands in files.
const FORMAT_VERSION: u32 = 1;

/// What a suite has found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    pub format_version: u32,
    pub runs: usize,
    pub failed: usize,
    /// What is missing or cannot be compared.
    pub notes: Vec<String>,
    pub problems: Vec<ProblemSummary>,
    pub overall: Vec<OverallRank>,
    /// Checks of the exact tier, and how many of them do not pass.
    pub exact_checks: usize,
    pub exact_failed: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProblemSummary {
    pub problem: String,
    pub protocol: Protocol,
    /// The measures that systems are ranked by.
    pub headline: Vec<RankedMeasure>,
    pub floor: BTreeMap<String, Estimate>,
    /// The best first.
    pub systems: Vec<SystemSummary>,
    pub published: Vec<PublishedSummary>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RankedMeasure {
    pub measure: String,
    pub better: Better,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SystemSummary {
    pub system: String,
    pub iterations: u64,
    pub runs: usize,
    pub failed: usize,
    pub seconds: Option<f64>,
    pub measures: BTreeMap<String, Estimate>,
    pub ranks: BTreeMap<String, f64>,
    pub mean_rank: Option<f64>,
}

/// A row of a paper, in the units of the suite.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PublishedSummary {
    pub system: String,
    pub ours: Option<String>,
    pub source: String,
    /// As quoted in a secondary source.
    pub quoted: bool,
    /// Of the protocol of this table; else context only.
    pub same_protocol: bool,
    pub figures: BTreeMap<String, PublishedValue>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PublishedValue {
    pub value: f64,
    pub error: Option<f64>,
    /// As in the paper.
    pub printed: String,
}

impl Summary {
    pub fn new(runs: &Runs, tables: &[ProblemTable<'_>], notes: Vec<String>) -> Self {
        let checks = runs.exact.iter().flat_map(|exact| &exact.checks);
        Self {
            format_version: FORMAT_VERSION,
            runs: runs.runs.len(),
            failed: runs.runs.iter().filter(|run| run.has_failed()).count(),
            notes,
            problems: tables.iter().map(problem).collect(),
            overall: overall(tables),
            exact_checks: checks.clone().count(),
            exact_failed: checks.filter(|check| !check.passes()).count(),
        }
    }

    /// As JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a summary has only plain values") + "\n"
    }

    /// A line for each measure of each system, and of each published row.
    pub fn csv(&self) -> String {
        let mut text = csv_line([
            "problem",
            "protocol",
            "system",
            "source",
            "iterations",
            "measure",
            "better",
            "mean",
            "error",
            "runs",
            "failed",
            "rank",
            "floor",
        ]);
        for problem in &self.problems {
            let number = |value: Option<f64>| value.map_or_else(String::new, |v| v.to_string());
            let better = |measure: &str| {
                let found = problem.headline.iter().find(|ranked| ranked.measure == measure);
                found.map_or("", |ranked| match ranked.better {
                    Better::Lower => "lower",
                    Better::Higher => "higher",
                })
            };
            let protocol = problem.protocol.name();
            for system in &problem.systems {
                for (measure, estimate) in &system.measures {
                    text += &csv_line([
                        &problem.problem,
                        protocol,
                        &system.system,
                        "this suite",
                        &system.iterations.to_string(),
                        measure,
                        better(measure),
                        &estimate.mean.to_string(),
                        &number(estimate.standard_error),
                        &estimate.count.to_string(),
                        &system.failed.to_string(),
                        &number(system.ranks.get(measure).copied()),
                        &number(problem.floor.get(measure).map(|floor| floor.mean)),
                    ]);
                }
            }
            for row in &problem.published {
                let protocol = if row.same_protocol { protocol } else { "other" };
                for (measure, figure) in &row.figures {
                    text += &csv_line([
                        &problem.problem,
                        protocol,
                        &row.system,
                        &row.source,
                        "",
                        measure,
                        better(measure),
                        &figure.value.to_string(),
                        &number(figure.error),
                        "",
                        "",
                        "",
                        "",
                    ]);
                }
            }
        }
        text
    }
}

fn problem(table: &ProblemTable<'_>) -> ProblemSummary {
    let headline = table.facts.headline.iter().cloned();
    ProblemSummary {
        problem: table.problem.clone(),
        protocol: table.protocol,
        headline: headline.map(|(measure, better)| RankedMeasure { measure, better }).collect(),
        floor: table.floor.clone(),
        systems: table.entries.iter().map(system).collect(),
        published: published_rows(&table.problem, table.protocol),
    }
}

fn system(entry: &Entry<'_>) -> SystemSummary {
    SystemSummary {
        system: entry.system.clone(),
        iterations: entry.iterations,
        runs: entry.runs.len(),
        failed: entry.failed,
        seconds: entry.seconds.map(|seconds| seconds.mean),
        measures: entry.measures.clone(),
        ranks: entry.ranks.clone(),
        mean_rank: entry.mean_rank,
    }
}

/// What has been published on a problem. It can be compared with runs of the paper's protocol; to
/// all others it is context.
pub fn published_rows(problem: &str, protocol: Protocol) -> Vec<PublishedSummary> {
    let mut found = Vec::new();
    for table in published::tables() {
        for row in table.rows.iter().filter(|row| row.problem == problem) {
            let figures = row.figures.iter().map(|(measure, figure)| {
                let value = PublishedValue {
                    value: figure.value,
                    error: figure.error,
                    printed: figure.printed.clone(),
                };
                (measure.clone(), value)
            });
            found.push(PublishedSummary {
                system: row.system.clone(),
                ours: row.ours.clone(),
                source: format!("{} paper ({}), {}", table.paper, table.identifier, table.table),
                quoted: table.reading == Reading::Quoted,
                same_protocol: protocol == Protocol::Paper && table.same_protocol,
                figures: figures.collect(),
            });
        }
    }
    found
}
