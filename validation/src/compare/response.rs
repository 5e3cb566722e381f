use super::inputs::Inputs;
use crate::observables::{bin_of, logarithmic_edges};
use crate::report::model::ResponsePoint;
use crate::sample::same_energy;

/// Bins of the incident energy where it is continuous.
const ENERGY_BINS: usize = 10;

/// Mean and relative width of E_tot/E_inc, with standard errors.
struct Response {
    events: usize,
    mean: f64,
    mean_error: f64,
    resolution: f64,
    resolution_error: f64,
}

impl Response {
    /// `None` for less than two events.
    fn of(values: &[f64]) -> Option<Self> {
        if values.len() < 2 {
            return None;
        }
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0);
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

/// E_tot/E_inc of the events of both samples at one incident energy, or in one bin of it.
pub(super) struct EnergyGroup {
    pub incident_energy_mev: f64,
    pub reference: Vec<f64>,
    pub generated: Vec<f64>,
    pub second: Vec<f64>,
    /// The reference events of `reference`.
    pub reference_events: Vec<usize>,
}

impl Inputs<'_> {
    /// The discrete energies of the reference, or ten bins of equal width in ln E of a continuous
    /// spectrum (at their geometric centre).
    pub(super) fn energy_groups(&self) -> Vec<EnergyGroup> {
        let discrete: Vec<f64> = self
            .reference
            .sample
            .discrete_energies()
            .iter()
            .map(|energy| energy.incident_energy_mev)
            .collect();
        if !discrete.is_empty() {
            return self.grouped(&discrete, |energy_mev| {
                discrete.iter().position(|&known| same_energy(known, energy_mev))
            });
        }
        let energies = self.reference.sample.incident_energies_mev();
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
        let mut groups: Vec<EnergyGroup> = centres_mev
            .iter()
            .map(|&incident_energy_mev| EnergyGroup {
                incident_energy_mev,
                reference: Vec::new(),
                generated: Vec::new(),
                second: Vec::new(),
                reference_events: Vec::new(),
            })
            .collect();
        let energies = self.reference.sample.incident_energies_mev().iter();
        for (event, (&energy_mev, value)) in energies.zip(self.reference.response()).enumerate() {
            if let Some(group) = group_of(energy_mev) {
                groups[group].reference.push(value);
                groups[group].reference_events.push(event);
            }
        }
        let energies = self.generated.sample.incident_energies_mev().iter();
        for (&energy_mev, value) in energies.zip(self.generated.response()) {
            if let Some(group) = group_of(energy_mev) {
                groups[group].generated.push(value);
            }
        }
        if let Some(second) = &self.second {
            let energies = second.sample.incident_energies_mev().iter();
            for (&energy_mev, value) in energies.zip(second.response()) {
                if let Some(group) = group_of(energy_mev) {
                    groups[group].second.push(value);
                }
            }
        }
        groups
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

    #[test]
    fn mean_and_resolution_of_a_few_events() {
        let response = Response::of(&[0.9, 1.0, 1.1, 1.0]).expect("enough events");
        approx::assert_relative_eq!(response.mean, 1.0);
        approx::assert_relative_eq!(response.resolution, (0.02f64 / 3.0).sqrt());
        approx::assert_relative_eq!(response.mean_error, response.resolution / 2.0);
        assert!(Response::of(&[1.0]).is_none());
    }
}
