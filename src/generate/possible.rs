use detectors::{ConditionKind, Detector, Scale};
use ndarray::ArrayView1;
use thiserror::Error;

/// Why no surrogate of a detector can make an event that is asked for.
///
/// What is possible may still be outside of what a model was trained for:
/// [`super::Surrogate::check`].
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ImpossibleRequest {
    #[error("`{name}` of event {event} is {value}, expected {expected}")]
    Condition { name: String, event: u64, value: f64, expected: String },

    #[error("event {first} and {events} in all: the number of the last event must be below {END}")]
    EventNumber { first: u64, events: u64 },
}

/// Event numbers end here: events are computed in blocks, and the last block must have an end.
const END: u64 = u64::MAX - 64;

/// # Errors
/// A number of an event that there is not.
pub fn check_event_numbers(first: u64, events: u64) -> Result<(), ImpossibleRequest> {
    match first.checked_add(events) {
        Some(end) if end <= END => Ok(()),
        _ => Err(ImpossibleRequest::EventNumber { first, events }),
    }
}

/// Whether the conditions of an event are such as a network can be told: finite, whole numbers for
/// categories, and positive where the detector's values are fractions of them or their scale is
/// logarithmic.
///
/// # Shapes
/// `conditions`: `[Detector::condition_width]`.
///
/// # Errors
/// The first condition that is not.
pub fn check_possible(
    detector: &Detector,
    event: u64,
    conditions: ArrayView1<'_, f64>,
) -> Result<(), ImpossibleRequest> {
    for condition in detector.conditions() {
        let is_scale = detector.normalising_column() == Some(condition.first_column);
        for column in condition.columns() {
            let value = conditions[column];
            let expected = match &condition.kind {
                _ if !value.is_finite() => "a finite number".to_owned(),
                ConditionKind::Category(names)
                    if value.fract() != 0.0 || !(0.0..names.len() as f64).contains(&value) =>
                {
                    format!("0 to {}, the number of a category", names.len() - 1)
                }
                ConditionKind::Number { scale, .. }
                    if (is_scale || *scale == Scale::Logarithmic) && value <= 0.0 =>
                {
                    "a positive number".to_owned()
                }
                _ => continue,
            };
            let name = condition.name.clone();
            return Err(ImpossibleRequest::Condition { name, event, value, expected });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn what_no_network_can_be_told_is_named() {
        let rich = detectors::builtin("rich-pid").expect("built in");
        let check = |row: ndarray::Array1<f64>| {
            check_possible(&rich, 7, row.view()).map_err(|error| error.to_string())
        };
        assert_eq!(check(array![5000.0, 3.0, 100.0, 4.0]), Ok(()));
        for (row, expected) in [
            (array![5000.0, f64::NAN, 100.0, 4.0], "`ETA` of event 7 is NaN, expected a finite"),
            (array![5000.0, 3.0, 100.0, 5.0], "is 5, expected 0 to 4, the number of a category"),
            (array![5000.0, 3.0, 100.0, 0.5], "is 0.5, expected 0 to 4, the number of a category"),
        ] {
            let error = check(row).expect_err(expected);
            assert!(error.contains(expected), "{error}");
        }
        let photons = detectors::builtin("calochallenge-photons").expect("built in");
        let error = check_possible(&photons, 0, array![0.0].view()).expect_err("no energy");
        assert!(error.to_string().ends_with("is 0, expected a positive number"), "{error}");
        assert_eq!(check_possible(&photons, 0, array![1e9].view()), Ok(()));
    }

    #[test]
    fn event_numbers_end() {
        assert_eq!(check_event_numbers(END - 5, 5), Ok(()));
        assert!(check_event_numbers(END - 5, 6).is_err());
        assert!(check_event_numbers(u64::MAX, 1).is_err());
    }
}
