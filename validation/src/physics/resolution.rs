use serde::{Deserialize, Serialize};

use super::energy_groups::energy_groups;
use super::moments::{Measured, Moments};
use super::resolution_fit::{ResolutionFit, fit_resolution};
use crate::Sample;

/// Response and resolution at one incident energy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ResolutionPoint {
    pub incident_energy_mev: f64,
    pub events: usize,
    /// Mean of E_tot / E_inc.
    pub response: Measured,
    /// σ / E: the standard deviation of E_tot / E_inc over its mean R. Its error, for normal
    /// E_tot, is R √(1 / (2 (n − 1)) + R² / n).
    pub resolution: Measured,
}

/// Response and resolution of two samples, each with a fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResolutionComparison {
    pub reference: Vec<ResolutionPoint>,
    pub generated: Vec<ResolutionPoint>,
    /// `None` for less than three energies.
    pub reference_fit: Option<ResolutionFit>,
    pub generated_fit: Option<ResolutionFit>,
}

/// Response and resolution of `sample` in the energy groups of `reference`
/// ([`energy_groups`]). Groups of less than two events, or as few by their weights, and those
/// whose mean is not positive are left out.
pub fn resolution_points(reference: &Sample, sample: &Sample) -> Vec<ResolutionPoint> {
    let (response, weights) = (sample.response(), sample.weights());
    let points = energy_groups(reference, sample).into_iter().filter_map(|group| {
        let weight = |event: usize| weights.map_or(1.0, |weights| weights[event]);
        let values = group.events.iter().map(|&event| (response[event], weight(event)));
        let Moments { events, mean, spread } = Moments::of(values)?;
        if mean.value <= 0.0 {
            return None;
        }
        let resolution = spread.value / mean.value;
        let relative = if spread.value > 0.0 { spread.error / spread.value } else { 0.0 };
        let of_mean = mean.error / mean.value;
        let error = resolution * (relative * relative + of_mean * of_mean).sqrt();
        Some(ResolutionPoint {
            incident_energy_mev: group.incident_energy_mev,
            events,
            response: mean,
            resolution: Measured { value: resolution, error },
        })
    });
    points.collect()
}

/// Response and resolution of both samples in the energy groups of the reference, with the fit of
/// [`fit_resolution`]; `None` for detectors without an incident energy.
pub fn compare_resolution(reference: &Sample, generated: &Sample) -> Option<ResolutionComparison> {
    let of = |sample| resolution_points(reference, sample);
    let (own, other) = (of(reference), of(generated));
    if own.is_empty() && other.is_empty() {
        return None;
    }
    Some(ResolutionComparison {
        reference_fit: fit_resolution(&own).ok(),
        generated_fit: fit_resolution(&other).ok(),
        reference: own,
        generated: other,
    })
}
