//! What is wrong with events, in words that complete "sample `…` …".

use detectors::{Condition, ConditionKind, Detector, Response};
use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;

/// The first problem of a block of events, the first of which is number `first_event`.
///
/// # Shapes
/// As those of [`super::Sample::new`].
pub(super) fn problem(
    detector: &Detector,
    first_event: usize,
    conditions: ArrayView2<'_, f64>,
    values: ArrayView2<'_, f32>,
    weights: Option<&[f64]>,
) -> Option<String> {
    shape_problem(detector, conditions, values, weights)
        .or_else(|| condition_problem(detector, first_event, conditions))
        .or_else(|| value_problem(detector, first_event, values))
        .or_else(|| {
            let weights = weights?;
            let event = weights.iter().position(|weight| !weight.is_finite())?;
            let (weight, event) = (weights[event], first_event + event);
            Some(format!("has weight {weight} in event {event}, expected a finite number"))
        })
}

fn shape_problem(
    detector: &Detector,
    conditions: ArrayView2<'_, f64>,
    values: ArrayView2<'_, f32>,
    weights: Option<&[f64]>,
) -> Option<String> {
    let (events, width) = values.dim();
    let name = detector.name();
    if width != detector.value_count() {
        return Some(format!(
            "has {width} values an event, expected {} for detector `{name}`",
            detector.value_count()
        ));
    }
    if conditions.ncols() != detector.condition_width() {
        return Some(format!(
            "has {} conditions an event, expected {} for detector `{name}`",
            conditions.ncols(),
            detector.condition_width()
        ));
    }
    let one_each = "one for each event";
    if conditions.nrows() != events {
        let found = conditions.nrows();
        return Some(format!("has conditions of {found} events, expected {events}, {one_each}"));
    }
    let found = weights.map_or(events, <[f64]>::len);
    (found != events).then(|| format!("has {found} weights, expected {events}, {one_each}"))
}

fn condition_problem(
    detector: &Detector,
    first_event: usize,
    conditions: ArrayView2<'_, f64>,
) -> Option<String> {
    detector.conditions().iter().find_map(|condition| {
        let is_normalising = detector.normalising_column() == Some(condition.first_column);
        condition.columns().find_map(|column| {
            let bad = |value: &f64| !is_good(condition, is_normalising, *value);
            let event = conditions.column(column).iter().position(bad)?;
            Some(format!(
                "has {} {} in event {}, expected {}",
                condition.name,
                conditions[[event, column]],
                first_event + event,
                expected(condition, is_normalising)
            ))
        })
    })
}

fn is_good(condition: &Condition, is_normalising: bool, value: f64) -> bool {
    value.is_finite()
        && match &condition.kind {
            ConditionKind::Number { scale, .. } => {
                value > 0.0 || !(is_normalising || *scale == detectors::Scale::Logarithmic)
            }
            ConditionKind::Category(names) => {
                value.fract() == 0.0 && (0.0..names.len() as f64).contains(&value)
            }
            ConditionKind::Image(_) => true,
        }
}

fn expected(condition: &Condition, is_normalising: bool) -> String {
    match &condition.kind {
        ConditionKind::Number { scale, .. }
            if is_normalising || *scale == detectors::Scale::Logarithmic =>
        {
            "a positive finite number".to_owned()
        }
        ConditionKind::Category(names) => format!("a whole number from 0 to {}", names.len() - 1),
        ConditionKind::Number { .. } | ConditionKind::Image(_) => "a finite number".to_owned(),
    }
}

