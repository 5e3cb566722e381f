use serde::Serialize;
use validation::plots::grouped;

use super::charts::charts;
use super::overview::table_anchor;
use super::pictures::{Pictures, Tile};
use super::problem_tables::{entry_name, main_table, measures_table, runs_table};
use super::table::TableView;
use crate::suite::problem::Better;
use crate::suite::report::catalogue::Catalogue;
use crate::suite::report::figures::{RobustnessGrid, robustness_grid};
use crate::suite::report::notes::Notes;
use crate::suite::report::tables::{Entry, ProblemTable};
use crate::suite::system::Protocol;

/// All that the page has of one table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProblemView {
    pub anchor: String,
    pub problem: String,
    pub protocol: &'static str,
    pub is_short: bool,
    pub title: String,
    /// Short facts of the data and the judging.
    pub facts: Vec<(&'static str, String)>,
    pub notes: Vec<String>,
    pub table: TableView,
    /// Beyond the headline, if there are more.
    pub other_measures: TableView,
    pub runs: TableView,
    pub robustness: Option<RobustnessGrid>,
    /// Headline measures over the training, then the others.
    pub curves: String,
    pub other_curves: String,
    /// Losses, which are each system's own.
    pub losses: String,
    pub remark: String,
    pub samples: Vec<Tile>,
    pub surfaces: Vec<Tile>,
    pub films: Vec<Tile>,
    /// System and TOML.
    pub settings: Vec<(String, String)>,
}

pub fn view(table: &ProblemTable<'_>, catalogue: &Catalogue, notes: &mut Notes) -> ProblemView {
    let shown: Vec<String> = table.columns().into_iter().map(|column| column.0).collect();
    let others: Vec<(String, Option<Better>)> = table
        .all_measures()
        .into_iter()
        .filter(|name| !shown.contains(name))
        .map(|name| (name, None))
        .collect();
    let pictures = Pictures::of(table, notes);
    let charts = charts(table, notes);
    let settings = table.entries.iter().filter_map(|entry| {
        let run = entry.median_run(table.first_measure()).or(entry.ended().next())?;
        let text = run.row.settings.clone();
        (!text.is_empty()).then(|| (entry_name(entry, table), text))
    });
    ProblemView {
        anchor: table_anchor(table),
        problem: table.problem.clone(),
        protocol: table.protocol.name(),
        is_short: table.protocol == Protocol::Short,
        title: table.facts.title.clone(),
        facts: facts(table),
        notes: table.notes.clone(),
        table: main_table(table, catalogue),
        other_measures: if others.is_empty() {
            TableView::default()
        } else {
            measures_table(table, &others)
        },
        runs: runs_table(table),
        robustness: robustness_grid(table, catalogue, &charts.starts),
        curves: charts.headline,
        other_curves: charts.others,
        losses: charts.losses,
        remark: pictures.remark,
        samples: pictures.samples,
        surfaces: pictures.surfaces,
        films: pictures.films,
        settings: settings.collect(),
    }
}

fn facts(table: &ProblemTable<'_>) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if !table.facts.source.is_empty() {
        facts.push(("Data", table.facts.source.clone()));
    }
    if let Some(run) = table.entries.iter().flat_map(Entry::ended).next() {
        let data = &run.row.data;
        facts.push((
            "Events",
            format!(
                "{} to train on, {} to judge by, {} samples",
                grouped(data.train),
                grouped(data.test),
                grouped(run.row.samples)
            ),
        ));
        if let Some(extractor) = &run.row.extractor {
            let hash: String = extractor.sha256.chars().take(12).collect();
            facts.push(("Features by", format!("{}, SHA-256 {hash}", extractor.name)));
        }
    }
    facts
}
