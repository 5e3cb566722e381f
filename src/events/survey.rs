//! One pass over a file: everything that checks and reports need, in bounded memory.

use std::collections::{BTreeMap, HashSet};

use detectors::{ConditionKind, Detector, Response};
use ndarray::{ArrayView1, Axis};
use rayon::prelude::*;

use super::check::{condition_problem, place, value_problem};
use super::events::hash;
use super::{BadValue, BadValueKind, EventFile, Events, EventsError};

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
    /// One for each condition of the detector.
    pub conditions: Vec<ConditionSurvey>,
    /// The incident energies take few values; if not, the groups are octaves.
    pub discrete_energies: bool,
    /// One for each incident energy, or for each octave that has events, rising; none where values
    /// are no fractions of a condition.
    pub groups: Vec<EnergyGroup>,
    /// Of E_tot / E_inc.
    pub response: RunningMoments,
    /// Median of E_tot / E_inc, to 0.05 %; 0 if most showers are empty.
    pub median_response: f64,
    /// Of the sum of an event's values; of nothing for tables.
    pub sum: RunningMoments,
    /// One for each layer or, of a table, each column.
    pub parts: Vec<PartSurvey>,
    /// Fraction of values that are 0.
    pub zero_fraction: f64,
    /// The smallest value above zero, infinite if there is none.
    pub smallest_value: f64,
    pub largest_value: f64,
    /// Values above zero but below the detector's read-out threshold.
    pub below_threshold: usize,
    /// Events whose values are all 0.
    pub empty: usize,
    /// Events that are equal to an earlier one, value by value; empty ones do not count.
    pub duplicates: usize,
    pub weights: Option<WeightSurvey>,
    /// Normalising conditions in their range as they are, times 1000, and divided by 1000.
    pub(super) in_range: usize,
    pub(super) in_range_if_gev: usize,
    pub(super) in_range_if_kev: usize,
    pub(super) bad: Vec<BadValue>,
}

/// What a condition looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionSurvey {
    pub name: String,
    pub unit: String,
    /// Of numbers; of the pixels of an image.
    pub moments: RunningMoments,
    /// Numbers outside of the detector's range.
    pub out_of_range: usize,
    /// (name, events) of each category.
    pub categories: Vec<(String, usize)>,
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

/// The sum in one layer, or the value of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct PartSurvey {
    /// Number of the layer; none for a column.
    pub id: Option<usize>,
    pub name: String,
    pub moments: RunningMoments,
    /// The layer's part of the sum of all events.
    pub share: f64,
}

/// What the weights look like.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WeightSurvey {
    pub negative: usize,
    pub sum: f64,
    pub sum_of_squares: f64,
}

impl WeightSurvey {
    /// (Σw)² / Σw²: as many events of weight 1 have the same statistical error.
    pub fn effective_events(&self) -> f64 {
        if self.sum_of_squares > 0.0 { self.sum * self.sum / self.sum_of_squares } else { 0.0 }
    }
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
    /// # Errors
    /// The file cannot be read.
    pub fn of(file: &EventFile) -> Result<Self, EventsError> {
        Self::with_progress(file, &mut |_| ())
    }

    /// As [`Self::of`]; `progress` is told how many events are done.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn with_progress(
        file: &EventFile,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self, EventsError> {
        Self::of_first(file, usize::MAX, progress)
    }

    /// As [`Self::with_progress`], but of the first events only: at least `limit` if there are so
    /// many.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn of_first(
        file: &EventFile,
        limit: usize,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Self, EventsError> {
        let mut pass = Pass::new(file.detector());
        for block in file.blocks().take_while(|block| block.start < limit) {
            let end = block.end;
            pass.take(&file.read(block)?);
            progress(end as u64);
        }
        Ok(pass.finish())
    }
}

/// What the values of one event look like.
struct EventSurvey {
    hash: u64,
    sum: f64,
    zeros: usize,
    below_threshold: usize,
    smallest: f64,
    largest: f64,
    /// Sums of the layers, or the columns.
    parts: Vec<f64>,
    /// Index, kind and value of what no command accepts.
    bad: Vec<(usize, BadValueKind, f64)>,
}

