use std::fmt;

use ndarray::{Array2, Axis, s};

use super::condition_source::ConditionSource;
use super::conditions::ConditionValues;
use super::error::GenerationError;
use crate::codec::Labels;
use crate::events::first_bad_condition_of;
use crate::model::SurrogateModel;

/// Conditions of a job that the model was not trained on.
#[derive(Debug, Clone, PartialEq)]
pub struct OutOfTraining {
    pub name: String,
    pub events: u64,
    pub of_events: u64,
    pub seen: (f64, f64),
    pub trained: (f64, f64),
    /// With a space before it; empty for numbers without a unit.
    pub unit: String,
}

impl fmt::Display for OutOfTraining {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, events, of_events, seen, trained, unit } = self;
        write!(
            f,
            "`{name}` is outside of the {} to {}{unit} that the model was trained on for {events} \
             of {of_events} events ({} to {}{unit} asked for)",
            trained.0, trained.1, seen.0, seen.1
        )
    }
}

/// Events whose conditions are looked at together.
const BLOCK: u64 = 16_384;

/// Looks at the conditions of events `first`, `first` + 1, … before any of them is made.
///
/// # Errors
/// The files of conditions cannot be read, or a condition that no event can have: not finite, no
/// category, an energy of 0.
pub(super) fn out_of_training(
    model: &SurrogateModel,
    conditions: &ConditionSource,
    first: u64,
    events: u64,
) -> Result<Vec<OutOfTraining>, GenerationError> {
    let labels = model.header.codec.labels();
    let detector = &model.detector;
    let check = |first: Option<u64>, block: &Array2<f64>| {
        first_bad_condition_of(detector, block.view()).map_or(Ok(()), |bad| {
            let event = first.map(|first| format!(" in event {}", first + bad.event as u64));
            let what = format!("{}: {}{}", bad.kind, bad.value, event.unwrap_or_default());
            Err(GenerationError::Condition { dataset: bad.dataset, what })
        })
    };
    if let ConditionSource::Given(given) = conditions {
        // As many rows as the longest list has values: every value is in one of them.
        let corners = corners(given.columns());
        check(None, &corners)?;
        if labels.outside(corners.view()).iter().all(|outside| *outside == 0) {
            return Ok(Vec::new());
        }
    }
    let names: Vec<&str> = labels.ranges().map(|(name, ..)| name).collect();
    let columns: Vec<usize> = names
        .iter()
        .map(|name| {
            let mut known = detector.conditions().iter();
            let condition = known.find(|condition| condition.name == *name);
            condition.expect("labels are of the detector's conditions").first_column
        })
        .collect();
    let mut outside = vec![0; names.len()];
    let mut seen = vec![(f64::INFINITY, f64::NEG_INFINITY); names.len()];
    let mut done = 0;
    while done < events {
        let count = BLOCK.min(events - done);
        let block = conditions.of_events(first + done, count as usize)?;
        check(Some(first + done), &block)?;
        for (index, found) in labels.outside(block.view()).into_iter().enumerate() {
            outside[index] += found as u64;
            let values = block.index_axis(Axis(1), columns[index]);
            let (low, high): &mut (f64, f64) = &mut seen[index];
            *low = values.iter().copied().fold(*low, f64::min);
            *high = values.iter().copied().fold(*high, f64::max);
        }
        done += count;
    }
    Ok(found(labels, &outside, &seen, events))
}

fn found(labels: &Labels, outside: &[u64], seen: &[(f64, f64)], of: u64) -> Vec<OutOfTraining> {
    let ranges = labels.ranges().zip(outside).zip(seen);
    ranges
        .filter(|((_, events), _)| **events > 0)
        .map(|(((name, minimum, maximum, unit), events), seen)| OutOfTraining {
            name: name.to_owned(),
            events: *events,
            of_events: of,
            seen: *seen,
            trained: (minimum, maximum),
            unit: if unit == "1" { String::new() } else { format!(" {unit}") },
        })
        .collect()
}

/// Rows that have every listed value, and both ends of every range.
fn corners(columns: &[ConditionValues]) -> Array2<f64> {
    let lengths = columns.iter().map(|column| match column {
        ConditionValues::List(values) => values.len(),
        ConditionValues::Range(_) => 2,
    });
    let rows = lengths.max().unwrap_or(0);
    let mut corners = Array2::zeros((rows, columns.len()));
    for (index, column) in columns.iter().enumerate() {
        for (row, value) in corners.slice_mut(s![.., index]).iter_mut().enumerate() {
            *value = match column {
                ConditionValues::List(values) => values[row % values.len()],
                ConditionValues::Range(range) if row % 2 == 0 => range.low(),
                ConditionValues::Range(range) => range.high(),
            };
        }
    }
    corners
}
