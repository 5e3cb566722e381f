//! Do the events of a file fit their detector? What no command accepts is an error, the rest an
//! [`Oddity`].

use std::fmt;
use std::path::Path;

use detectors::{Condition, ConditionKind, Detector, Family, Response, Scale};
use ndarray::ArrayView2;

use super::units::{plain, wrong_units};
use super::{BadValueKind, EventFile, Events, EventsError, Survey};

/// Something about a file that its user should know, and that is no error.
#[derive(Debug, Clone, PartialEq)]
pub enum Oddity {
    ConditionOutOfRange {
        name: String,
        unit: String,
        events: usize,
        minimum: f64,
        maximum: f64,
        range: (f64, f64),
    },
    /// The median response is far from the detector's without being a mistake of units.
    UnusualResponse {
        median: f64,
        expected: f64,
    },
    BelowThreshold {
        cells: &'static str,
        count: usize,
        fraction: f64,
        threshold: f64,
        unit: String,
    },
    /// Events whose values are all 0.
    Empty {
        events: usize,
    },
    Duplicates {
        events: usize,
    },
    NegativeWeights {
        events: usize,
        effective_events: f64,
    },
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConditionOutOfRange { name, unit, events, minimum, maximum, range } => {
                let unit = if unit == "1" { String::new() } else { format!(" {unit}") };
                write!(
                    f,
                    "`{name}` outside of the detector's {} to {}{unit}: {events} events (seen: \
                     {minimum} to {maximum}{unit})",
                    range.0, range.1
                )
            }
            Self::UnusualResponse { median, expected } => {
                write!(f, "the median of E_tot/E_inc is {}, far from {expected}", plain(*median))
            }
            Self::BelowThreshold { cells, count, fraction, threshold, unit } => write!(
                f,
                "{cells} above zero but below the read-out threshold of {threshold} {unit}, which \
                 count as zero: {count} ({:.1} % of all)",
                100.0 * fraction
            ),
            Self::Empty { events } => write!(f, "events whose values are all 0: {events}"),
            Self::Duplicates { events } => {
                write!(f, "events that are exact copies of an earlier one: {events}")
            }
            Self::NegativeWeights { events, effective_events } => write!(
                f,
                "events with a negative weight: {events}; all events weigh as much as \
                 {effective_events:.0} of weight 1, (sum w)^2 / sum w^2"
            ),
        }
    }
}

/// What the values of a detector are called: columns, pixels or voxels.
pub fn cells(detector: &Detector) -> &'static str {
    match detector.response() {
        Response::Table(_) => "columns",
        Response::Layers(_) if detector.family() != Family::Calorimeter => "pixels",
        Response::Layers(_) => "voxels",
    }
}

/// A value that no command accepts.
#[derive(Debug, Clone, PartialEq)]
pub struct BadValue {
    pub dataset: String,
    pub kind: BadValueKind,
    pub value: f64,
    /// Counted from 0.
    pub event: usize,
    /// `voxel 7`, `column RichDLLk`, …
    pub place: Option<String>,
    /// How many such values there are.
    pub count: usize,
}

impl BadValue {
    /// The same value in a file with so many events before.
    pub(super) fn after(mut self, events: usize) -> Self {
        self.event += events;
        self
    }

    pub(super) fn error(self, path: &Path) -> EventsError {
        EventsError::BadValue { path: path.to_owned(), bad: Box::new(self) }
    }
}

/// What is wrong with a value of a condition, if anything.
pub(super) fn condition_problem(condition: &Condition, value: f64) -> Option<BadValueKind> {
    if !value.is_finite() {
        return Some(BadValueKind::NotFinite);
    }
    match &condition.kind {
        ConditionKind::Number { scale: Scale::Logarithmic, .. } if value == 0.0 => {
            Some(BadValueKind::Zero)
        }
        ConditionKind::Number { scale: Scale::Logarithmic, .. } | ConditionKind::Image(_)
            if value < 0.0 =>
        {
            Some(BadValueKind::Negative)
        }
        ConditionKind::Category(names)
            if value.fract() != 0.0 || !(0.0..names.len() as f64).contains(&value) =>
        {
            Some(BadValueKind::NoCategory(names.len()))
        }
        _ => None,
    }
}

/// What is wrong with a value of the response, if anything: values of cells are not negative.
pub(super) fn value_problem(detector: &Detector, value: f64) -> Option<BadValueKind> {
    match detector.response() {
        _ if !value.is_finite() => Some(BadValueKind::NotFinite),
        Response::Layers(_) if value < 0.0 => Some(BadValueKind::Negative),
        _ => None,
    }
}

/// Where a value stands, in words.
pub(super) fn place(detector: &Detector, index: usize) -> String {
    match detector.response() {
        Response::Table(columns) => format!("column `{}`", columns[index].name),
        Response::Layers(_) => format!("{} {index}", cells(detector).trim_end_matches('s')),
    }
}

