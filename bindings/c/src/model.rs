use std::ffi::CString;
use std::path::Path;

use showerforge::generate::{EmbeddedError, EmbeddedSurrogate, EventNumbers};
use showerforge::model::{ConditionForm, ModelDescription};

use crate::failure::{Failure, c_text};
use crate::types::showerforge_condition_kind;

/// What stands behind an opaque model: the surrogate, and the texts that C gets to see.
#[derive(Debug)]
pub struct Model {
    surrogate: EmbeddedSurrogate,
    strict: bool,
    pub description: ModelDescription,
    pub detector: CString,
    pub unit: CString,
    pub sha256: CString,
    pub json: CString,
    pub conditions: Vec<Condition>,
    pub layer_names: Vec<CString>,
}

#[derive(Debug)]
pub struct Condition {
    pub name: CString,
    pub unit: CString,
    pub kind: showerforge_condition_kind,
    pub first_column: usize,
    pub columns: usize,
    pub minimum: f64,
    pub maximum: f64,
    pub categories: Vec<CString>,
}

/// Any number of threads may use one model.
const _: fn() = || {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Model>();
};

impl Model {
    pub fn open(path: &Path, threads: usize, strict: bool) -> Result<Self, Failure> {
        let surrogate = EmbeddedSurrogate::open(path, threads)?;
        let description = ModelDescription::of(surrogate.surrogate().model());
        let texts = |names: &[String]| names.iter().map(|name| c_text(name)).collect();
        let conditions = description.conditions.iter().map(|condition| Condition {
            name: c_text(&condition.name),
            unit: c_text(&condition.unit),
            kind: match condition.kind {
                ConditionForm::Number => showerforge_condition_kind::SHOWERFORGE_NUMBER,
                ConditionForm::Category => showerforge_condition_kind::SHOWERFORGE_CATEGORY,
                ConditionForm::Image => showerforge_condition_kind::SHOWERFORGE_IMAGE,
            },
            first_column: condition.first_column,
            columns: condition.columns,
            minimum: condition.minimum.unwrap_or(f64::NAN),
            maximum: condition.maximum.unwrap_or(f64::NAN),
            categories: texts(&condition.categories),
        });
        Ok(Self {
            strict,
            detector: c_text(&description.detector),
            unit: c_text(&description.unit),
            sha256: c_text(surrogate.surrogate().sha256()),
            json: c_text(&description.to_json()),
            conditions: conditions.collect(),
            layer_names: description.layers.iter().map(|layer| c_text(&layer.name)).collect(),
            description,
            surrogate,
        })
    }

    pub fn value_count(&self) -> usize {
        self.surrogate.value_count()
    }

    pub fn condition_width(&self) -> usize {
        self.surrogate.condition_width()
    }

    /// (index of the layer, x in mm, y in mm) of the middle of each cell, in the order of the
    /// values; x = r cos α and y = r sin α in rings. Empty for a table.
    pub fn cell_middles_mm(&self) -> Vec<(usize, f64, f64)> {
        let layers = self.surrogate.surrogate().model().detector.layers().iter().enumerate();
        layers
            .flat_map(|(index, layer)| {
                let (x, y) = (layer.eta_midpoints_mm(), layer.phi_midpoints_mm());
                x.into_iter().zip(y).map(move |(x, y)| (index, x, y))
            })
            .collect()
    }

    pub fn check(&self, events: EventNumbers<'_>, conditions: &[f64]) -> Result<(), EmbeddedError> {
        self.surrogate.check(events, conditions)
    }

    pub fn generate(
        &self,
        seed: u64,
        events: EventNumbers<'_>,
        conditions: &[f64],
        values: &mut [f32],
    ) -> Result<(), EmbeddedError> {
        if self.strict {
            self.surrogate.check(events, conditions)?;
        }
        self.surrogate.generate(seed, events, conditions, values)
    }
}
