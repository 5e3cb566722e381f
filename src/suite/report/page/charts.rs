use std::collections::{BTreeMap, BTreeSet};

use super::problem_tables::entry_name;
use crate::suite::problem::Better;
use crate::suite::report::curves::Curves;
use crate::suite::report::figures::{CurveFigure, SystemCurves, grid_cell};
use crate::suite::report::notes::Notes;
use crate::suite::report::read::Run;
use crate::suite::report::tables::ProblemTable;

/// Charts over the training.
#[derive(Debug, Default)]
pub struct Charts {
    /// Of the headline measures.
    pub headline: String,
    /// Of all other measures.
    pub others: String,
    /// Losses, which are each system's own.
    pub losses: String,
    /// The worst first value of each headline measure: about what a generator has untrained.
    pub starts: BTreeMap<String, f64>,
}

/// Draws the curves of every run that has some.
pub fn charts(table: &ProblemTable<'_>, notes: &mut Notes) -> Charts {
    let measures = table.all_measures();
    let mut of_measures: BTreeMap<String, Vec<SystemCurves>> = BTreeMap::new();
    let mut losses = String::new();
    let losses_of_grid: BTreeSet<&str> =
        table.entries.iter().filter_map(|entry| Some(grid_cell(&entry.system)?.0)).collect();
    for (number, entry) in table.entries.iter().enumerate() {
        let read: Vec<Curves> = entry.ended().filter_map(|run| read_curves(run, notes)).collect();
        let mut of_columns: BTreeMap<&str, Vec<Vec<(f64, f64)>>> = BTreeMap::new();
        for curves in &read {
            for (name, points) in &curves.columns {
                of_columns.entry(name).or_default().push(points.clone());
            }
        }
        let mut terms = Vec::new();
        for (name, seeds) in of_columns {
            if measures.contains(name) {
                let name_of_entry = entry_name(entry, table);
                let curves = match grid_cell(&name_of_entry) {
                    // A chart for each architecture, a colour for each loss.
                    Some((loss, architecture)) => SystemCurves {
                        label: loss.to_owned(),
                        panel: Some(architecture.to_owned()),
                        colour: losses_of_grid.iter().position(|name| *name == loss).unwrap_or(0),
                        seeds,
                    },
                    None => {
                        SystemCurves { label: name_of_entry, panel: None, colour: number, seeds }
                    }
                };
                of_measures.entry(name.to_owned()).or_default().push(curves);
            } else {
                let (label, colour) = (name.to_owned(), terms.len());
                terms.push(SystemCurves { label, panel: None, colour, seeds });
            }
        }
        let title = format!("Losses of {}", entry_name(entry, table));
        losses += &CurveFigure { title, systems: terms, floor: None }.draw();
    }
    let mut charts = Charts { losses, ..Charts::default() };
    let names: Vec<&String> = table.facts.headline.iter().map(|(name, _)| name).collect();
    for (name, better) in &table.facts.headline {
        let systems = of_measures.get(name).into_iter().flatten();
        let first = systems.flat_map(|system| &system.seeds).filter_map(|seed| seed.first());
        let worst = first.map(|point| point.1).reduce(match better {
            Better::Lower => f64::max,
            Better::Higher => f64::min,
        });
        charts.starts.extend(worst.map(|worst| (name.clone(), worst)));
    }
    let mut of_measures: Vec<(String, Vec<SystemCurves>)> = of_measures.into_iter().collect();
    let place = |name: &String| names.iter().position(|known| *known == name);
    of_measures.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
    for (name, systems) in of_measures {
        // Without a headline, or with modes that may be lost, nothing is folded.
        let is_headline = names.is_empty() || name == "modes" || place(&name).is_some();
        let floor = table.floor.get(&name).map(|floor| floor.mean);
        let title = if name == "modes" { "modes covered".to_owned() } else { name };
        let drawn = CurveFigure { title, systems, floor }.draw();
        if is_headline { charts.headline += &drawn } else { charts.others += &drawn }
    }
    charts
}

fn read_curves(run: &Run, notes: &mut Notes) -> Option<Curves> {
    let bytes = notes.file_of(run, "curves.csv")?;
    match Curves::parse(&String::from_utf8_lossy(&bytes)) {
        Ok(curves) => {
            if curves.damaged > 0 {
                let count = curves.damaged;
                notes.add(format!("{}: {count} damaged lines of `curves.csv`", run.label()));
            }
            Some(curves)
        }
        Err(error) => {
            notes.add(format!("{}: no curves: {error}", run.label()));
            None
        }
    }
}
