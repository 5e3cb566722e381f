use detectors::Family;
use serde::{Deserialize, Serialize};

use super::conditions::{categories, index, number};
use super::profile::{ProfileComparison, profile};
use crate::Sample;
use crate::observables::{ObservableKind, Quantity, logarithmic_edges};

/// Bins of the momentum, of equal width in its logarithm.
const MOMENTUM_BINS: usize = 12;

/// Profiles of one species, or of all tracks where there are no species.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpeciesProfiles {
    pub species: Option<String>,
    /// Ring radius, photons of the ring and photons of the image against momentum.
    pub profiles: Vec<ProfileComparison>,
}

/// Radius of the ring, its photons, and all photons of Cherenkov images against the condition
/// `momentum`, for each category of the condition `species`: mean and spread in twelve bins of
/// ln P over the reference's range.
///
/// Below the threshold of light there is no ring: what is found there is a fluctuation of the
/// background. Empty for other detectors, and where there is no such momentum; without the
/// condition `species` all tracks are taken together.
pub fn compare_rings(
    reference: &Sample,
    generated: &Sample,
    momentum: &str,
    species: &str,
) -> Vec<SpeciesProfiles> {
    let detector = reference.detector();
    let Some(column) = number(detector, momentum) else { return Vec::new() };
    if detector.family() != Family::Cherenkov || detector.layers().len() != 1 {
        return Vec::new();
    }
    let momenta = reference.condition(column);
    let low = momenta.iter().copied().fold(f64::INFINITY, f64::min);
    let high = momenta.iter().copied().fold(0.0, f64::max);
    if !(low > 0.0 && low < high) {
        return Vec::new();
    }
    let edges = logarithmic_edges(low, high, MOMENTUM_BINS);
    let kinds = [Quantity::RingRadius, Quantity::RingHits, Quantity::Total]
        .map(|quantity| ObservableKind { quantity, layer: None });
    let unit = &detector.conditions()[column].unit;
    let of_species = |chosen: Option<(usize, &String)>| {
        let points = |sample: &Sample, kind: ObservableKind| {
            let category = chosen.map(|(number, _)| number as f64);
            let categories = index(sample.detector(), species).map(|c| sample.condition(c));
            let events: Vec<usize> = (0..sample.events())
                .filter(|&event| {
                    category.is_none_or(|c| categories.is_some_and(|of| of[event] == c))
                })
                .collect();
            let of = |all: &[f64]| events.iter().map(|&event| all[event]).collect::<Vec<f64>>();
            let values = sample.observables().get(kind).map(of).unwrap_or_default();
            let weights = sample.weights().map(of);
            profile(&of(sample.condition(column)), &values, weights.as_deref(), &edges)
        };
        let profiles = kinds.map(|kind| ProfileComparison {
            name: match chosen {
                Some((_, name)) => format!("{}_{name}", kind.name(detector)),
                None => kind.name(detector),
            },
            x_label: format!("{momentum} ({unit})"),
            y_label: kind.label(detector),
            logarithmic_x: true,
            reference: points(reference, kind),
            generated: points(generated, kind),
        });
        SpeciesProfiles { species: chosen.map(|(_, name)| name.clone()), profiles: profiles.into() }
    };
    match categories(detector, species) {
        Some(names) => names.iter().enumerate().map(|one| of_species(Some(one))).collect(),
        None => vec![of_species(None)],
    }
}
