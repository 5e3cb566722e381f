//! One pass over a file: everything that checks and reports need, in bounded memory.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hasher};

use detectors::Calorimeter;
use ndarray::ArrayView1;

use super::{BadValueKind, EventsError, INCIDENT_ENERGIES, SHOWERS, ShowerFile, Showers};

/// More distinct incident energies than this are a continuous spectrum.
const MAX_DISCRETE_ENERGIES: usize = 64;
/// Duplicates are looked for among this many events: 8 bytes and some of memory for each.
const MAX_HASHED_EVENTS: usize = 4_000_000;
/// Bins a decade of the histogram that the median is read from: 0.05 % wide.
const MEDIAN_BINS_PER_DECADE: f64 = 5000.0;

/// What the events of a file look like.
#[derive(Debug, Clone)]
pub struct Survey {
    pub events: usize,
    /// Of the incident energies in MeV.
    pub incident_energy_mev: RunningMoments,
    /// The incident energies take few values; if not, the groups are octaves.
    pub discrete_energies: bool,
    /// One for each incident energy, or for each octave that has events, rising.
    pub groups: Vec<EnergyGroup>,
    /// Of E_tot / E_inc.
    pub response: RunningMoments,
    /// Median of E_tot / E_inc, to 0.05 %; 0 if most showers are empty.
    pub median_response: f64,
    /// One for each layer of the detector; none if no detector was given.
    pub layers: Vec<LayerSurvey>,
    /// Fraction of voxels without energy.
    pub zero_fraction: f64,
    /// The smallest energy of a voxel above zero in MeV, infinite if there is none.
    pub smallest_voxel_mev: f64,
    pub largest_voxel_mev: f64,
    /// Voxels above zero but below the detector's read-out threshold.
    pub voxels_below_threshold: usize,
    pub empty_showers: usize,
    /// Events that are equal to an earlier one, voxel by voxel; empty showers do not count.
    pub duplicates: usize,
    /// Incident energies in the detector's range as they are, times 1000, and divided by 1000.
    pub(super) in_range: usize,
    pub(super) in_range_if_gev: usize,
    pub(super) in_range_if_kev: usize,
    pub(super) bad: Vec<BadValues>,
}

/// Events of one incident energy, or of an octave of them.
#[derive(Debug, Clone, PartialEq)]
pub struct EnergyGroup {
    /// Lower edge; the energy itself if it is discrete.
    pub low_mev: f64,
    /// Upper edge; the energy itself if it is discrete.
    pub high_mev: f64,
    /// Of E_tot / E_inc.
    pub response: RunningMoments,
}

/// The energy in one layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerSurvey {
    pub id: usize,
    pub name: String,
    /// Of the layer's energy in MeV.
    pub energy_mev: RunningMoments,
    /// The layer's part of the energy of all showers.
    pub share: f64,
}

/// Count, mean, spread and range of numbers that are seen once (Welford's recurrence).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunningMoments {
    pub count: usize,
    pub mean: f64,
    pub minimum: f64,
    pub maximum: f64,
    squares: f64,
}

/// Values of one kind that no command accepts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BadValues {
    pub dataset: &'static str,
    pub kind: BadValueKind,
    pub first: f64,
    pub event: usize,
    pub voxel: Option<usize>,
    pub count: usize,
}

impl Default for RunningMoments {
    fn default() -> Self {
        Self {
            count: 0,
            mean: 0.0,
            minimum: f64::INFINITY,
            maximum: f64::NEG_INFINITY,
            squares: 0.0,
        }
    }
}

impl RunningMoments {
    pub fn push(&mut self, value: f64) {
        self.count += 1;
        let from_old = value - self.mean;
        self.mean += from_old / self.count as f64;
        self.squares += from_old * (value - self.mean);
        self.minimum = self.minimum.min(value);
        self.maximum = self.maximum.max(value);
    }

    /// The standard deviation, sqrt(Σ (x − mean)² / (n − 1)); 0 for fewer than two numbers.
    pub fn spread(&self) -> f64 {
        if self.count < 2 { 0.0 } else { (self.squares / (self.count - 1) as f64).sqrt() }
    }
}

