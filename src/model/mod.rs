//! Files of trained networks: one self-describing file a model, read back without the
//! configuration it was trained with.

mod named_tensors;
mod shower_model;

pub use named_tensors::{ModelFileError, NamedTensors};
pub use shower_model::{FORMAT_VERSION, ModelHeader, ShowerModel, TrainingRecord};
