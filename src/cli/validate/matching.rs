//! Generated events that stand for the reference's distribution of the conditions.

use std::collections::HashMap;

use clap::ValueEnum;
use detectors::{ConditionKind, Detector};
use ndarray::ArrayView2;

/// What is done where the conditions of the generated sample are distributed otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum WhenDifferent {
    /// Say so in the report, first of all
    #[default]
    Report,
    /// Give the generated events weights that make their conditions those of the reference
    Reweight,
    /// Leave out generated events until their conditions are those of the reference
    Match,
    /// Stop with an error
    Refuse,
}

/// Equal parts of the reference that a continuous condition is cut into.
const PARTS: usize = 20;
/// More different values than this are continuous.
const MOST_VALUES: usize = 30;

/// The cells of all conditions together: one for each combination of values, categories and parts.
pub struct ConditionCells {
    /// Of each condition, its column and the edges between its parts or the values themselves.
    axes: Vec<(usize, Vec<f64>, bool)>,
}

impl ConditionCells {
    /// # Shapes
    /// `reference`: `[events, condition columns]`
    pub fn of(detector: &Detector, reference: ArrayView2<'_, f64>) -> Self {
        let axis = |condition: &detectors::Condition| {
            if matches!(condition.kind, ConditionKind::Image(_)) {
                return None;
            }
            let mut values: Vec<f64> = reference.column(condition.first_column).to_vec();
            values.sort_by(f64::total_cmp);
            let mut distinct = values.clone();
            distinct.dedup_by(|a, b| same(*a, *b));
            if distinct.len() <= MOST_VALUES {
                return Some((condition.first_column, distinct, true));
            }
            let edge = |part: usize| values[part * values.len() / PARTS];
            Some((condition.first_column, (1..PARTS).map(edge).collect(), false))
        };
        Self { axes: detector.conditions().iter().filter_map(axis).collect() }
    }

    /// The cell of each event; `None` for a value that the reference does not have.
    pub fn cells(&self, conditions: ArrayView2<'_, f64>) -> Vec<Option<Vec<usize>>> {
        let of = |event: ndarray::ArrayView1<'_, f64>| {
            let part = |(column, edges, discrete): &(usize, Vec<f64>, bool)| {
                let value = event[*column];
                if *discrete {
                    edges.iter().position(|known| same(*known, value))
                } else {
                    Some(edges.partition_point(|edge| *edge <= value))
                }
            };
            self.axes.iter().map(part).collect()
        };
        conditions.outer_iter().map(of).collect()
    }
}

/// What became of the generated events.
#[derive(Debug, PartialEq)]
pub struct Matched {
    /// Of each generated event, the factor of its weight; 0 for one that is left out.
    pub factors: Vec<f64>,
    /// Share of the reference in cells without any generated event.
    pub not_covered: f64,
}

/// Factors by which the generated events of each cell weigh as much as the reference's:
/// (r / R) / (g / G), with r of R reference and g of G generated events in the cell.
pub fn reweighted(reference: &[Option<Vec<usize>>], generated: &[Option<Vec<usize>>]) -> Matched {
    let (r, g) = (counts(reference), counts(generated));
    let (total_r, total_g) = (reference.len() as f64, generated.len() as f64);
    let factor = |cell: &Option<Vec<usize>>| {
        let Some(cell) = cell else { return 0.0 };
        let found = r.get(cell).copied().unwrap_or(0) as f64;
        found / total_r / (g[cell] as f64 / total_g)
    };
    Matched {
        factors: generated.iter().map(factor).collect(),
        not_covered: not_covered(&r, &g, reference.len()),
    }
}

