use rayon::prelude::*;

use super::calorimeter::ShowerModel;
use super::cherenkov::CherenkovModel;
use super::conditions::{self, Draw};
use super::description::SimulationDescription;
use super::radio::RadioModel;
use super::random::{Purpose, Random};
use crate::condition::ConditionKind;
use crate::{Detector, DetectorError};

/// A parametric simulation that is ready to run: everything in it is checked.
///
/// An event depends on (seed, number) and on nothing else: not on the threads, the block or the
/// machine.
///
/// ```
/// let photons = detectors::builtin("calochallenge-photons")?;
/// let simulation = detectors::simulation::Simulation::of(&photons)?;
/// let shower = simulation.event_at(1, 0, &[8192.0])?;
/// let response = shower.values.iter().sum::<f32>() / 8192.0;
/// assert!((response - 1.0).abs() < 0.15);
/// # Ok::<(), detectors::DetectorError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Simulation {
    detector: Detector,
    draws: Vec<Draw>,
    model: Model,
}

#[derive(Debug, Clone)]
enum Model {
    Shower(Box<ShowerModel>),
    Cherenkov(Box<CherenkovModel>),
    Radio(RadioModel),
}

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedEvent {
    /// In the columns of [`Detector::conditions`].
    pub conditions: Vec<f64>,
    /// In the order of the detector's values; those below its read-out threshold are 0.
    pub values: Vec<f32>,
    /// 1, or an sWeight.
    pub weight: f64,
}

/// Events in a row.
///
/// # Shapes
/// `conditions` events × [`Detector::condition_width`], `values` events ×
/// [`Detector::value_count`], `weights` one an event; row by row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    pub conditions: Vec<f64>,
    pub values: Vec<f32>,
    /// `None` for detectors without per-event weights.
    pub weights: Option<Vec<f64>>,
}

impl Simulation {
    /// The simulation that the detector's description asks for.
    ///
    /// # Errors
    /// [`DetectorError::NoSimulation`] if the description has no `[simulation]`, and
    /// [`DetectorError::Invalid`] if it does not fit the detector.
    pub fn of(detector: &Detector) -> Result<Self, DetectorError> {
        let Some(description) = detector.simulation() else {
            return Err(DetectorError::NoSimulation { detector: detector.name().to_owned() });
        };
        let invalid = |problem: String| DetectorError::Invalid {
            detector: detector.name().to_owned(),
            problem,
        };
        let mut draws = conditions::draws(detector);
        let model = match description {
            SimulationDescription::ElectromagneticShower(description) => Model::Shower(Box::new(
                ShowerModel::electromagnetic(detector, description, &mut draws).map_err(invalid)?,
            )),
            SimulationDescription::HadronicShower(description) => Model::Shower(Box::new(
                ShowerModel::hadronic(detector, description, &mut draws).map_err(invalid)?,
            )),
            SimulationDescription::CherenkovRings(description) => Model::Cherenkov(Box::new(
                CherenkovModel::new(detector, description, &mut draws).map_err(invalid)?,
            )),
            SimulationDescription::RadioSky(description) => {
                Model::Radio(RadioModel::new(detector, description).map_err(invalid)?)
            }
        };
        Ok(Self { detector: detector.clone(), draws, model })
    }

    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    /// Whether [`Self::event_at`] can make events for conditions that are given: not for radio
    /// maps, whose condition is an image of the same sky.
    pub fn takes_conditions(&self) -> bool {
        !matches!(self.model, Model::Radio(_))
    }

    /// The conditions that are drawn for event `number` of a seed; none where the simulation
    /// takes none.
    pub fn conditions(&self, seed: u64, number: u64) -> Vec<f64> {
        let mut random = Random::new(seed, Purpose::Conditions, number);
        self.draws.iter().map(|draw| draw.draw(&mut random)).collect()
    }

