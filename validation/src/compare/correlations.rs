//! Correlations between the observables and the conditions of an event.

use detectors::ConditionKind;
use ndarray::{Array1, Array2, Axis};

use super::entries::mean_and_spread;
use super::floor::{Floor, members};
use super::inputs::Inputs;
use crate::Sample;
use crate::observables::{ObservableKind, Quantity};
use crate::plots::literal;
use crate::report::model::{Correlations, WithFloor};

/// Detectors with more observables than this are compared in sums and centres only.
const MOST_OBSERVABLES: usize = 60;
/// Events of each sample; of more, an even choice.
const MOST_EVENTS: usize = 50_000;
const FEWEST_EVENTS: usize = 20;

/// What is correlated with what.
#[derive(Debug, Clone, Copy)]
enum Column {
    Observable(ObservableKind),
    Condition(usize),
}

impl Column {
    fn values(self, sample: &Sample) -> &[f64] {
        match self {
            Self::Observable(kind) => sample.observables().get(kind).unwrap_or_default(),
            Self::Condition(index) => sample.condition(index),
        }
    }
}

impl Inputs<'_> {
    /// Pearson's coefficients of all pairs of observables, and of observables with conditions, over
    /// all events, as CaloChallenge has them of the layer energies, and Spearman's: 0 for what is
    /// constant. `None` with too few events or observables.
    ///
    /// The greatest difference is that of Spearman's. Its error is √((1 − r²)²/n + (1 − s²)²/m) of
    /// that pair, and its floor the greatest difference between the halves of the reference.
    pub(super) fn correlations(&self) -> Option<Correlations> {
        let columns = self.correlated();
        let fewest = self.reference.events().min(self.generated.events());
        if columns.len() < 2 || fewest < FEWEST_EVENTS {
            return None;
        }
        let all = |sample: &Sample| {
            let step = sample.events().div_ceil(MOST_EVENTS).max(1);
            (0..sample.events()).step_by(step).collect::<Vec<usize>>()
        };
        let (of_reference, of_generated) = (all(self.reference), all(self.generated));
        let values =
            |sample: &Sample, events: &[usize]| pearson(sample, &columns, events, Scale::Values);
        let of_values =
            (values(self.reference, &of_reference), values(self.generated, &of_generated));
        let reference = pearson(self.reference, &columns, &of_reference, Scale::Ranks);
        let generated = pearson(self.generated, &columns, &of_generated, Scale::Ranks);
        let (row, column, value) = greatest_difference(&reference, &generated);
        let variance = |r: f64, events: f64| (1.0 - r * r).powi(2) / events;
        let (n, m) = (self.reference.effective_events(), self.generated.effective_events());
        let error = (variance(reference[[row, column]], n.min(of_reference.len() as f64))
            + variance(generated[[row, column]], m.min(of_generated.len() as f64)))
        .sqrt();
        let floors = self.correlation_floors(&columns, &of_reference, &reference);
        let (floor, floor_error) = mean_and_spread(&floors);
        let name = |index: usize| match columns[index] {
            Column::Observable(kind) => kind.name(self.detector),
            Column::Condition(index) => self.detector.conditions()[index].name.clone(),
        };
        let label = |column: &Column| match *column {
            Column::Observable(kind) => kind.label(self.detector),
            Column::Condition(index) => literal(&self.detector.conditions()[index].name),
        };
        Some(Correlations {
            names: (0..columns.len()).map(name).collect(),
            labels: columns.iter().map(label).collect(),
            reference: of_values.0.iter().copied().collect(),
            generated: of_values.1.iter().copied().collect(),
            reference_of_ranks: reference.iter().copied().collect(),
            generated_of_ranks: generated.iter().copied().collect(),
            reference_events: of_reference.len(),
            generated_events: of_generated.len(),
            greatest: WithFloor { value, error, floor, floor_error },
            worst_pair: (name(row), name(column)),
        })
    }

    fn correlation_floors(
        &self,
        columns: &[Column],
        events: &[usize],
        reference: &Array2<f64>,
    ) -> Vec<f64> {
        match (self.floor, self.second) {
            (Floor::Halves(halves), _) => halves
                .iter()
                .map(|in_first| {
                    let (first, second) = members(in_first);
                    let used = |half: Vec<usize>| {
                        let step = half.len().div_ceil(MOST_EVENTS).max(1);
                        half.into_iter().step_by(step).collect::<Vec<usize>>()
                    };
                    let (first, second) = (used(first), used(second));
                    let of = |half: &[usize]| pearson(self.reference, columns, half, Scale::Ranks);
                    let (_, _, value) = greatest_difference(&of(&first), &of(&second));
                    // Coefficients fluctuate as 1/√n.
                    let halves = 1.0 / first.len() as f64 + 1.0 / second.len() as f64;
                    let whole = 1.0 / events.len() as f64
                        + 1.0 / self.generated.events().min(MOST_EVENTS) as f64;
                    value * (whole / halves).sqrt()
                })
                .collect(),
            (Floor::SecondReference, Some(second)) => {
                let all: Vec<usize> = (0..second.events()).take(MOST_EVENTS).collect();
                vec![
                    greatest_difference(reference, &pearson(second, columns, &all, Scale::Ranks)).2,
                ]
            }
            (Floor::SecondReference, None) => Vec::new(),
        }
    }

    fn correlated(&self) -> Vec<Column> {
        let mut kinds = self.kinds();
        if kinds.len() > MOST_OBSERVABLES {
            kinds.retain(|kind| {
                kind.layer.is_none()
                    || matches!(
                        kind.quantity,
                        Quantity::LayerTotal | Quantity::CentreX | Quantity::CentreY
                    )
            });
        }
        let numbers = self.detector.conditions().iter().enumerate();
        let numbers = numbers
            .filter(|(_, condition)| matches!(condition.kind, ConditionKind::Number { .. }))
            .map(|(index, _)| Column::Condition(index));
        numbers.chain(kinds.into_iter().map(Column::Observable)).collect()
    }
}