/// The first condition that no command accepts.
///
/// # Shapes
/// `conditions`: `[events, Detector::condition_width]`
pub fn first_bad_condition_of(
    detector: &Detector,
    conditions: ArrayView2<'_, f64>,
) -> Option<BadValue> {
    let rows = conditions.rows();
    rows.into_iter().enumerate().find_map(|(event, row)| {
        detector.conditions().iter().find_map(|condition| {
            condition.columns().find_map(|column| {
                let value = row[column];
                let kind = condition_problem(condition, value)?;
                let dataset = condition.dataset.clone();
                Some(BadValue { dataset, kind, value, event, place: None, count: 1 })
            })
        })
    })
}

/// The first condition or weight of a block that no command accepts.
pub(super) fn first_bad_condition(events: &Events, detector: &Detector) -> Option<BadValue> {
    first_bad_condition_of(detector, events.conditions.view()).or_else(|| {
        let weights = events.weights.as_ref()?;
        let event = weights.iter().position(|weight| !weight.is_finite())?;
        Some(BadValue {
            dataset: detector.weights_dataset().unwrap_or("weights").to_owned(),
            kind: BadValueKind::NotFinite,
            value: weights[event],
            event,
            place: None,
            count: 1,
        })
    })
}

/// The first value of a block's response that no command accepts.
pub(super) fn first_bad_value(events: &Events, detector: &Detector) -> Option<BadValue> {
    events.values.indexed_iter().find_map(|((event, index), &value)| {
        let value = f64::from(value);
        let kind = value_problem(detector, value)?;
        let (dataset, place) = (detector.dataset().to_owned(), Some(place(detector, index)));
        Some(BadValue { dataset, kind, value, event, place, count: 1 })
    })
}

impl EventFile {
    /// Checks every event, in one pass over the file.
    ///
    /// # Errors
    /// A value that no command accepts, or energies that are not in MeV.
    pub fn check(&self) -> Result<Vec<Oddity>, EventsError> {
        Survey::of(self)?.verdict(self)
    }
}

impl Survey {
    /// What a user should know about the file.
    ///
    /// # Errors
    /// The first thing for which every other command refuses the file.
    pub fn verdict(&self, file: &EventFile) -> Result<Vec<Oddity>, EventsError> {
        match self.problems(file).into_iter().next() {
            Some(problem) => Err(problem),
            None => Ok(self.oddities(file.detector())),
        }
    }

    /// Whatever makes every other command refuse the file.
    pub fn problems(&self, file: &EventFile) -> Vec<EventsError> {
        let path = file.path();
        let mut problems: Vec<_> = self.bad.iter().map(|bad| bad.clone().error(path)).collect();
        if let Some(wrong) = wrong_units(self, file.detector()) {
            problems.push(EventsError::Units {
                path: path.to_owned(),
                evidence: wrong.evidence,
                advice: wrong.advice,
            });
        }
        problems
    }

    /// What a user should know about the events.
    pub fn oddities(&self, detector: &Detector) -> Vec<Oddity> {
        let mut oddities = Vec::new();
        for (seen, condition) in self.conditions.iter().zip(detector.conditions()) {
            let ConditionKind::Number { minimum, maximum, .. } = condition.kind else { continue };
            if seen.out_of_range > 0 {
                oddities.push(Oddity::ConditionOutOfRange {
                    name: condition.name.clone(),
                    unit: condition.unit.clone(),
                    events: seen.out_of_range,
                    minimum: seen.moments.minimum,
                    maximum: seen.moments.maximum,
                    range: (minimum, maximum),
                });
            }
        }
        if self.below_threshold > 0 {
            let all = self.events as f64 * detector.value_count() as f64;
            oddities.push(Oddity::BelowThreshold {
                cells: cells(detector),
                count: self.below_threshold,
                fraction: self.below_threshold as f64 / all,
                threshold: detector.readout_threshold(),
                unit: detector.unit().to_owned(),
            });
        }
        let usual = (0.5..=1.5).contains(&(self.median_response / detector.sampling_fraction()));
        if self.response.count > 0 && !usual && wrong_units(self, detector).is_none() {
            oddities.push(Oddity::UnusualResponse {
                median: self.median_response,
                expected: detector.sampling_fraction(),
            });
        }
        if self.empty > 0 {
            oddities.push(Oddity::Empty { events: self.empty });
        }
        if self.duplicates > 0 {
            oddities.push(Oddity::Duplicates { events: self.duplicates });
        }
        if let Some(weights) = &self.weights
            && weights.negative > 0
        {
            oddities.push(Oddity::NegativeWeights {
                events: weights.negative,
                effective_events: weights.effective_events(),
            });
        }
        oddities
    }
}
