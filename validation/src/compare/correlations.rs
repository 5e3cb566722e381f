//! Correlations between the observables of an event.

use ndarray::{Array1, Array2, Axis};

use super::entries::mean_and_spread;
use super::floor::{Floor, members};
use super::inputs::Inputs;
use crate::Sample;
use crate::observables::{ObservableKind, Quantity};
use crate::report::model::{Correlations, WithFloor};

/// Detectors with more observables than this are compared in sums and centres only.
const MOST_OBSERVABLES: usize = 60;
/// Events of each sample; of more, an even choice.
const MOST_EVENTS: usize = 50_000;
const FEWEST_EVENTS: usize = 20;

impl Inputs<'_> {
    /// Pearson's coefficients r of all pairs of observables over all events, as CaloChallenge has
    /// them of the layer energies: 0 for a constant observable. `None` with too few events or
    /// observables.
    ///
    /// The error of the greatest difference is √((1 − r²)²/n + (1 − s²)²/m) of that pair, and its
    /// floor the greatest difference between the halves of the reference.
    pub(super) fn correlations(&self) -> Option<Correlations> {
        let kinds = self.correlated();
        let fewest = self.reference.events().min(self.generated.events());
        if kinds.len() < 2 || fewest < FEWEST_EVENTS {
            return None;
        }
        let all = |sample: &Sample| {
            let step = sample.events().div_ceil(MOST_EVENTS).max(1);
            (0..sample.events()).step_by(step).collect::<Vec<usize>>()
        };
        let (of_reference, of_generated) = (all(self.reference), all(self.generated));
        let reference = pearson(self.reference, &kinds, &of_reference);
        let generated = pearson(self.generated, &kinds, &of_generated);
        let (row, column, value) = greatest_difference(&reference, &generated);
        let variance = |r: f64, events: f64| (1.0 - r * r).powi(2) / events;
        let (n, m) = (self.reference.effective_events(), self.generated.effective_events());
        let error = (variance(reference[[row, column]], n.min(of_reference.len() as f64))
            + variance(generated[[row, column]], m.min(of_generated.len() as f64)))
        .sqrt();
        let floors = self.correlation_floors(&kinds, &of_reference, &reference);
        let (floor, floor_error) = mean_and_spread(&floors);
        let name = |index: usize| kinds[index].name(self.detector);
        Some(Correlations {
            names: (0..kinds.len()).map(name).collect(),
            labels: kinds.iter().map(|kind| kind.label(self.detector)).collect(),
            reference: reference.iter().copied().collect(),
            generated: generated.iter().copied().collect(),
            reference_events: of_reference.len(),
            generated_events: of_generated.len(),
            greatest: WithFloor { value, error, floor, floor_error },
            worst_pair: (name(row), name(column)),
        })
    }

    fn correlation_floors(
        &self,
        kinds: &[ObservableKind],
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
                    let of = |half: &[usize]| pearson(self.reference, kinds, half);
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
                vec![greatest_difference(reference, &pearson(second, kinds, &all)).2]
            }
            (Floor::SecondReference, None) => Vec::new(),
        }
    }

    fn correlated(&self) -> Vec<ObservableKind> {
        let kinds = self.kinds();
        if kinds.len() <= MOST_OBSERVABLES {
            return kinds;
        }
        let chosen = |kind: &ObservableKind| {
            kind.layer.is_none()
                || matches!(
                    kind.quantity,
                    Quantity::LayerTotal | Quantity::CentreX | Quantity::CentreY
                )
        };
        kinds.into_iter().filter(chosen).collect()
    }
}

/// Pearson's r of the observables of some events, weighted where the sample is.
fn pearson(sample: &Sample, kinds: &[ObservableKind], events: &[usize]) -> Array2<f64> {
    let weights: Array1<f64> = events
        .iter()
        .map(|&event| sample.weights().map_or(1.0, |weights| weights[event]))
        .collect();
    let total = weights.sum();
    let mut values = Array2::zeros((events.len(), kinds.len()));
    for (mut target, &kind) in values.axis_iter_mut(Axis(1)).zip(kinds) {
        let column = sample.observables().get(kind).unwrap_or_default();
        let of = |event: usize| column.get(event).copied().unwrap_or(0.0);
        target.iter_mut().zip(events).for_each(|(target, &event)| *target = of(event));
        let mean = target.dot(&weights) / total;
        target.mapv_inplace(|value| value - mean);
    }
    let weighted = &values * &weights.view().insert_axis(Axis(1));
    let covariances = values.t().dot(&weighted);
    let deviations: Vec<f64> =
        covariances.diag().iter().map(|variance| variance.max(0.0).sqrt()).collect();
    Array2::from_shape_fn((kinds.len(), kinds.len()), |(row, column)| {
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