/// What is correlated: the values, or their ranks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    Values,
    Ranks,
}

/// The middle of the part of all weight that each value takes in rising order; equal values share
/// theirs. With negative weights, of their absolute values.
fn ranks(values: &[f64], weights: &Array1<f64>) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let (mut below, mut first) = (0.0, 0);
    while first < order.len() {
        let value = values[order[first]];
        let equal = order[first..].iter().take_while(|&&event| values[event] == value).count();
        let together = &order[first..first + equal.max(1)];
        let weight: f64 = together.iter().map(|&event| weights[event].abs()).sum();
        together.iter().for_each(|&event| ranks[event] = below + 0.5 * weight);
        below += weight;
        first += equal.max(1);
    }
    ranks
}

/// Pearson's r of some events, weighted where the sample is.
fn pearson(sample: &Sample, columns: &[Column], events: &[usize], scale: Scale) -> Array2<f64> {
    let weights: Array1<f64> = events
        .iter()
        .map(|&event| sample.weights().map_or(1.0, |weights| weights[event]))
        .collect();
    let total = weights.sum();
    let mut values = Array2::zeros((events.len(), columns.len()));
    for (mut target, column) in values.axis_iter_mut(Axis(1)).zip(columns) {
        let column = column.values(sample);
        let of = |event: &usize| column.get(*event).copied().unwrap_or(0.0);
        let mut chosen: Vec<f64> = events.iter().map(of).collect();
        if scale == Scale::Ranks {
            chosen = ranks(&chosen, &weights);
        }
        target.iter_mut().zip(chosen).for_each(|(target, value)| *target = value);
        let mean = target.dot(&weights) / total;
        target.mapv_inplace(|value| value - mean);
    }
    let weighted = &values * &weights.view().insert_axis(Axis(1));
    let covariances = values.t().dot(&weighted);
    let deviations: Vec<f64> =
        covariances.diag().iter().map(|variance| variance.max(0.0).sqrt()).collect();
    Array2::from_shape_fn((columns.len(), columns.len()), |(row, column)| {
        let scale = deviations[row] * deviations[column];
        if row == column {
            1.0
        } else if scale > 0.0 {
            covariances[[row, column]] / scale
        } else {
            0.0
        }
    })
}

fn greatest_difference(a: &Array2<f64>, b: &Array2<f64>) -> (usize, usize, f64) {
    a.indexed_iter().fold((0, 0, 0.0), |worst, ((row, column), value)| {
        let difference = (value - b[[row, column]]).abs();
        if difference > worst.2 { (row, column, difference) } else { worst }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_rank_and_weights_count() {
        let ones = Array1::ones(4);
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0], &ones), [3.0, 0.5, 3.0, 1.5]);
        let weights = Array1::from(vec![2.0, 1.0, 1.0]);
        assert_eq!(ranks(&[5.0, 4.0, 6.0], &weights), [2.0, 0.5, 3.5]);
    }
}