    /// Event `number` of a seed, with conditions that are drawn.
    pub fn event(&self, seed: u64, number: u64) -> SimulatedEvent {
        self.respond(seed, number, self.conditions(seed, number))
    }

    /// Event `number` of a seed, with conditions that are given: one row in the columns of
    /// [`Detector::conditions`]. With the conditions of [`Self::event`] it is the same event.
    ///
    /// # Errors
    /// [`DetectorError::Conditions`] if the row does not fit: wrong length, a category that does not
    /// exist, a number that is not finite or is 0 or less where the scale is logarithmic; or if the
    /// simulation takes no conditions.
    pub fn event_at(
        &self,
        seed: u64,
        number: u64,
        conditions: &[f64],
    ) -> Result<SimulatedEvent, DetectorError> {
        self.check(conditions)?;
        Ok(self.respond(seed, number, conditions.to_vec()))
    }

    /// Events `first`, `first + 1`, …, made by the threads of the current rayon pool.
    pub fn events(&self, seed: u64, first: u64, count: usize) -> Block {
        let events: Vec<_> = (0..count)
            .into_par_iter()
            .map(|index| self.event(seed, first + index as u64))
            .collect();
        self.block(events)
    }

    /// As [`Self::events`], with conditions that are given, row by row.
    ///
    /// # Errors
    /// As [`Self::event_at`].
    pub fn events_at(
        &self,
        seed: u64,
        first: u64,
        conditions: &[f64],
    ) -> Result<Block, DetectorError> {
        let width = self.detector.condition_width();
        if !conditions.len().is_multiple_of(width) {
            return Err(self.conditions_error(format!(
                "{} numbers are no whole rows of {width}",
                conditions.len()
            )));
        }
        let events = conditions
            .par_chunks(width)
            .enumerate()
            .map(|(index, row)| self.event_at(seed, first + index as u64, row))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(self.block(events))
    }

    fn block(&self, events: Vec<SimulatedEvent>) -> Block {
        let mut block = Block {
            conditions: Vec::with_capacity(events.len() * self.detector.condition_width()),
            values: Vec::with_capacity(events.len() * self.detector.value_count()),
            weights: self.detector.weights_dataset().map(|_| Vec::with_capacity(events.len())),
        };
        for event in events {
            block.conditions.extend(event.conditions);
            block.values.extend(event.values);
            if let Some(weights) = &mut block.weights {
                weights.push(event.weight);
            }
        }
        block
    }

    fn respond(&self, seed: u64, number: u64, conditions: Vec<f64>) -> SimulatedEvent {
        let mut random = Random::new(seed, Purpose::Event, number);
        let mut event = match &self.model {
            Model::Shower(model) => {
                let values = model.simulate(&conditions, &mut random);
                SimulatedEvent { conditions, values, weight: 1.0 }
            }
            Model::Cherenkov(model) => {
                let (values, weight) = model.simulate(&conditions, &mut random);
                SimulatedEvent { conditions, values, weight }
            }
            Model::Radio(model) => {
                let (conditions, values) = model.simulate(&mut random);
                SimulatedEvent { conditions, values, weight: 1.0 }
            }
        };
        let threshold = self.detector.readout_threshold();
        if threshold > 0.0 {
            for value in &mut event.values {
                if f64::from(*value) < threshold {
                    *value = 0.0;
                }
            }
        }
        event
    }

    fn check(&self, row: &[f64]) -> Result<(), DetectorError> {
        if !self.takes_conditions() {
            return Err(self.conditions_error(
                "are images of the sky that is simulated, and cannot be given".to_owned(),
            ));
        }
        let width = self.detector.condition_width();
        if row.len() != width {
            return Err(
                self.conditions_error(format!("have {} columns, expected {width}", row.len()))
            );
        }
        for (condition, &value) in self.detector.conditions().iter().zip(row) {
            let fits = match &condition.kind {
                // Energies and momenta: their logarithm is taken.
                ConditionKind::Number { scale: crate::Scale::Logarithmic, .. } => {
                    value.is_finite() && value > 0.0
                }
                ConditionKind::Number { .. } => value.is_finite(),
                ConditionKind::Category(names) => {
                    value.fract() == 0.0 && (0.0..names.len() as f64).contains(&value)
                }
                ConditionKind::Image(_) => false,
            };
            if !fits {
                let name = &condition.name;
                return Err(self.conditions_error(format!("have {value} for `{name}`")));
            }
        }
        Ok(())
    }