impl EventSurvey {
    fn of(
        detector: &Detector,
        conditions: ArrayView1<'_, f64>,
        values: ArrayView1<'_, f32>,
    ) -> Self {
        let is_table = matches!(detector.response(), Response::Table(_));
        let threshold = if is_table { 0.0 } else { detector.readout_threshold() };
        let mut seen = Self {
            hash: hash(conditions, values),
            sum: 0.0,
            zeros: 0,
            below_threshold: 0,
            smallest: f64::INFINITY,
            largest: f64::NEG_INFINITY,
            parts: Vec::new(),
            bad: Vec::new(),
        };
        for (index, value) in values.iter().map(|&value| f64::from(value)).enumerate() {
            if value == 0.0 {
                seen.zeros += 1;
                continue;
            }
            if let Some(kind) = value_problem(detector, value) {
                seen.bad.push((index, kind, value));
                continue;
            }
            seen.below_threshold += usize::from(!is_table && value < threshold);
            seen.smallest = seen.smallest.min(value);
            seen.largest = seen.largest.max(value);
            seen.sum += value;
        }
        seen.parts = if is_table {
            values.iter().map(|&value| f64::from(value)).collect()
        } else {
            let layers = detector.layers().iter();
            layers.map(|layer| layer.cells().map(|i| f64::from(values[i])).sum()).collect()
        };
        seen
    }
}

/// The state of the pass.
struct Pass<'a> {
    detector: &'a Detector,
    survey: Survey,
    discrete: BTreeMap<u64, RunningMoments>,
    octaves: BTreeMap<i32, RunningMoments>,
    response_histogram: BTreeMap<i32, usize>,
    zeros: usize,
    hashes: HashSet<u64>,
}