fn value_problem(
    detector: &Detector,
    first_event: usize,
    values: ArrayView2<'_, f32>,
) -> Option<String> {
    let cells = matches!(detector.response(), Response::Layers(_));
    let bad = |value: f32| !value.is_finite() || (cells && value < 0.0);
    let event = values
        .axis_iter(Axis(0))
        .into_par_iter()
        .position_first(|event| event.iter().any(|&value| bad(value)))?;
    let place = values.row(event).iter().position(|&value| bad(value))?;
    let (value, number) = (values[[event, place]], first_event + event);
    Some(match detector.columns().get(place) {
        Some(column) => {
            format!("has {} {value} in event {number}, expected a finite number", column.name)
        }
        None => format!(
            "has {value} {} in cell {place} of event {number}, expected a finite value of at \
             least 0",
            detector.unit()
        ),
    })
}

#[cfg(test)]
mod tests {
    use crate::Sample;
    use ndarray::Array2;

    fn message(
        detector: &str,
        conditions: Array2<f64>,
        values: Array2<f32>,
        weights: Option<Vec<f64>>,
    ) -> String {
        let detector = detectors::builtin(detector).expect("built in");
        Sample::new("test", &detector, conditions, values, weights, Vec::new())
            .expect_err("is refused")
            .to_string()
    }

    #[test]
    fn unusable_showers_are_refused_with_the_place() {
        let photons = |energies: &[f64], voxels| {
            let conditions = Array2::from_shape_fn((energies.len(), 1), |(e, _)| energies[e]);
            message("calochallenge-photons", conditions, voxels, None)
        };
        let good = || Array2::zeros((2, 368));
        assert_eq!(photons(&[], Array2::zeros((0, 368))), "sample `test` has no events");
        assert_eq!(
            photons(&[1.0, 2.0], Array2::zeros((2, 367))),
            "sample `test` has 367 values an event, expected 368 for detector \
             `calochallenge-photons`"
        );
        assert!(photons(&[1.0], good()).contains("has conditions of 1 events, expected 2"));
        let energy = photons(&[1.0, 0.0], good());
        assert!(energy.contains("incident_energy 0 in event 1, expected a positive"), "{energy}");
        for bad in [f32::NAN, f32::INFINITY, -0.5] {
            let mut voxels = good();
            voxels[[1, 17]] = bad;
            let message = photons(&[1.0, 2.0], voxels);
            assert!(message.contains(&format!("{bad} MeV in cell 17 of event 1")), "{message}");
        }
    }

    #[test]
    fn conditions_weights_and_columns_are_checked() {
        let pid = |condition: [f64; 4], row: [f32; 5], weights| {
            let conditions = Array2::from_shape_vec((1, 4), condition.to_vec()).expect("fits");
            let values = Array2::from_shape_vec((1, 5), row.to_vec()).expect("fits");
            message("rich-pid", conditions, values, weights)
        };
        let (good, row) = ([5000.0, 3.0, 100.0, 4.0], [-1.0; 5]);
        let bad_species = pid([5000.0, 3.0, 100.0, 5.0], row, None);
        assert!(bad_species.contains("species 5 in event 0, expected a whole number from 0 to 4"));
        assert!(pid([5000.0, 3.0, 100.0, 0.5], row, None).contains("species 0.5"));
        assert!(pid([5000.0, f64::NAN, 100.0, 0.0], row, None).contains("ETA NaN in event 0"));
        assert!(pid([-5.0, 3.0, 100.0, 0.0], row, None).contains("P -5 in event 0"));
        let bad_column = pid(good, [0.0, 0.0, f32::INFINITY, 0.0, 0.0], None);
        assert!(bad_column.contains("RichDLLk inf in event 0"), "{bad_column}");
        assert!(pid(good, row, Some(vec![1.0; 2])).contains("has 2 weights, expected 1"));
        assert!(pid(good, row, Some(vec![f64::NAN])).contains("weight NaN in event 0"));
        let negative = pid(good, row, Some(vec![-1.0]));
        assert!(negative.contains("weights whose sum is -1, expected"), "{negative}");
        let sky = message("radio-sky", Array2::ones((1, 7)), Array2::zeros((1, 1024)), None);
        assert!(sky.contains("has 7 conditions an event, expected 1024"), "{sky}");
    }
}
