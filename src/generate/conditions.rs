use std::str::FromStr;

use detectors::{Condition, ConditionKind, Detector};
use ndarray::Array2;
use thiserror::Error;

use super::energies::EnergyList;
use crate::events::{EventSet, EventsError};

/// Values of one condition as a user lists them: `theta=1.2,1.57` or `species=kaon`.
///
/// Event k has value number k modulo their count.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionList {
    pub name: String,
    values: Vec<String>,
}

#[derive(Debug, Error)]
pub enum ConditionError {
    #[error("`{0}` is not a condition and its values; expected such as `theta=1.2,1.57`")]
    Unreadable(String),

    #[error("detector `{detector}` has no condition `{name}`; it has {known}")]
    Unknown { detector: String, name: String, known: String },

    #[error("condition `{name}` is not given; give {how}")]
    Missing { name: String, how: String },

    #[error("condition `{name}` is `{value}`, expected {expected}")]
    Value { name: String, value: String, expected: String },

    #[error("condition `{0}` is given twice")]
    Twice(String),

    #[error("detector `{0}` has no incident energy; `--energies` does not fit it")]
    NoEnergy(String),

    #[error(transparent)]
    Events(#[from] EventsError),
}

impl FromStr for ConditionList {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, ConditionError> {
        let unreadable = || ConditionError::Unreadable(text.to_owned());
        let (name, values) = text.split_once('=').ok_or_else(unreadable)?;
        let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
        if name.is_empty() || values.iter().any(String::is_empty) {
            return Err(unreadable());
        }
        Ok(Self { name: name.trim().to_owned(), values })
    }
}

impl std::fmt::Display for ConditionList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.name, self.values.join(","))
    }
}

/// Where the conditions of generated events come from.
#[derive(Debug)]
pub enum ConditionSource {
    /// For each column of the conditions, the values that events take in turn.
    Lists(Vec<Vec<f64>>),
    /// Event k has the conditions of event k of the files.
    Files(EventSet),
}

impl ConditionSource {
    /// From lists for each condition of the detector.
    ///
    /// # Errors
    /// An unknown condition, one that is missing, or a value that it cannot have.
    pub fn from_lists(
        detector: &Detector,
        energies: Option<&EnergyList>,
        lists: &[ConditionList],
    ) -> Result<Self, ConditionError> {
        let mut columns = Vec::new();
        for (condition, values) in
            detector.conditions().iter().zip(listed(detector, energies, lists)?)
        {
            columns.push(values.ok_or_else(|| {
                let is_energy = detector.incident_energy_column() == Some(condition.first_column);
                let name = condition.name.clone();
                let how = match condition.kind {
                    ConditionKind::Image(_) => "a file of events with `--conditions`".to_owned(),
                    _ if is_energy => {
                        "`--energies`, or a file of events with `--conditions`".to_owned()
                    }
                    _ => format!(
                        "`--condition {name}=VALUE`, or a file of events with `--conditions`"
                    ),
                };
                ConditionError::Missing { name, how }
            })?);
        }
        Ok(Self::Lists(columns))
    }

    /// Conditions of events `first`, `first` + 1, …
    ///
    /// # Shapes
    /// `[count, Detector::condition_width]`
    ///
    /// # Errors
    /// The files cannot be read there.
    pub fn of_events(&self, first: u64, count: usize) -> Result<Array2<f64>, EventsError> {
        match self {
            Self::Lists(columns) => {
                Ok(Array2::from_shape_fn((count, columns.len()), |(row, i)| {
                    let event = first + row as u64;
                    columns[i][(event % columns[i].len() as u64) as usize]
                }))
            }
            Self::Files(events) => {
                let first = first as usize;
                events.read_conditions(first..first + count)
            }
        }
    }
}

