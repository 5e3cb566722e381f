//! From Python's arguments to the conditions of events.

use numpy::{AllowTypeChange, PyArrayLikeDyn, PyUntypedArrayMethods as _};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use showerforge::model::{ConditionForm, ModelCondition};

use crate::failure::wrong;

/// What is given for a condition: rows that all events share if there is just one.
#[derive(Debug)]
struct Column {
    rows: usize,
    /// Whether there is no axis of events, so that any number of events may share it.
    is_shared: bool,
    /// `[rows × columns of the condition]`
    values: Vec<f64>,
}

/// The conditions of all events, one event after the other.
#[derive(Debug)]
pub struct Request {
    pub events: usize,
    pub conditions: Vec<f64>,
}

/// The name that the first argument of `generate` stands for.
const ENERGY: &str = "incident_energy";

impl Request {
    /// `events`: how many there are to be, if that does not follow from the arrays.
    pub fn new(
        known: &[ModelCondition],
        energies: Option<&Bound<'_, PyAny>>,
        others: Option<&Bound<'_, PyDict>>,
        events: Option<usize>,
    ) -> PyResult<Self> {
        let columns = columns(known, energies, others)?;
        let mut count = events;
        for (condition, column) in known.iter().zip(&columns) {
            if column.is_shared {
                continue;
            }
            match count {
                Some(count) if count != column.rows => {
                    return Err(wrong(format!(
                        "`{}` is given for {} events, expected {count}",
                        condition.name, column.rows
                    )));
                }
                _ => count = Some(column.rows),
            }
        }
        let events = count.unwrap_or(1);
        let width: usize = known.iter().map(|condition| condition.columns).sum();
        let mut conditions = Vec::new();
        let room = events.checked_mul(width).map(|room| conditions.try_reserve_exact(room));
        if !matches!(room, Some(Ok(()))) {
            return Err(crate::failure::too_large(events, width));
        }
        for event in 0..events {
            for (condition, column) in known.iter().zip(&columns) {
                let row = if column.is_shared { 0 } else { event };
                let first = row * condition.columns;
                conditions.extend_from_slice(&column.values[first..first + condition.columns]);
            }
        }
        Ok(Self { events, conditions })
    }
}

fn columns(
    known: &[ModelCondition],
    energies: Option<&Bound<'_, PyAny>>,
    others: Option<&Bound<'_, PyDict>>,
) -> PyResult<Vec<Column>> {
    let names = || known.iter().map(|c| format!("`{}`", c.name)).collect::<Vec<_>>().join(", ");
    let has_energy = known.iter().any(|condition| condition.name == ENERGY);
    if energies.is_some() && !has_energy {
        return Err(wrong(format!(
            "this model has no incident energy; its conditions are {}",
            names()
        )));
    }
    for name in others.iter().flat_map(|others| others.keys()) {
        let name: String = name.extract()?;
        if !known.iter().any(|condition| condition.name == name) {
            return Err(wrong(format!("this model has no condition `{name}`; it has {}", names())));
        }
        if name == ENERGY && energies.is_some() {
            return Err(wrong(format!("`{ENERGY}` is given twice")));
        }
    }
    known
        .iter()
        .map(|condition| {
            let given = match (energies, others) {
                (Some(energies), _) if condition.name == ENERGY => Some(energies.clone()),
                (_, Some(others)) => others.get_item(&condition.name)?,
                _ => None,
            };
            let Some(given) = given else {
                return Err(wrong(format!("condition `{}` is not given", condition.name)));
            };
            match condition.kind {
                ConditionForm::Category => category(condition, &given),
                ConditionForm::Number | ConditionForm::Image => numbers(condition, &given),
            }
        })
        .collect()
}

/// Names of categories or their numbers.
fn category(condition: &ModelCondition, given: &Bound<'_, PyAny>) -> PyResult<Column> {
    let number = |name: &String| {
        let position = condition.categories.iter().position(|known| known == name);
        position.map(|number| number as f64).ok_or_else(|| {
            let known = condition.categories.join(", ");
            wrong(format!("`{}` is `{name}`, expected one of {known}", condition.name))
        })
    };
    if let Ok(name) = given.extract::<String>() {
        return Ok(Column { rows: 1, is_shared: true, values: vec![number(&name)?] });
    }
    if let Ok(names) = given.extract::<Vec<String>>() {
        let values = names.iter().map(number).collect::<PyResult<Vec<f64>>>()?;
        return Ok(Column { rows: values.len(), is_shared: false, values });
    }
    numbers(condition, given)
}

fn numbers(condition: &ModelCondition, given: &Bound<'_, PyAny>) -> PyResult<Column> {
    let array: PyArrayLikeDyn<'_, f64, AllowTypeChange> =
        given.extract().map_err(|error: PyErr| {
            let text = error.to_string();
            wrong(format!("`{}` is not a number or an array of numbers: {text}", condition.name))
        })?;
    let shape = array.shape();
    let size: usize = shape.iter().product();
    let values: Vec<f64> = array.as_array().iter().copied().collect();
    let (rows, is_shared) = match (&condition.kind, shape) {
        (ConditionForm::Image, [_, _]) if size == condition.columns => (1, true),
        (ConditionForm::Image, [rows, ..]) if rows.checked_mul(condition.columns) == Some(size) => {
            (*rows, false)
        }
        (ConditionForm::Number | ConditionForm::Category, []) => (1, true),
        (ConditionForm::Number | ConditionForm::Category, [rows] | [rows, 1]) => (*rows, false),
        _ => {
            let expected = match condition.kind {
                ConditionForm::Image => format!("images of {} pixels", condition.columns),
                _ => "a number or [events]".to_owned(),
            };
            return Err(wrong(format!(
                "`{}` has shape {shape:?}, expected {expected}",
                condition.name
            )));
        }
    };
    Ok(Column { rows, is_shared, values })
}
