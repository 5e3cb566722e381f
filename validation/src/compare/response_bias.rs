//! How far response and resolution are off, in one number each.

use super::entries::mean_and_spread;
use super::floor::Floor;
use super::inputs::Inputs;
use super::response::{EnergyGroup, Response, Values};
use crate::report::model::{ResponseBias, WithFloor};
use crate::selection::{range_chi_square_weighted, summed_per_ndf};

/// Ratios of two samples at one energy, with their errors.
struct Ratios {
    response: (f64, f64),
    resolution: (f64, f64),
}

impl Ratios {
    fn of(a: &Values, b: &Values) -> Option<Self> {
        let (a, b) = (Response::of(a)?, Response::of(b)?);
        let ratio = |(x, dx): (f64, f64), (y, dy): (f64, f64)| {
            let ratio = y / x;
            (ratio, ratio.abs() * (dx / x).hypot(dy / y))
        };
        let response = ratio((a.mean, a.mean_error), (b.mean, b.mean_error));
        let resolution =
            ratio((a.resolution, a.resolution_error), (b.resolution, b.resolution_error));
        response.1.is_finite().then_some(Self { response, resolution })
    }
}

/// Deviations from 1 of all energies together.
struct Bias {
    mean: (f64, f64),
    worst: (f64, f64),
    worst_group: usize,
    resolution: (f64, f64),
    chi2_per_ndf: f64,
}

impl Bias {
    fn of<'a>(pairs: impl Iterator<Item = (&'a Values, &'a Values)> + Clone) -> Option<Self> {
        let ratios: Vec<(usize, Ratios)> = pairs
            .clone()
            .enumerate()
            .filter_map(|(group, (a, b))| Some((group, Ratios::of(a, b)?)))
            .collect();
        let (worst_group, worst) = ratios
            .iter()
            .map(|(group, found)| (*group, found.response))
            .max_by(|a, b| (a.1.0 - 1.0).abs().total_cmp(&(b.1.0 - 1.0).abs()))?;
        let chi2_per_ndf =
            summed_per_ndf(pairs.map(|(a, b)| range_chi_square_weighted(a.view(), b.view())));
        Some(Self {
            mean: averaged(ratios.iter().map(|(_, found)| found.response)),
            worst: ((worst.0 - 1.0).abs(), worst.1),
            worst_group,
            resolution: averaged(ratios.iter().map(|(_, found)| found.resolution)),
            chi2_per_ndf,
        })
    }
}

/// |mean of the ratios − 1| with its error, each ratio with the inverse square of its error.
fn averaged(ratios: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (ratio, error) in ratios.filter(|(ratio, error)| ratio.is_finite() && *error > 0.0) {
        let weight = 1.0 / (error * error);
        sum += weight * (ratio - 1.0);
        weights += weight;
    }
    if weights > 0.0 { ((sum / weights).abs(), 1.0 / weights.sqrt()) } else { (f64::NAN, f64::NAN) }
}

impl Inputs<'_> {
    pub(super) fn response_bias(&self, groups: &[EnergyGroup]) -> Option<ResponseBias> {
        let found = Bias::of(groups.iter().map(|group| (&group.reference, &group.generated)))?;
        let floors: Vec<Bias> = match self.floor {
            Floor::SecondReference => {
                Bias::of(groups.iter().map(|group| (&group.reference, &group.second)))
                    .into_iter()
                    .collect()
            }
            Floor::Halves(halves) => halves
                .iter()
                .filter_map(|in_first| {
                    let of_groups: Vec<(Values, Values)> =
                        groups.iter().map(|group| group.reference.halves(in_first)).collect();
                    Bias::of(of_groups.iter().map(|(a, b)| (a, b)))
                })
                .collect(),
        };
        // Means fluctuate as √(1/n + 1/m).
        let events = |sample: &crate::Sample| 1.0 / sample.effective_events();
        let whole = events(self.reference) + events(self.generated);
        let of_floor = match self.second {
            Some(second) => events(self.reference) + events(second),
            None => 4.0 * events(self.reference),
        };
        let with_floor = |(value, error): (f64, f64), scale: f64, floor: fn(&Bias) -> f64| {
            let values: Vec<f64> = floors.iter().map(|bias| scale * floor(bias)).collect();
            let (floor, floor_error) = mean_and_spread(&values);
            WithFloor { value, error, floor, floor_error }
        };
        let scale = (whole / of_floor).sqrt();
        Some(ResponseBias {
            mean: with_floor(found.mean, scale, |bias| bias.mean.0),
            worst: with_floor(found.worst, scale, |bias| bias.worst.0),
            worst_energy_mev: groups[found.worst_group].incident_energy_mev,
            resolution: with_floor(found.resolution, scale, |bias| bias.resolution.0),
            chi2_per_ndf: with_floor((found.chi2_per_ndf, f64::NAN), 1.0, |bias| bias.chi2_per_ndf),
        })
    }
}
