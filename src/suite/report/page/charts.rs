use std::collections::{BTreeMap, BTreeSet};

use super::problem_tables::entry_name;
use crate::suite::report::curves::Curves;
use crate::suite::report::figures::{CurveFigure, SystemCurves, grid_cell};
use crate::suite::report::notes::Notes;
use crate::suite::report::read::Run;
use crate::suite::report::tables::ProblemTable;

/// Charts of the measures over the training, and of the losses of every system.
pub fn curves(table: &ProblemTable<'_>, notes: &mut Notes) -> (String, String) {
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
    let headline = |name: &String| {
        let place = table.facts.headline.iter().position(|(known, _)| known == name);
        place.unwrap_or(usize::MAX)
    };
    let mut of_measures: Vec<(String, Vec<SystemCurves>)> = of_measures.into_iter().collect();
    of_measures.sort_by_key(|(name, _)| headline(name));
    let charts = of_measures.into_iter().map(|(name, systems)| {
        let floor = table.floor.get(&name).map(|floor| floor.mean);
        let title = if name == "modes" { "modes covered".to_owned() } else { name };
        CurveFigure { title, systems, floor }.draw()
    });
    (charts.collect(), losses)
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
