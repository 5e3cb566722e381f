use super::inputs::Inputs;
use crate::Sample;
use crate::observables::{bin_of, logarithmic_edges};
use crate::report::model::ResponsePoint;
use crate::sample::same_energy;
use crate::tests::WeightedSample;

/// Bins of the incident energy where it is continuous.
const ENERGY_BINS: usize = 10;

/// Mean and relative width of E_tot/E_inc, with standard errors.
pub(super) struct Response {
    pub events: usize,
    pub mean: f64,
    pub mean_error: f64,
    pub resolution: f64,
    pub resolution_error: f64,
}

impl Response {
    /// `None` for less than two events, or as few by their weights.
    pub(super) fn of(sample: &Values) -> Option<Self> {
        let values = &sample.values;
        let count = sample.view().effective_count();
        if count < 2.0 || sample.view().total() <= 0.0 {
            return None;
        }
        let (mean, variance) = match &sample.weights {
            None => {
                let mean = values.iter().sum::<f64>() / count;
                let squares = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
                (mean, squares / (count - 1.0))
            }
            Some(weights) => {
                let total: f64 = weights.iter().sum();
                let weighted = || values.iter().zip(weights);
                let mean = weighted().map(|(v, w)| w * v).sum::<f64>() / total;
                let squares = weighted().map(|(v, w)| w * (v - mean).powi(2)).sum::<f64>();
                (mean, (squares / total).max(0.0) * count / (count - 1.0))
            }
        };
        let deviation = variance.sqrt();
        let resolution = if mean > 0.0 { deviation / mean } else { 0.0 };
        // Of a normal distribution: σ is known to σ/√(2(n−1)), and the mean to σ/√n.
        let relative = 0.5 / (count - 1.0) + resolution * resolution / count;
        Some(Self {
            events: values.len(),
            mean,
            mean_error: deviation / count.sqrt(),
            resolution,
            resolution_error: resolution * relative.sqrt(),
        })
    }
}

/// E_tot/E_inc of some events, with the events.
#[derive(Default)]
pub(super) struct Values {
    pub values: Vec<f64>,
    pub weights: Option<Vec<f64>>,
    pub events: Vec<usize>,
}

impl Values {
    fn push(&mut self, sample: &Sample, event: usize) {
        self.values.push(sample.response()[event]);
        self.events.push(event);
        if let Some(weights) = sample.weights() {
            self.weights.get_or_insert_default().push(weights[event]);
        }
    }

    pub(super) fn view(&self) -> WeightedSample<'_> {
        WeightedSample { values: &self.values, weights: self.weights.as_deref() }
    }

    /// Those of the first half and those of the second.
    pub(super) fn halves(&self, in_first: &[bool]) -> (Self, Self) {
        let half = |first: bool| {
            let kept = |index: &usize| in_first[self.events[*index]] == first;
            let of = |values: &[f64]| {
                (0..values.len()).filter(kept).map(|index| values[index]).collect::<Vec<f64>>()
            };
            Self {
                values: of(&self.values),
                weights: self.weights.as_deref().map(of),
                events: self.events.iter().copied().filter(|&e| in_first[e] == first).collect(),
            }
        };
        (half(true), half(false))
    }
}

/// E_tot/E_inc of the events of both samples at one incident energy, or in one bin of it.
pub(super) struct EnergyGroup {
    pub incident_energy_mev: f64,
    pub reference: Values,
    pub generated: Values,
    pub second: Values,
}

