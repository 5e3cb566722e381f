use std::path::Path;

use detectors::{Detector, Response};

use super::layout::{ConditionRole, LayoutChoice};
use super::open::open_hdf5;
use super::{EventsError, attributes, structure};

/// More values an event than any detector here has.
const MOST_VALUES: usize = 1 << 20;

/// Names of the built-in detectors whose events have as many values.
fn fitting_detectors(values: usize) -> impl Iterator<Item = &'static str> {
    detectors::builtin_names().filter(move |name| {
        detectors::builtin(name).is_ok_and(|detector| detector.value_count() == values)
    })
}

/// Which built-in detectors have as many values, for an error.
pub(super) fn fitting_hint(values: usize) -> String {
    let fitting: Vec<_> = fitting_detectors(values).map(|name| format!("`{name}`")).collect();
    if fitting.is_empty() {
        format!("no built-in detector has {values}")
    } else {
        format!("{} would fit", fitting.join(", "))
    }
}

/// The built-in detector that a file is of: the one it names in its attribute `detector`, else the
/// first whose data sets it has, with as many values.
///
/// # Errors
/// The file cannot be opened.
pub fn identify(path: &Path) -> Result<Option<Detector>, EventsError> {
    let file = open_hdf5(path)?;
    let attributes = match structure::check(path)? {
        Some(attributes) => Some(attributes),
        None => attributes::read_all(&file).ok(),
    };
    let named = attributes.and_then(|attributes| {
        let (_, name) = attributes.into_iter().find(|(name, _)| name == "detector")?;
        detectors::builtin(&name).ok()
    });
    if named.is_some() {
        return Ok(named);
    }
    let names = file.member_names().unwrap_or_default();
    let has = |name: &str| names.iter().any(|known| known == name);
    Ok(detectors::builtin_names().filter_map(|name| detectors::builtin(name).ok()).find(
        |detector| {
            let Ok(layout) = LayoutChoice::Detect.resolve(detector, has) else { return false };
            let values: usize = layout
                .response
                .datasets
                .iter()
                .map(|name| {
                    let shape =
                        file.dataset(name).map(|dataset| dataset.shape()).unwrap_or_default();
                    let product = |sizes: &[usize]| {
                        sizes.iter().try_fold(1, |p: usize, &size| p.checked_mul(size))
                    };
                    shape.get(1..).and_then(product).unwrap_or(0)
                })
                .fold(0, usize::saturating_add);
            let fits = values == detector.value_count()
                || matches!(detector.response(), Response::Table(_))
                    && layout.response.datasets.len() > 1;
            fits && layout.conditions.iter().all(|role| match role {
                ConditionRole::Constant(_) => true,
                ConditionRole::Stored { dataset, .. } => has(dataset),
            })
        },
    ))
}

/// The values of an event in the data set `name`, whatever the detector; `None` if there is no such
/// data set.
///
/// # Errors
/// The file cannot be opened.
pub fn values_per_event(path: &Path, name: &str) -> Result<Option<usize>, EventsError> {
    let file = open_hdf5(path)?;
    let shape = file.dataset(name).map(|dataset| dataset.shape()).ok();
    match shape.filter(|shape| shape.len() == 2) {
        Some(shape) if shape[1] > MOST_VALUES => Err(EventsError::Shape {
            path: path.to_owned(),
            dataset: name.to_owned(),
            found: format!("{shape:?}"),
            expected: format!("[events, at most {MOST_VALUES} values]"),
        }),
        shape => Ok(shape.map(|shape| shape[1])),
    }
}
