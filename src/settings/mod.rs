//! Settings of a training: what a user writes in TOML, and what it becomes once it is checked.
//! Only [`TrainingSettings::check`] makes a [`CheckedSettings`], and only that runs.

mod check;
mod networks;
mod safety;
mod training;

pub use check::{CheckedSettings, SettingsError};
pub use networks::encoded_layout;
pub use safety::{OnDivergence, SafetySettings};
pub use training::{
    CodecSettings, CriticSettings, GeneratorSettings, RunSettings, SelectionSettings,
    TrainingSettings, VoxelNoise,
};
