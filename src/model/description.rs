use detectors::ConditionKind;
use serde::Serialize;

use super::surrogate_model::SurrogateModel;
use crate::gan::Noise;
use crate::nn::LayerDescription;

/// What a program that uses a model wants to know of it; as JSON for other languages.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelDescription {
    pub format_version: u64,
    /// The version that trained it.
    pub showerforge_version: String,
    pub detector: String,
    pub title: String,
    /// Empty where there is not just one.
    pub particle: String,
    pub pdg_id: Option<i32>,
    /// What a value is: `energy`, `hits`, …
    pub quantity: String,
    /// Of the values.
    pub unit: String,
    pub readout_threshold: f64,
    /// Of one event.
    pub values: usize,
    /// Of one event: `[nz, ny, nx]` of a grid, `[ny, nx]` of an image, else `[values]`.
    pub shape: Vec<usize>,
    /// Names of the values of a table; none for cells.
    pub columns: Vec<String>,
    pub layers: Vec<LayerOfCells>,
    pub conditions: Vec<ModelCondition>,
    pub noise: ModelNoise,
    pub network: Vec<LayerDescription>,
    pub parameters: usize,
    pub training: TrainingDescription,
}

/// Where the cells of a layer stand among the values of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LayerOfCells {
    /// The experiment's number of it.
    pub id: usize,
    pub name: String,
    pub first_value: usize,
    pub values: usize,
}

/// A condition, and what the model was trained for of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelCondition {
    pub name: String,
    pub unit: String,
    pub kind: ConditionForm,
    /// First of its columns among those of all conditions.
    pub first_column: usize,
    pub columns: usize,
    /// Of numbers.
    pub minimum: Option<f64>,
    pub maximum: Option<f64>,
    /// Names of categories, in the order of their numbers.
    pub categories: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConditionForm {
    Number,
    Category,
    Image,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelNoise {
    /// At the input of the network.
    pub latent: usize,
    pub distribution: Noise,
    /// Noise numbers of one event in all: the others are standard normal, one a cell.
    pub numbers: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrainingDescription {
    pub seed: u64,
    pub iteration: u64,
    pub files: Vec<String>,
    pub events: usize,
    pub data_sha256: String,
}

impl ModelDescription {
    pub fn of(model: &SurrogateModel) -> Self {
        let (header, detector) = (&model.header, &model.detector);
        let layers = detector.layers().iter().map(|layer| LayerOfCells {
            id: layer.id(),
            name: layer.name().to_owned(),
            first_value: layer.cells().start,
            values: layer.cell_count(),
        });
        let labels = header.codec.labels();
        let conditions = detector.conditions().iter().map(|condition| {
            let range = labels.number(&condition.name);
            let (kind, categories) = match &condition.kind {
                ConditionKind::Number { .. } => (ConditionForm::Number, Vec::new()),
                ConditionKind::Category(names) => (ConditionForm::Category, names.clone()),
                ConditionKind::Image(_) => (ConditionForm::Image, Vec::new()),
            };
            ModelCondition {
                name: condition.name.clone(),
                unit: condition.unit.clone(),
                kind,
                first_column: condition.first_column,
                columns: condition.width(),
                minimum: range.map(|range| range.minimum),
                maximum: range.map(|range| range.maximum),
                categories,
            }
        });
        let record = &header.training;
        Self {
            format_version: header.format_version,
            showerforge_version: header.showerforge_version.clone(),
            detector: detector.name().to_owned(),
            title: detector.title().to_owned(),
            particle: detector.particle().to_owned(),
            pdg_id: detector.pdg_id(),
            quantity: detector.quantity().to_owned(),
            unit: detector.unit().to_owned(),
            readout_threshold: detector.readout_threshold(),
            values: detector.value_count(),
            shape: detector.event_shape(),
            columns: detector.columns().iter().map(|column| column.name.clone()).collect(),
            layers: layers.collect(),
            conditions: conditions.collect(),
            noise: ModelNoise {
                latent: header.generator.latent,
                distribution: header.generator.noise,
                numbers: model.generator.noise_width(),
            },
            network: model.generator.describe(),
            parameters: model.parameter_count(),
            training: TrainingDescription {
                seed: record.seed,
                iteration: record.iteration,
                files: record.training_files.clone(),
                events: record.training_events,
                data_sha256: record.training_data_sha256.clone(),
            },
        }
    }

    /// As one JSON object.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a description has only plain values")
    }
}
