use std::str::FromStr;

use detectors::{Condition, ConditionKind, Detector};
use thiserror::Error;

use super::energies::EnergyList;
use super::sampled_range::{RangeError, SampledEnergies, SampledRange, Spread};
use crate::events::EventsError;

/// Values of one condition as a user gives them: `theta=1.2,1.57`, `species=kaon`, or a range
/// `theta=1.2..1.6`.
///
/// Of a list, event k has value number k modulo their count; in a range each event has a value of
/// its own.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionList {
    pub name: String,
    given: Given,
}

#[derive(Debug, Clone, PartialEq)]
enum Given {
    Values(Vec<String>),
    Range(SampledRange),
}

/// Incident energies as a user gives them.
#[derive(Debug, Clone, PartialEq)]
pub enum EnergyChoice {
    List(EnergyList),
    Range(SampledEnergies),
}

/// The values that events have of one condition.
#[derive(Debug, Clone, PartialEq)]
pub enum ConditionValues {
    /// In turn: event k has number k modulo their count. Never empty.
    List(Vec<f64>),
    Range(SampledRange),
}

impl ConditionValues {
    /// The value of an event, for a uniform number of [0, 1) that is the event's own.
    pub fn of_event(&self, event: u64, uniform: f64) -> f64 {
        match self {
            Self::List(values) => values[(event % values.len() as u64) as usize],
            Self::Range(range) => range.value(uniform),
        }
    }
}

#[derive(Debug, Error)]
pub enum ConditionError {
    #[error(
        "`{0}` is not a condition and its values; expected such as `theta=1.2,1.57` or `theta=1.2..1.6`"
    )]
    Unreadable(String),

    #[error("condition `{name}`: {source}")]
    Range { name: String, source: RangeError },

    #[error("detector `{detector}` has no condition `{name}`; it has {known}")]
    Unknown { detector: String, name: String, known: String },

    #[error("condition `{name}` is not given; give {how}")]
    Missing { name: String, how: String },

    #[error("condition `{name}` is `{value}`, expected {expected}")]
    Value { name: String, value: String, expected: String },

    #[error("condition `{0}` is given twice")]
    Twice(String),

    #[error(
        "detector `{0}` has no incident energy; `--energies` and `--energy-range` do not fit it"
    )]
    NoEnergy(String),

    #[error(transparent)]
    Events(#[from] EventsError),
}

impl FromStr for ConditionList {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, ConditionError> {
        let unreadable = || ConditionError::Unreadable(text.to_owned());
        let (name, values) = text.split_once('=').ok_or_else(unreadable)?;
        let name = name.trim().to_owned();
        if values.contains("..") {
            let range = SampledRange::parse(values.trim(), Spread::Linear);
            return match range {
                Ok(range) if !name.is_empty() => Ok(Self { name, given: Given::Range(range) }),
                Ok(_) => Err(unreadable()),
                Err(source) => Err(ConditionError::Range { name, source }),
            };
        }
        let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
        if name.is_empty() || values.iter().any(String::is_empty) {
            return Err(unreadable());
        }
        Ok(Self { name, given: Given::Values(values) })
    }
}

impl std::fmt::Display for ConditionList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.given {
            Given::Values(values) => write!(f, "{}={}", self.name, values.join(",")),
            Given::Range(range) => write!(f, "{}={range}", self.name),
        }
    }
}

/// For each condition of the detector, the values that are given for it, if any are.
///
/// # Errors
/// An unknown condition, or a value that a condition cannot have.
pub fn listed(
    detector: &Detector,
    energies: Option<&EnergyChoice>,
    lists: &[ConditionList],
) -> Result<Vec<Option<ConditionValues>>, ConditionError> {
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
                return Ok(Some(match energies {
                    EnergyChoice::List(list) => ConditionValues::List(list.energies_mev().to_vec()),
                    EnergyChoice::Range(energies) => ConditionValues::Range(energies.range()),
                }));
            }
            let list = lists.iter().find(|list| list.name == condition.name);
            list.map(|list| list.values(condition)).transpose()
        })
        .collect()
}

impl ConditionList {
    fn values(&self, condition: &Condition) -> Result<ConditionValues, ConditionError> {
        let refused = |value: &dyn ToString, expected: String| ConditionError::Value {
            name: self.name.clone(),
            value: value.to_string(),
            expected,
        };
        let values = match (&self.given, &condition.kind) {
            (Given::Values(values), _) => values,
            (Given::Range(range), ConditionKind::Number { .. }) => {
                return Ok(ConditionValues::Range(*range));
            }
            (Given::Range(range), ConditionKind::Category(names)) => {
                return Err(refused(range, format!("one of {}", names.join(", "))));
            }
            (Given::Range(range), ConditionKind::Image(_)) => {
                return Err(refused(range, "a file of events with `--conditions`".to_owned()));
            }
        };
        let number = |value: &String| {
            let refused = |expected: String| refused(value, expected);
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
        values.iter().map(number).collect::<Result<_, _>>().map(ConditionValues::List)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::GivenConditions;

    fn lists(texts: &[&str]) -> Vec<ConditionList> {
        texts.iter().map(|text| text.parse().expect("readable")).collect()
    }

    #[test]
    fn what_is_missing_unknown_or_impossible_is_named() {
        let clic = detectors::builtin("clic-ecal-51").expect("built in");
        let energies = EnergyChoice::List("1000".parse().expect("a list"));
        let error = |energies: Option<&EnergyChoice>, texts: &[&str]| {
            GivenConditions::new(&clic, energies, &lists(texts), 1).expect_err("bad").to_string()
        };
        assert!(error(None, &["theta=1.5"]).contains("`incident_energy` is not given"));
        assert!(error(Some(&energies), &[]).contains("`--condition theta=VALUE`"));
        assert!(error(Some(&energies), &["eta=1"]).contains("has no condition `eta`"));
        assert!(error(Some(&energies), &["theta=up"]).contains("expected a number in rad"));
        assert!("theta".parse::<ConditionList>().is_err());
        assert!(error(None, &["theta=1", "theta=1.2"]).contains("`theta` is given twice"));
        let both = error(Some(&energies), &["theta=1", "incident_energy=5000"]);
        assert!(both.contains("`incident_energy` is given twice"), "{both}");
        assert!("theta=1..x".parse::<ConditionList>().is_err());
        let rich = detectors::builtin("rich-pid").expect("built in");
        let range = listed(&rich, None, &lists(&["species=0..2"])).expect_err("no numbers");
        assert!(range.to_string().contains("expected one of"), "{range}");
        let refused = listed(&rich, Some(&energies), &[]).expect_err("no energy").to_string();
        assert!(refused.contains("has no incident energy"), "{refused}");
    }
}