    fn conditions_error(&self, problem: String) -> DetectorError {
        DetectorError::Conditions { detector: self.detector.name().to_owned(), problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{builtin, builtin_names};

    fn simulation(name: &str) -> Simulation {
        Simulation::of(&builtin(name).expect("built in")).expect("simulated")
    }

    #[test]
    fn every_builtin_detector_is_simulated() {
        for name in builtin_names() {
            let simulation = simulation(name);
            let detector = simulation.detector().clone();
            let block = simulation.events(3, 0, 20);
            assert_eq!(block.values.len(), 20 * detector.value_count(), "{name}");
            assert_eq!(block.conditions.len(), 20 * detector.condition_width(), "{name}");
            assert_eq!(block.weights.is_some(), detector.weights_dataset().is_some(), "{name}");
            assert!(block.values.iter().all(|value| value.is_finite()), "{name}");
            let filled = block.values.iter().filter(|value| **value != 0.0).count();
            assert!(filled >= 20, "{name}: {filled}");
            if !detector.layers().is_empty() {
                let threshold = detector.readout_threshold();
                let fits = |value: f32| value == 0.0 || f64::from(value) >= threshold;
                assert!(block.values.iter().all(|&v| v >= 0.0 && fits(v)), "{name}");
            }
        }
    }

    #[test]
    fn an_event_depends_on_its_seed_and_number_alone() {
        for name in builtin_names() {
            let simulation = simulation(name);
            let whole = simulation.events(8, 10, 6);
            let (first, rest) = (simulation.events(8, 10, 2), simulation.events(8, 12, 4));
            let values = [first.values, rest.values].concat();
            assert_eq!(whole.values, values, "{name}");
            let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
            assert_eq!(alone.install(|| simulation.events(8, 10, 6)), whole, "{name}");
            assert_ne!(simulation.event(9, 10).values, simulation.event(8, 10).values, "{name}");
            assert_ne!(simulation.event(8, 11).values, simulation.event(8, 10).values, "{name}");
        }
    }

    #[test]
    fn an_event_with_its_own_conditions_given_is_the_same_event() {
        for name in builtin_names() {
            let simulation = simulation(name);
            let event = simulation.event(4, 7);
            match simulation.event_at(4, 7, &event.conditions) {
                Ok(again) => assert_eq!(again, event, "{name}"),
                Err(error) => {
                    assert!(!simulation.takes_conditions(), "{name}");
                    assert!(error.to_string().contains("images of the sky"), "{error}");
                }
            }
        }
    }

    #[test]
    fn conditions_that_do_not_fit_are_refused() {
        let atlas = simulation("atlas-em-barrel");
        let cases: [(&[f64], &str); 4] = [
            (&[1.0], "have 1 columns, expected 5"),
            (&[-1.0, 0.0, 0.0, 0.0, 0.0], "have -1 for `incident_energy`"),
            (&[1e3, 4.0, 0.0, 0.0, 0.0], "have 4 for `phi_index`"),
            (&[1e3, 0.0, 0.0, f64::NAN, 0.0], "have NaN for `impact_eta`"),
        ];
        for (row, expected) in cases {
            let message = atlas.event_at(1, 0, row).expect_err(expected).to_string();
            assert!(message.contains(expected), "`{message}` should contain `{expected}`");
        }
        let message = atlas.events_at(1, 0, &[1.0; 7]).expect_err("7 of 5").to_string();
        assert!(message.contains("7 numbers are no whole rows of 5"), "{message}");
    }
}
