use crate::Sample;
use crate::observables::{bin_of, logarithmic_edges};
use crate::sample::same_energy;

/// Bins of the incident energy where it is continuous.
const ENERGY_BINS: usize = 10;

/// Events at one incident energy, or in one bin of it.
#[derive(Debug, Clone, PartialEq)]
pub struct EnergyGroup {
    /// The energy, or the geometric middle of the bin.
    pub incident_energy_mev: f64,
    /// Numbers of the events.
    pub events: Vec<usize>,
}

/// The events of `sample` at the discrete incident energies of `reference`, or in ten bins of
/// equal width in ln E of a continuous spectrum. Groups may be empty; there are none for detectors
/// without an incident energy.
pub fn energy_groups(reference: &Sample, sample: &Sample) -> Vec<EnergyGroup> {
    let (Some(energies), Some(own)) =
        (reference.incident_energies_mev(), sample.incident_energies_mev())
    else {
        return Vec::new();
    };
    let discrete: Vec<f64> =
        reference.discrete_energies().iter().map(|energy| energy.incident_energy_mev).collect();
    let lowest = energies.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = energies.iter().copied().fold(0.0, f64::max);
    let edges = logarithmic_edges(lowest, highest, ENERGY_BINS);
    let centres: Vec<f64> = if discrete.is_empty() {
        edges.windows(2).map(|pair| (pair[0] * pair[1]).sqrt()).collect()
    } else {
        discrete.clone()
    };
    let group_of = |energy: f64| {
        if discrete.is_empty() {
            bin_of(&edges, energy)
        } else {
            discrete.iter().position(|&known| same_energy(known, energy))
        }
    };
    let of = |incident_energy_mev| EnergyGroup { incident_energy_mev, events: Vec::new() };
    let mut groups: Vec<EnergyGroup> = centres.into_iter().map(of).collect();
    for (event, &energy) in own.iter().enumerate() {
        if let Some(group) = group_of(energy) {
            groups[group].events.push(event);
        }
    }
    groups
}
