use std::collections::BTreeSet;

use serde::Serialize;

use crate::clock::utc;
use crate::suite::published::{self, Reading};
use crate::suite::report::catalogue::Catalogue;
use crate::suite::report::read::{Run, Runs};
use crate::suite::report::tables::ProblemTable;
use crate::suite::report::text::{duration, escaped, number_html};
use crate::suite::system::Protocol;

/// What stands at the start in a box.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Banner {
    pub class: &'static str,
    pub html: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failure {
    pub run: String,
    pub protocol: &'static str,
    pub error: String,
}

/// Where published figures come from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    pub name: String,
    pub protocol: String,
    pub errors: String,
    pub quoted: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SystemView {
    pub name: String,
    pub title: String,
    pub formula: String,
    pub source: String,
}

/// What was run, when, and on what.
pub fn facts(runs: &Runs) -> Vec<(&'static str, String)> {
    let distinct = |of: &dyn Fn(&Run) -> String| -> BTreeSet<String> {
        runs.runs.iter().map(of).filter(|text| !text.is_empty()).collect()
    };
    let list =
        |of: &dyn Fn(&Run) -> String| distinct(of).into_iter().collect::<Vec<_>>().join(", ");
    let count = |of: &dyn Fn(&Run) -> String| distinct(of).len();
    let failed = runs.runs.iter().filter(|run| run.has_failed()).count();
    let mut facts = vec![
        (
            "Runs",
            format!(
                "{} ({failed} failed): {} systems on {} problems, up to {} seeds",
                runs.runs.len(),
                count(&|run| run.row.system.clone()),
                count(&|run| run.row.problem.clone()),
                count(&|run| run.row.seed.to_string()),
            ),
        ),
        ("Protocols", list(&|run| run.row.protocol.name().to_owned())),
        ("Devices", list(&|run| run.row.device.clone())),
    ];
    if let Some((first, last)) = runs.written {
        facts.push(("Rows written", format!("{} to {}", utc(first), utc(last))));
    }
    let seconds: f64 = runs.runs.iter().map(|run| run.row.seconds).sum();
    facts.push(("Time of all trainings", duration(seconds)));
    let memory = runs.runs.iter().filter_map(|run| run.row.peak_memory_mb);
    if let Some(most) = memory.reduce(f64::max) {
        facts.push(("Most memory of a run", format!("{most:.0} MB")));
    }
    facts.push(("Versions", list(&|run| run.row.version.clone())));
    facts.retain(|fact| !fact.1.is_empty());
    facts
}

pub fn banners(runs: &Runs, tables: &[ProblemTable<'_>]) -> Vec<Banner> {
    let mut banners = Vec::new();
    if runs.runs.is_empty() {
        let html = "No run has ended yet.".to_owned();
        banners.push(Banner { class: "bad", html });
    }
    let short: Vec<&ProblemTable<'_>> =
        tables.iter().filter(|table| table.protocol == Protocol::Short).collect();
    if !short.is_empty() {
        let longest = short.iter().flat_map(|table| &table.entries).filter_map(|e| e.seconds);
        let longest = longest.map(|seconds| seconds.mean).fold(0.0, f64::max);
        let which = if short.len() == tables.len() {
            "All tables are".to_owned()
        } else {
            format!("{} of {} tables are", short.len(), tables.len())
        };
        banners.push(Banner {
            class: "short",
            html: format!(
                "<b>Short protocol.</b> {which} of the short protocol: a budget for minutes on one core (the longest training took {}), not that of the papers. Published figures beside them are context, not a comparison.",
                escaped(&duration(longest))
            ),
        });
    }
    let failed = runs.runs.iter().filter(|run| run.has_failed()).count();
    if failed > 0 {
        banners.push(Banner {
            class: "bad",
            html: format!(
                "<b>{failed} of {} runs have failed.</b> Means are of the others; <a href=\"#failures\">their errors</a> are below.",
                runs.runs.len()
            ),
        });
    }
    if let Some(exact) = &runs.exact {
        let failed = exact.checks.iter().filter(|check| !check.passes()).count();
        let (class, html) = if failed == 0 {
            (
                "good",
                format!(
                    "All {} checks of the <a href=\"#exact\">exact tier</a> agree with their closed forms.",
                    exact.checks.len()
                ),
            )
        } else {
            (
                "bad",
                format!(
                    "<b>{failed} of {} checks of the <a href=\"#exact\">exact tier</a> do not agree.</b>",
                    exact.checks.len()
                ),
            )
        };
        banners.push(Banner { class, html });
    }
    banners
}

pub fn failures(runs: &Runs) -> Vec<Failure> {
    let failure = |run: &Run| {
        let error = run.row.error.clone()?;
        Some(Failure { run: run.label(), protocol: run.row.protocol.name(), error })
    };
    runs.runs.iter().filter_map(failure).collect()
}

/// The papers whose figures stand in these tables.
pub fn sources(tables: &[ProblemTable<'_>]) -> Vec<Source> {
    let shown: BTreeSet<&str> = tables.iter().map(|table| table.problem.as_str()).collect();
    let has_rows = |table: &&published::PublishedTable| {
        table.rows.iter().any(|row| shown.contains(row.problem.as_str()))
    };
    published::tables()
        .iter()
        .filter(has_rows)
        .map(|table| Source {
            name: format!("{} paper ({}), {}", table.paper, table.identifier, table.table),
            protocol: table.protocol.clone(),
            errors: table.errors.clone(),
            quoted: table.reading == Reading::Quoted,
        })
        .collect()
}

/// The systems of the runs.
pub fn systems(runs: &Runs, catalogue: &Catalogue) -> Vec<SystemView> {
    let names: BTreeSet<&str> = runs.runs.iter().map(|run| run.row.system.as_str()).collect();
    let view = |name: &str| {
        let facts = catalogue.system(name);
        SystemView {
            name: name.to_owned(),
            title: facts.title,
            formula: facts.formula,
            source: facts.source,
        }
    };
    names.into_iter().map(view).collect()
}

/// A number of parameters as people say it.
pub fn parameters(count: usize) -> String {
    match count {
        0 => "—".to_owned(),
        count if count < 10_000 => count.to_string(),
        count if count < 1_000_000 => format!("{}k", number_html(count as f64 / 1e3)),
        count => format!("{}M", number_html(count as f64 / 1e6)),
    }
}