impl Survey {
    /// Reads the whole file once, block by block.
    ///
    /// With a `detector`, layers, threshold and the range of incident energies are looked at too.
    ///
    /// # Errors
    /// The file cannot be read, or its showers do not have the detector's voxels.
    pub fn of(file: &ShowerFile, detector: Option<&Calorimeter>) -> Result<Self, EventsError> {
        if let Some(detector) = detector {
            file.check_voxel_count(detector)?;
        }
        let mut pass = Pass::new(detector);
        for block in file.blocks() {
            pass.take(&file.read(block)?);
        }
        Ok(pass.finish(file.voxel_count()))
    }
}

/// The state of the pass.
struct Pass<'a> {
    detector: Option<&'a Calorimeter>,
    survey: Survey,
    discrete: BTreeMap<u64, RunningMoments>,
    octaves: BTreeMap<i32, RunningMoments>,
    response_histogram: BTreeMap<i32, usize>,
    zeros: usize,
    hashes: HashSet<u64>,
}

impl<'a> Pass<'a> {
    fn new(detector: Option<&'a Calorimeter>) -> Self {
        let layers = detector.into_iter().flat_map(Calorimeter::layers);
        let survey = Survey {
            events: 0,
            incident_energy_mev: RunningMoments::default(),
            discrete_energies: true,
            groups: Vec::new(),
            response: RunningMoments::default(),
            median_response: 0.0,
            layers: layers
                .map(|layer| LayerSurvey {
                    id: layer.id(),
                    name: layer.name().to_owned(),
                    energy_mev: RunningMoments::default(),
                    share: 0.0,
                })
                .collect(),
            zero_fraction: 0.0,
            smallest_voxel_mev: f64::INFINITY,
            largest_voxel_mev: 0.0,
            voxels_below_threshold: 0,
            empty_showers: 0,
            duplicates: 0,
            in_range: 0,
            in_range_if_gev: 0,
            in_range_if_kev: 0,
            bad: Vec::new(),
        };
        Self {
            detector,
            survey,
            discrete: BTreeMap::new(),
            octaves: BTreeMap::new(),
            response_histogram: BTreeMap::new(),
            zeros: 0,
            hashes: HashSet::new(),
        }
    }

    fn take(&mut self, block: &Showers) {
        for (&energy, voxels) in block.incident_energies_mev.iter().zip(block.voxels_mev.rows()) {
            let good_energy = self.take_incident_energy(energy);
            let total = self.take_voxels(voxels);
            if let Some(total) = total {
                self.take_layers(voxels);
                self.look_for_a_twin(energy, voxels, total);
                if good_energy {
                    self.take_response(energy, total / energy);
                }
            }
            self.survey.events += 1;
        }
    }

    fn take_incident_energy(&mut self, energy: f64) -> bool {
        let zero = (energy == 0.0).then_some(BadValueKind::Zero);
        if let Some(kind) = BadValueKind::of(energy).or(zero) {
            self.bad(INCIDENT_ENERGIES, kind, energy, None);
            return false;
        }
        self.survey.incident_energy_mev.push(energy);
        if let Some(detector) = self.detector {
            let range = detector.incident_energy_range_mev();
            self.survey.in_range += usize::from(range.contains(&energy));
            self.survey.in_range_if_gev += usize::from(range.contains(&(energy * 1000.0)));
            self.survey.in_range_if_kev += usize::from(range.contains(&(energy / 1000.0)));
        }
        true
    }

    /// E_tot, unless a voxel has a value that cannot be added.
    fn take_voxels(&mut self, voxels: ArrayView1<'_, f32>) -> Option<f64> {
        let threshold = self.detector.map_or(0.0, Calorimeter::readout_threshold_mev);
        let mut total = Some(0.0);
        for (index, voxel) in voxels.iter().map(|&voxel| f64::from(voxel)).enumerate() {
            if let Some(kind) = BadValueKind::of(voxel) {
                self.bad(SHOWERS, kind, voxel, Some(index));
                total = None;
            } else if voxel == 0.0 {
                self.zeros += 1;
            } else {
                self.survey.voxels_below_threshold += usize::from(voxel < threshold);
                self.survey.smallest_voxel_mev = self.survey.smallest_voxel_mev.min(voxel);
                self.survey.largest_voxel_mev = self.survey.largest_voxel_mev.max(voxel);
                total = total.map(|total| total + voxel);
            }
        }
        self.survey.empty_showers += usize::from(total == Some(0.0));
        total
    }