/// Factors of 1 for as many generated events of each cell, the first ones, as make their shares
/// those of the reference, and 0 for the others. As many as possible are kept; cells that the
/// generated sample lacks are left out of account.
pub fn matched(reference: &[Option<Vec<usize>>], generated: &[Option<Vec<usize>>]) -> Matched {
    let (r, g) = (counts(reference), counts(generated));
    let ratio = g
        .iter()
        .filter_map(|(cell, &count)| Some(count as f64 / *r.get(cell)? as f64))
        .fold(f64::INFINITY, f64::min);
    let mut left: HashMap<&Vec<usize>, usize> =
        r.iter().map(|(cell, &count)| (*cell, (count as f64 * ratio + 1e-9) as usize)).collect();
    let factor = |cell: &Option<Vec<usize>>| {
        let Some(left) = cell.as_ref().and_then(|cell| left.get_mut(cell)) else { return 0.0 };
        if *left == 0 {
            return 0.0;
        }
        *left -= 1;
        1.0
    };
    let factors = generated.iter().map(factor).collect();
    Matched { factors, not_covered: not_covered(&r, &g, reference.len()) }
}

fn counts(cells: &[Option<Vec<usize>>]) -> HashMap<&Vec<usize>, usize> {
    let mut counts = HashMap::new();
    for cell in cells.iter().flatten() {
        *counts.entry(cell).or_insert(0) += 1;
    }
    counts
}

fn not_covered(
    reference: &HashMap<&Vec<usize>, usize>,
    generated: &HashMap<&Vec<usize>, usize>,
    events: usize,
) -> f64 {
    let lacking = reference.iter().filter(|(cell, _)| !generated.contains_key(*cell));
    lacking.map(|(_, count)| count).sum::<usize>() as f64 / events.max(1) as f64
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn column(values: &[f64]) -> Array2<f64> {
        Array2::from_shape_fn((values.len(), 1), |(event, _)| values[event])
    }

    fn photons() -> Detector {
        detectors::builtin("calochallenge-photons").expect("built in")
    }

    #[test]
    fn reweighted_shares_are_the_references() {
        let reference = column(&[256.0, 256.0, 256.0, 512.0, 1024.0]);
        let generated = column(&[256.0, 512.0, 512.0, 512.0, 4096.0]);
        let cells = ConditionCells::of(&photons(), reference.view());
        let (r, g) = (cells.cells(reference.view()), cells.cells(generated.view()));
        let found = reweighted(&r, &g);
        let expected = [3.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 0.0];
        for (factor, expected) in found.factors.iter().zip(expected) {
            approx::assert_relative_eq!(*factor, expected, max_relative = 1e-12);
        }
        approx::assert_relative_eq!(found.not_covered, 0.2);
    }

    #[test]
    fn matched_events_have_the_references_shares() {
        let reference = column(&[256.0, 256.0, 512.0, 512.0]);
        let generated = column(&[256.0, 512.0, 512.0, 512.0, 256.0, 512.0, 100.0]);
        let cells = ConditionCells::of(&photons(), reference.view());
        let found = matched(&cells.cells(reference.view()), &cells.cells(generated.view()));
        assert_eq!(found.factors, [1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(found.not_covered, 0.0);
    }

    #[test]
    fn a_continuous_condition_is_cut_into_equal_parts() {
        let electrons = detectors::builtin("calochallenge-electrons").expect("built in");
        let energies: Vec<f64> = (0..1000).map(|event| 1000.0 + f64::from(event)).collect();
        let reference = column(&energies);
        let cells = ConditionCells::of(&electrons, reference.view());
        let skewed: Vec<f64> = (0..1000).map(|n| 1000.0 + f64::from(n * n) / 1000.0).collect();
        let (r, g) = (cells.cells(reference.view()), cells.cells(column(&skewed).view()));
        let found = reweighted(&r, &g);
        let mean = |values: &[f64], weights: &[f64]| {
            let sum: f64 = values.iter().zip(weights).map(|(v, w)| v * w).sum();
            sum / weights.iter().sum::<f64>()
        };
        assert!((mean(&skewed, &[1.0; 1000]) - 1333.0).abs() < 1.0);
        assert!((mean(&skewed, &found.factors) - 1499.5).abs() < 5.0);
    }
}