/// For each condition of the detector, the values that are listed for it, if any are.
///
/// # Errors
/// An unknown condition, or a value that a condition cannot have.
pub fn listed(
    detector: &Detector,
    energies: Option<&EnergyList>,
    lists: &[ConditionList],
) -> Result<Vec<Option<Vec<f64>>>, ConditionError> {
    if energies.is_some() && detector.incident_energy_column().is_none() {
        return Err(ConditionError::NoEnergy(detector.name().to_owned()));
    }
    for (index, list) in lists.iter().enumerate() {
        let is_energy = detector.conditions().iter().any(|condition| {
            condition.name == list.name
                && detector.incident_energy_column() == Some(condition.first_column)
        });
        let before = lists[..index].iter().any(|other| other.name == list.name);
        if before || (is_energy && energies.is_some()) {
            return Err(ConditionError::Twice(list.name.clone()));
        }
        if !detector.conditions().iter().any(|condition| condition.name == list.name) {
            let known = detector.conditions().iter().map(|known| format!("`{}`", known.name));
            return Err(ConditionError::Unknown {
                detector: detector.name().to_owned(),
                name: list.name.clone(),
                known: known.collect::<Vec<_>>().join(", "),
            });
        }
    }
    detector
        .conditions()
        .iter()
        .map(|condition| {
            let is_energy = detector.incident_energy_column() == Some(condition.first_column);
            if let Some(energies) = energies.filter(|_| is_energy) {
                return Ok(Some(energies.energies_mev().to_vec()));
            }
            let list = lists.iter().find(|list| list.name == condition.name);
            list.map(|list| list.numbers(condition)).transpose()
        })
        .collect()
}

impl ConditionList {
    fn numbers(&self, condition: &Condition) -> Result<Vec<f64>, ConditionError> {
        let number = |value: &String| {
            let refused = |expected: String| ConditionError::Value {
                name: self.name.clone(),
                value: value.clone(),
                expected,
            };
            match &condition.kind {
                ConditionKind::Category(names) => names
                    .iter()
                    .position(|name| name == value)
                    .map(|number| number as f64)
                    .ok_or_else(|| refused(format!("one of {}", names.join(", ")))),
                ConditionKind::Number { .. } => value
                    .parse()
                    .ok()
                    .filter(|number: &f64| number.is_finite())
                    .ok_or_else(|| refused(format!("a number in {}", condition.unit))),
                ConditionKind::Image(_) => {
                    Err(refused("a file of events with `--conditions`".to_owned()))
                }
            }
        };
        self.values.iter().map(number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(texts: &[&str]) -> Vec<ConditionList> {
        texts.iter().map(|text| text.parse().expect("readable")).collect()
    }

    #[test]
    fn events_take_values_in_turn_and_categories_by_name() {
        let rich = detectors::builtin("rich-pid").expect("built in");
        let given = lists(&["P=5000,9000", "ETA=3", "nTracks=100", "species=kaon,pion,muon"]);
        let source = ConditionSource::from_lists(&rich, None, &given).expect("complete");
        let rows = source.of_events(4, 2).expect("lists");
        assert_eq!(rows, ndarray::array![[5000.0, 3.0, 100.0, 2.0], [9000.0, 3.0, 100.0, 1.0]]);
    }

    #[test]
    fn what_is_missing_unknown_or_impossible_is_named() {
        let clic = detectors::builtin("clic-ecal-51").expect("built in");
        let energies: EnergyList = "1000".parse().expect("a list");
        let error = |energies: Option<&EnergyList>, texts: &[&str]| {
            ConditionSource::from_lists(&clic, energies, &lists(texts))
                .expect_err("bad")
                .to_string()
        };
        assert!(error(None, &["theta=1.5"]).contains("`incident_energy` is not given"));
        assert!(error(Some(&energies), &[]).contains("`--condition theta=VALUE`"));
        assert!(error(Some(&energies), &["eta=1"]).contains("has no condition `eta`"));
        assert!(error(Some(&energies), &["theta=up"]).contains("expected a number in rad"));
        assert!("theta".parse::<ConditionList>().is_err());
        assert!(error(None, &["theta=1", "theta=1.2"]).contains("`theta` is given twice"));
        let both = error(Some(&energies), &["theta=1", "incident_energy=5000"]);
        assert!(both.contains("`incident_energy` is given twice"), "{both}");
        let rich = detectors::builtin("rich-pid").expect("built in");
        let refused = listed(&rich, Some(&energies), &[]).expect_err("no energy").to_string();
        assert!(refused.contains("has no incident energy"), "{refused}");
    }
}