impl<'a> Pass<'a> {
    fn new(detector: &'a Detector) -> Self {
        let conditions = detector.conditions().iter().map(|condition| ConditionSurvey {
            name: condition.name.clone(),
            unit: condition.unit.clone(),
            moments: RunningMoments::default(),
            out_of_range: 0,
            categories: match &condition.kind {
                ConditionKind::Category(names) => names.iter().map(|n| (n.clone(), 0)).collect(),
                _ => Vec::new(),
            },
        });
        let part = |id, name: &str| PartSurvey {
            id,
            name: name.to_owned(),
            moments: RunningMoments::default(),
            share: 0.0,
        };
        let layers = detector.layers().iter().map(|layer| part(Some(layer.id()), layer.name()));
        let columns = detector.columns().iter().map(|column| part(None, &column.name));
        let survey = Survey {
            events: 0,
            conditions: conditions.collect(),
            discrete_energies: true,
            groups: Vec::new(),
            response: RunningMoments::default(),
            median_response: 0.0,
            sum: RunningMoments::default(),
            parts: layers.chain(columns).collect(),
            zero_fraction: 0.0,
            smallest_value: f64::INFINITY,
            largest_value: f64::NEG_INFINITY,
            below_threshold: 0,
            empty: 0,
            duplicates: 0,
            weights: None,
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

    fn take(&mut self, block: &Events) {
        let detector = self.detector;
        let looked_at: Vec<EventSurvey> = block
            .values
            .axis_iter(Axis(0))
            .into_par_iter()
            .zip(block.conditions.axis_iter(Axis(0)))
            .map(|(values, conditions)| EventSurvey::of(detector, conditions, values))
            .collect();
        for (conditions, event) in block.conditions.rows().into_iter().zip(looked_at) {
            let good_conditions = self.take_conditions(conditions);
            if let Some(sum) = self.take_values(&event) {
                self.look_for_a_twin(event.hash, sum);
                if good_conditions && let Some(column) = detector.normalising_column() {
                    self.take_response(conditions[column], sum / conditions[column]);
                }
            }
            self.survey.events += 1;
        }
        for (event, &weight) in block.weights.iter().flatten().enumerate() {
            let seen = self.survey.weights.get_or_insert_default();
            seen.negative += usize::from(weight < 0.0);
            seen.sum += weight;
            seen.sum_of_squares += weight * weight;
            if !weight.is_finite() {
                let dataset = detector.weights_dataset().unwrap_or("weights").to_owned();
                let event = self.survey.events - block.len() + event;
                self.bad(dataset, BadValueKind::NotFinite, weight, event, None);
            }
        }
    }

    /// Whether all conditions are good.
    fn take_conditions(&mut self, values: ArrayView1<'_, f64>) -> bool {
        let mut all_good = true;
        for (index, condition) in self.detector.conditions().iter().enumerate() {
            for column in condition.columns() {
                let value = values[column];
                if let Some(kind) = condition_problem(condition, value) {
                    let event = self.survey.events;
                    self.bad(condition.dataset.clone(), kind, value, event, None);
                    all_good = false;
                    continue;
                }
                let seen = &mut self.survey.conditions[index];
                match &condition.kind {
                    ConditionKind::Category(_) => seen.categories[value as usize].1 += 1,
                    ConditionKind::Image(_) => seen.moments.push(value),
                    ConditionKind::Number { minimum, maximum, .. } => {
                        let range = *minimum..=*maximum;
                        seen.moments.push(value);
                        seen.out_of_range += usize::from(!range.contains(&value));
                        if self.detector.normalising_column() == Some(column) {
                            self.survey.in_range += usize::from(range.contains(&value));
                            self.survey.in_range_if_gev +=
                                usize::from(range.contains(&(value * 1000.0)));
                            self.survey.in_range_if_kev +=
                                usize::from(range.contains(&(value / 1000.0)));
                        }
                    }
                }
            }
        }
        all_good
    }

    /// The sum, unless there is a value that cannot be added.
    fn take_values(&mut self, event: &EventSurvey) -> Option<f64> {
        for &(index, kind, value) in &event.bad {
            let place = Some(place(self.detector, index));
            let number = self.survey.events;
            self.bad(self.detector.dataset().to_owned(), kind, value, number, place);
        }
        self.zeros += event.zeros;
        self.survey.below_threshold += event.below_threshold;
        self.survey.smallest_value = self.survey.smallest_value.min(event.smallest);
        self.survey.largest_value = self.survey.largest_value.max(event.largest);
        if !event.bad.is_empty() {
            return None;
        }
        for (part, value) in self.survey.parts.iter_mut().zip(&event.parts) {
            part.moments.push(*value);
        }
        if !self.detector.layers().is_empty() {
            self.survey.empty += usize::from(event.sum == 0.0);
            self.survey.sum.push(event.sum);
        }
        Some(event.sum)
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

    fn look_for_a_twin(&mut self, hash: u64, sum: f64) {
        if sum != 0.0 && self.hashes.len() < MAX_HASHED_EVENTS {
            self.survey.duplicates += usize::from(!self.hashes.insert(hash));
        }
    }

    fn bad(
        &mut self,
        dataset: String,
        kind: BadValueKind,
        value: f64,
        event: usize,
        place: Option<String>,
    ) {
        let known = self.survey.bad.iter_mut().find(|b| b.dataset == dataset && b.kind == kind);
        if let Some(known) = known {
            known.count += 1;
        } else {
            self.survey.bad.push(BadValue { dataset, kind, value, event, place, count: 1 });
        }
    }

    fn finish(mut self) -> Survey {
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
        let all = self.survey.events as f64 * self.detector.value_count() as f64;
        self.survey.zero_fraction = self.zeros as f64 / all;
        if !self.detector.layers().is_empty() {
            let sum: f64 = self.survey.parts.iter().map(|part| part.moments.mean).sum();
            for part in &mut self.survey.parts {
                part.share = if sum > 0.0 { part.moments.mean / sum } else { 0.0 };
            }
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
