//! Ranks of systems over all problems.

use std::collections::BTreeMap;

use serde::Serialize;

use super::tables::ProblemTable;

/// How a system ranks over the problems that it was run on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OverallRank {
    pub system: String,
    /// For each table: the mean rank over its measures, none where it was not run.
    pub ranks: Vec<Option<f64>>,
    /// Over these tables.
    pub mean_rank: f64,
    /// The same with ranks from 0 (the best of a table) to 1 (the last), which can be compared
    /// between tables of different length.
    pub relative_rank: f64,
    /// Tables with a rank.
    pub tables: usize,
}

/// Systems that make up the robustness grid have a figure of their own.
pub const GRID: &str = "robustness/";

/// By relative rank, the best first. A system with entries of several lengths counts with the best
/// of them.
pub fn overall(tables: &[ProblemTable<'_>]) -> Vec<OverallRank> {
    let mut ranks: BTreeMap<&str, Vec<Option<f64>>> = BTreeMap::new();
    for (number, table) in tables.iter().enumerate() {
        for entry in table.entries.iter().filter(|entry| !entry.system.starts_with(GRID)) {
            let own = ranks.entry(&entry.system).or_insert_with(|| vec![None; tables.len()]);
            own[number] = match (own[number], entry.mean_rank) {
                (Some(before), Some(rank)) => Some(before.min(rank)),
                (before, rank) => before.or(rank),
            };
        }
    }
    let of = |(system, ranks): (&str, Vec<Option<f64>>)| {
        let found = || ranks.iter().zip(tables).filter_map(|(rank, table)| Some(((*rank)?, table)));
        let count = found().count();
        let mean = |values: f64| values / count as f64;
        let relative = |(rank, table): (f64, &ProblemTable<'_>)| {
            (rank - 1.0) / (table.entries.len() - 1) as f64
        };
        (count > 0).then(|| OverallRank {
            system: system.to_owned(),
            mean_rank: mean(found().map(|(rank, _)| rank).sum()),
            relative_rank: mean(found().map(relative).sum()),
            tables: count,
            ranks: ranks.clone(),
        })
    };
    let mut overall: Vec<OverallRank> = ranks.into_iter().filter_map(of).collect();
    overall.sort_by(|a, b| a.relative_rank.total_cmp(&b.relative_rank));
    overall
}
