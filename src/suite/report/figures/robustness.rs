use std::collections::BTreeMap;

use serde::Serialize;
use validation::plots::number;

use crate::suite::problem::Better;
use crate::suite::report::catalogue::Catalogue;
use crate::suite::report::overall::GRID;
use crate::suite::report::tables::{Entry, ProblemTable};
use crate::suite::report::text::estimate_html;

/// A measure of 0 or 1 that says whether a training has succeeded.
const SUCCESS: &str = "success";
/// Shares of the way, in the logarithm, from an untrained generator to data against data: from the
/// first on a training has succeeded, from the second on it has learnt something.
const SHARES: [f64; 2] = [0.5, 0.25];
/// Where that is not known: up to the first ratio to the best cell a cell is as good.
const RATIOS: [f64; 2] = [1.5, 3.0];

/// Losses against architectures, `robustness/<loss>/<architecture>`, each trained with the same settings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RobustnessGrid {
    pub losses: Vec<String>,
    /// With a cell for each loss.
    pub rows: Vec<(String, Vec<Option<Cell>>)>,
    pub measure: String,
    /// Whether the table has no other systems.
    pub is_all: bool,
    /// What the colours say.
    pub rule: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    pub html: String,
    /// `good`, `middling`, `bad` or `failed`.
    pub class: &'static str,
    /// The same in a sign, for those who see no colours.
    pub sign: &'static str,
}

impl Cell {
    fn new(html: String, class: &'static str) -> Self {
        let sign = match class {
            "good" => "✓",
            "middling" => "~",
            "bad" => "✗",
            _ => "†",
        };
        Self { html, class, sign }
    }
}

/// Loss and architecture of a system of the grid.
pub fn grid_cell(system: &str) -> Option<(&str, &str)> {
    system.strip_prefix(GRID)?.split_once('/')
}

/// The grid of a table that has its systems; `None` for any other.
///
/// `starts` has the first values of measures in the trainings.
pub fn robustness_grid(
    table: &ProblemTable<'_>,
    catalogue: &Catalogue,
    starts: &BTreeMap<String, f64>,
) -> Option<RobustnessGrid> {
    let (measure, better) = table.facts.headline.first().cloned()?;
    let mut cells: Vec<(&str, &str, &Entry<'_>)> = table
        .entries
        .iter()
        .filter_map(|entry| {
            let (loss, architecture) = grid_cell(&entry.system)?;
            Some((loss, architecture, entry))
        })
        .collect();
    if cells.is_empty() {
        return None;
    }
    // In the order of the paper.
    cells.sort_by_key(|cell| catalogue.system(&cell.2.system).place.unwrap_or(usize::MAX));
    let has_success = cells.iter().any(|cell| cell.2.measures.contains_key(SUCCESS));
    let means = cells.iter().filter_map(|cell| cell.2.measures.get(&measure));
    let best = means.map(|found| found.mean).fold(None, |best: Option<f64>, mean| {
        Some(match (best, better) {
            (None, _) => mean,
            (Some(best), Better::Lower) => best.min(mean),
            (Some(best), Better::Higher) => best.max(mean),
        })
    });
    let floor = table.floor.get(&measure).map(|floor| floor.mean);
    let way = starts.get(&measure).copied().zip(floor);
    let way = way.filter(|(start, floor)| better == Better::Lower && start > floor && *floor > 0.0);
    let cell = |entry: &Entry<'_>| match (entry.measures.get(&measure), best) {
        (Some(found), Some(best)) => {
            let class = match entry.measures.get(SUCCESS) {
                Some(success) => by_success(success.mean),
                None if has_success => "failed",
                None => match way {
                    Some((start, floor)) => by_share(found.mean, start, floor),
                    None => by_ratio(found.mean, best, better),
                },
            };
            Cell::new(estimate_html(found, entry.runs.len()), class)
        }
        _ => Cell::new("failed".to_owned(), "failed"),
    };
    let (mut losses, mut architectures) = (Vec::new(), Vec::new());
    for (loss, architecture, _) in &cells {
        for (names, name) in [(&mut losses, *loss), (&mut architectures, *architecture)] {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let row = |architecture: &&str| {
        let of = |loss: &&str| {
            let found = cells.iter().find(|cell| (cell.0, cell.1) == (*loss, *architecture));
            found.map(|found| cell(found.2))
        };
        ((*architecture).to_owned(), losses.iter().map(of).collect())
    };
    let rows = architectures.iter().map(row).collect();
    let rule = if has_success {
        "✓ all seeds have succeeded, ~ some, ✗ none, † no value".to_owned()
    } else if let Some((start, floor)) = way {
        format!(
            "✓ at least half of the way, in the logarithm, from untrained ({}) to data against data ({}), ~ at least a quarter, ✗ less, † no value",
            number(start),
            number(floor)
        )
    } else {
        let [near, far] = RATIOS;
        format!(
            "✓ at most {near} times worse than the best cell, ~ at most {far} times, ✗ more, † no value"
        )
    };
    Some(RobustnessGrid {
        rows,
        losses: losses.into_iter().map(str::to_owned).collect(),
        is_all: cells.len() == table.entries.len(),
        measure,
        rule,
    })
}

fn by_success(share: f64) -> &'static str {
    match share {
        share if share >= 1.0 => "good",
        share if share > 0.0 => "middling",
        _ => "bad",
    }
}

fn by_share(value: f64, start: f64, floor: f64) -> &'static str {
    match (start / value).ln() / (start / floor).ln() {
        share if share >= SHARES[0] => "good",
        share if share >= SHARES[1] => "middling",
        _ => "bad",
    }
}

fn by_ratio(value: f64, best: f64, better: Better) -> &'static str {
    let ratio = match better {
        Better::Lower => value / best,
        Better::Higher => best / value,
    };
    // Of values that are not positive there is no ratio.
    match ratio {
        _ if value == best => "good",
        ratio if !ratio.is_finite() || ratio < 0.0 => "bad",
        ratio if ratio <= RATIOS[0] => "good",
        ratio if ratio <= RATIOS[1] => "middling",
        _ => "bad",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_judged_by_their_way_to_the_data() {
        // From 400 to 4 are two decades: half of the way is 40, a quarter 126.
        let classes = [4.0, 39.9, 40.1, 126.0, 127.0, 400.0, 900.0, f64::INFINITY];
        let found = classes.map(|value| by_share(value, 400.0, 4.0));
        let expected = ["good", "good", "middling", "middling", "bad", "bad", "bad", "bad"];
        assert_eq!(found, expected);
    }

    #[test]
    fn cells_are_judged_by_their_ratio_to_the_best() {
        assert_eq!(by_ratio(1.4, 1.0, Better::Lower), "good");
        assert_eq!(by_ratio(2.0, 1.0, Better::Lower), "middling");
        assert_eq!(by_ratio(4.0, 1.0, Better::Lower), "bad");
        assert_eq!(by_ratio(0.3, 0.9, Better::Higher), "middling");
        assert_eq!(by_ratio(0.0, 0.9, Better::Higher), "bad");
        assert_eq!(by_ratio(0.0, 0.0, Better::Lower), "good");
        assert_eq!(by_success(0.5), "middling");
    }
}