impl Inputs<'_> {
    /// The discrete energies of the reference, or ten bins of equal width in ln E of a continuous
    /// spectrum (at their geometric centre). None for detectors without an incident energy.
    pub(super) fn energy_groups(&self) -> Vec<EnergyGroup> {
        let Some(energies) = self.reference.incident_energies_mev() else { return Vec::new() };
        let discrete: Vec<f64> = self
            .reference
            .discrete_energies()
            .iter()
            .map(|energy| energy.incident_energy_mev)
            .collect();
        if !discrete.is_empty() {
            return self.grouped(&discrete, |energy_mev| {
                discrete.iter().position(|&known| same_energy(known, energy_mev))
            });
        }
        let lowest = energies.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = energies.iter().copied().fold(0.0, f64::max);
        let edges = logarithmic_edges(lowest, highest, ENERGY_BINS);
        let centres: Vec<f64> = edges.windows(2).map(|pair| (pair[0] * pair[1]).sqrt()).collect();
        self.grouped(&centres, |energy_mev| bin_of(&edges, energy_mev))
    }

    fn grouped(
        &self,
        centres_mev: &[f64],
        group_of: impl Fn(f64) -> Option<usize>,
    ) -> Vec<EnergyGroup> {
        let sorted = |sample: Option<&Sample>| {
            let mut groups: Vec<Values> = centres_mev.iter().map(|_| Values::default()).collect();
            let Some(sample) = sample else { return groups };
            let energies = sample.incident_energies_mev().unwrap_or_default();
            for (event, &energy_mev) in energies.iter().enumerate() {
                if let Some(group) = group_of(energy_mev) {
                    groups[group].push(sample, event);
                }
            }
            groups
        };
        let (reference, generated) = (sorted(Some(self.reference)), sorted(Some(self.generated)));
        let samples = reference.into_iter().zip(generated).zip(sorted(self.second));
        centres_mev
            .iter()
            .zip(samples)
            .map(|(&incident_energy_mev, ((reference, generated), second))| EnergyGroup {
                incident_energy_mev,
                reference,
                generated,
                second,
            })
            .collect()
    }
}

/// Response and resolution of each group in which both samples have at least two events.
pub(super) fn response_points(groups: &[EnergyGroup]) -> Vec<ResponsePoint> {
    groups
        .iter()
        .filter_map(|group| {
            let reference = Response::of(&group.reference)?;
            let generated = Response::of(&group.generated)?;
            Some(ResponsePoint {
                incident_energy_mev: group.incident_energy_mev,
                reference_events: reference.events,
                generated_events: generated.events,
                reference_mean: reference.mean,
                reference_mean_error: reference.mean_error,
                generated_mean: generated.mean,
                generated_mean_error: generated.mean_error,
                reference_resolution: reference.resolution,
                reference_resolution_error: reference.resolution_error,
                generated_resolution: generated.resolution,
                generated_resolution_error: generated.resolution_error,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(values: &[f64], weights: Option<&[f64]>) -> Option<Response> {
        let weights = weights.map(<[f64]>::to_vec);
        Response::of(&Values { values: values.to_vec(), weights, events: Vec::new() })
    }

    #[test]
    fn mean_and_resolution_of_a_few_events() {
        let found = response(&[0.9, 1.0, 1.1, 1.0], None).expect("enough events");
        approx::assert_relative_eq!(found.mean, 1.0);
        approx::assert_relative_eq!(found.resolution, (0.02f64 / 3.0).sqrt());
        approx::assert_relative_eq!(found.mean_error, found.resolution / 2.0);
        assert!(response(&[1.0], None).is_none());
    }

    #[test]
    fn weighted_mean_and_resolution() {
        let equal = response(&[0.9, 1.0, 1.1, 1.0], Some(&[3.0; 4])).expect("enough events");
        approx::assert_relative_eq!(equal.resolution, (0.02f64 / 3.0).sqrt());
        let skewed = response(&[0.5, 1.0, 1.5], Some(&[2.0, 1.0, 1.0])).expect("enough events");
        // Mean (2 · 0.5 + 1 + 1.5) / 4, effective count 16 / 6.
        approx::assert_relative_eq!(skewed.mean, 0.875);
        let variance = (2.0 * 0.375f64.powi(2) + 0.125f64.powi(2) + 0.625f64.powi(2)) / 4.0;
        let count = 16.0 / 6.0;
        approx::assert_relative_eq!(
            skewed.mean_error,
            (variance * count / (count - 1.0) / count).sqrt()
        );
        assert!(response(&[1.0, 2.0, 3.0], Some(&[1.0, -1.0, 1.0])).is_none());
    }
}
