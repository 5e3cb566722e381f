//! Files of trained networks: one self-describing file a model, read back without the
//! configuration it was trained with.

mod description;
mod named_tensors;
mod surrogate_model;

pub use description::{
    ConditionForm, LayerOfCells, ModelCondition, ModelDescription, ModelNoise, TrainingDescription,
};
pub use named_tensors::{ModelFileError, NamedTensors};
pub use surrogate_model::{FORMAT_VERSION, ModelHeader, SurrogateModel, TrainingRecord};