    fn take_layers(&mut self, voxels: ArrayView1<'_, f32>) {
        let layers = self.detector.into_iter().flat_map(Calorimeter::layers);
        for (layer, survey) in layers.zip(&mut self.survey.layers) {
            let energy = layer.voxels().map(|index| f64::from(voxels[index])).sum();
            survey.energy_mev.push(energy);
        }
    }

    fn take_response(&mut self, energy: f64, response: f64) {
        self.survey.response.push(response);
        if self.survey.discrete_energies {
            self.discrete.entry(energy.to_bits()).or_default().push(response);
            if self.discrete.len() > MAX_DISCRETE_ENERGIES {
                self.survey.discrete_energies = false;
                self.discrete.clear();
            }
        }
        self.octaves.entry(energy.log2().floor() as i32).or_default().push(response);
        let bin = (response.log10() * MEDIAN_BINS_PER_DECADE).floor();
        // An empty shower has log10 0 = −∞, which the conversion takes to the lowest bin.
        *self.response_histogram.entry(bin as i32).or_default() += 1;
    }

    fn look_for_a_twin(&mut self, energy: f64, voxels: ArrayView1<'_, f32>, total: f64) {
        if total == 0.0 || self.hashes.len() >= MAX_HASHED_EVENTS {
            return;
        }
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(energy.to_bits());
        for &voxel in voxels {
            hasher.write_u32(voxel.to_bits());
        }
        self.survey.duplicates += usize::from(!self.hashes.insert(hasher.finish()));
    }

    fn bad(&mut self, dataset: &'static str, kind: BadValueKind, value: f64, voxel: Option<usize>) {
        let known = self.survey.bad.iter_mut().find(|b| b.dataset == dataset && b.kind == kind);
        if let Some(known) = known {
            known.count += 1;
        } else {
            let event = self.survey.events;
            self.survey.bad.push(BadValues { dataset, kind, first: value, event, voxel, count: 1 });
        }
    }

    fn finish(mut self, voxel_count: usize) -> Survey {
        self.survey.groups = if self.survey.discrete_energies {
            let mut groups: Vec<_> = self
                .discrete
                .iter()
                .map(|(&bits, &response)| {
                    let energy = f64::from_bits(bits);
                    EnergyGroup { low_mev: energy, high_mev: energy, response }
                })
                .collect();
            groups.sort_by(|a, b| a.low_mev.total_cmp(&b.low_mev));
            groups
        } else {
            let edge = |octave: i32| f64::from(octave).exp2();
            self.octaves
                .iter()
                .map(|(&octave, &response)| EnergyGroup {
                    low_mev: edge(octave),
                    high_mev: edge(octave + 1),
                    response,
                })
                .collect()
        };
        self.survey.median_response = self.median_response();
        self.survey.zero_fraction =
            self.zeros as f64 / (self.survey.events as f64 * voxel_count as f64);
        let sum: f64 = self.survey.layers.iter().map(|layer| layer.energy_mev.mean).sum();
        for layer in &mut self.survey.layers {
            layer.share = if sum > 0.0 { layer.energy_mev.mean / sum } else { 0.0 };
        }
        self.survey
    }

    fn median_response(&self) -> f64 {
        let mut left = self.survey.response.count / 2;
        for (&bin, &count) in &self.response_histogram {
            if left < count {
                return if bin == i32::MIN {
                    0.0
                } else {
                    10f64.powf((f64::from(bin) + 0.5) / MEDIAN_BINS_PER_DECADE)
                };
            }
            left -= count;
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_five_numbers() {
        let mut moments = RunningMoments::default();
        [2.0, 4.0, 4.0, 5.0, 10.0].into_iter().for_each(|x| moments.push(x));
        assert_eq!((moments.count, moments.minimum, moments.maximum), (5, 2.0, 10.0));
        approx::assert_relative_eq!(moments.mean, 5.0);
        approx::assert_relative_eq!(moments.spread(), 3.0);
    }
}
