//! Conditions by their names.

use detectors::{ConditionKind, Detector};

/// The number of a condition among the detector's.
pub(super) fn index(detector: &Detector, name: &str) -> Option<usize> {
    detector.conditions().iter().position(|condition| condition.name == name)
}

/// That of a condition that is a number.
pub(super) fn number(detector: &Detector, name: &str) -> Option<usize> {
    let index = index(detector, name)?;
    matches!(detector.conditions()[index].kind, ConditionKind::Number { .. }).then_some(index)
}

/// Names of the categories of a condition.
pub(super) fn categories<'a>(detector: &'a Detector, name: &str) -> Option<&'a [String]> {
    match &detector.conditions()[index(detector, name)?].kind {
        ConditionKind::Category(names) => Some(names),
        ConditionKind::Number { .. } | ConditionKind::Image(_) => None,
    }
}
