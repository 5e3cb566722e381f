use pyo3::prelude::*;
use showerforge::model::{ConditionForm, LayerOfCells, ModelCondition};

/// A condition that events are generated for.
#[pyclass(module = "showerforge", frozen, get_all)]
#[derive(Debug, Clone)]
pub struct Condition {
    name: String,
    unit: String,
    /// `number`, `category` or `image`.
    kind: &'static str,
    /// Of the training; None unless it is a number.
    minimum: Option<f64>,
    maximum: Option<f64>,
    /// Names of the categories, in the order of their numbers.
    categories: Vec<String>,
}

impl From<&ModelCondition> for Condition {
    fn from(condition: &ModelCondition) -> Self {
        Self {
            name: condition.name.clone(),
            unit: condition.unit.clone(),
            kind: match condition.kind {
                ConditionForm::Number => "number",
                ConditionForm::Category => "category",
                ConditionForm::Image => "image",
            },
            minimum: condition.minimum,
            maximum: condition.maximum,
            categories: condition.categories.clone(),
        }
    }
}

#[pymethods]
impl Condition {
    fn __repr__(&self) -> String {
        let Self { name, unit, .. } = self;
        match (self.minimum, self.maximum) {
            (Some(minimum), Some(maximum)) => {
                format!("<Condition {name}: {minimum} to {maximum} {unit}>")
            }
            _ if self.categories.is_empty() => format!("<Condition {name}: an image in {unit}>"),
            _ => format!("<Condition {name}: one of {}>", self.categories.join(", ")),
        }
    }
}

/// A layer of cells.
#[pyclass(module = "showerforge", frozen, get_all)]
#[derive(Debug, Clone)]
pub struct Layer {
    /// The experiment's number of it.
    id: usize,
    name: String,
    /// Where its cells stand among the values of an event.
    first_value: usize,
    values: usize,
}

impl From<&LayerOfCells> for Layer {
    fn from(layer: &LayerOfCells) -> Self {
        Self {
            id: layer.id,
            name: layer.name.clone(),
            first_value: layer.first_value,
            values: layer.values,
        }
    }
}

#[pymethods]
impl Layer {
    fn __repr__(&self) -> String {
        let Self { id, name, first_value, values } = self;
        format!("<Layer {id} ({name}): values {first_value} to {}>", first_value + values - 1)
    }
}
