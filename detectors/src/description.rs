//! What a user writes about a detector, before it is checked. `docs/adding-a-detector.md` explains
//! every key.

use serde::{Deserialize, Serialize};

pub use crate::simulation::description::SimulationDescription;

/// A detector as it stands in TOML.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectorDescription {
    pub format_version: u32,
    /// Letters, digits and `-`.
    pub name: String,
    /// One line for people.
    pub title: String,
    pub family: Family,
    /// Incident particle, where there is just one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub particle: Option<String>,
    /// Its number in the Particle Data Group's scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pdg_id: Option<i32>,
    pub response: ResponseDescription,
    /// What an event is generated for, in the order the network sees it.
    #[serde(default)]
    pub condition: Vec<ConditionDescription>,
    /// Data set of per-event weights, which may be negative; files may lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights_dataset: Option<String>,
    /// How to simulate it by formulas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulation: Option<SimulationDescription>,
}

/// What kind of instrument it is, which decides the wording and the observables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    Calorimeter,
    Cherenkov,
    Radio,
    /// No instrument: points, images or series that a generative model is tried on. It alone may have
    /// no conditions.
    General,
}

/// What is read out. Just one of `layer`, `grid` and `column` describes its values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseDescription {
    /// Name of the data set in our files.
    pub dataset: String,
    /// What a value is, such as `energy`.
    pub quantity: String,
    /// `MeV`, `photons`, `mJy/beam`, `1`, …
    pub unit: String,
    /// A value below this counts as 0, in `unit`. Tables have none.
    #[serde(default)]
    pub readout_threshold: f64,
    /// Name of the condition that values are fractions of, such as `incident_energy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalised_by: Option<String>,
    /// In place of `normalised_by`: a typical sum of all values, in `unit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typical_sum: Option<f64>,
    /// Typical sum of the values over the condition in `normalised_by`: below 1 where only the
    /// energy in active material is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling_fraction: Option<f64>,
    /// Values are counts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole_numbers: bool,
    /// An event that is turned or reflected about the axis is as likely as the event itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub azimuthally_symmetric: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layer: Vec<LayerDescription>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<GridDescription>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub column: Vec<ColumnDescription>,
}

/// One layer, or several equal ones. Rings have `radial_edges_mm` and `angular_bins`, rectangular
/// cells `x_edges_mm` and `y_edges_mm`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerDescription {
    /// The experiment's number of the layer; of the first one if it is repeated.
    pub id: usize,
    pub name: String,
    /// Equal layers, numbered on.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub repeat: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub radial_edges_mm: Vec<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub angular_bins: Option<usize>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub x_edges_mm: Vec<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub y_edges_mm: Vec<f64>,
    /// The flat index of rectangular cells runs fastest over y instead of over x.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub y_fastest: bool,
}

/// nx × ny × nz equal cells around the origin, layer by layer along z.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridDescription {
    /// nx, ny and nz; an image has nz = 1.
    pub cells: [usize; 3],
    pub cell_size_mm: [f64; 3],
}

/// One number of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnDescription {
    pub name: String,
    #[serde(default = "dimensionless")]
    pub unit: String,
    /// Range of its histograms; values may be outside.
    pub minimum: f64,
    pub maximum: f64,
}

/// Something an event is generated for: a number (`minimum`, `maximum`), one of several
/// `categories`, or an image (`image`, its rows and columns).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionDescription {
    pub name: String,
    /// Data set in our files.
    pub dataset: String,
    /// Column of the data set, where it holds several conditions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    #[serde(default = "dimensionless")]
    pub unit: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// How the network sees a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<[usize; 2]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    Linear,
    Logarithmic,
}

fn once() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_once(repeat: &usize) -> bool {
    *repeat == 1
}

fn dimensionless() -> String {
    "1".to_owned()
}
