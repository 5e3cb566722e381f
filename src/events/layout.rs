//! Which data set of a file holds what, in which unit and order.

use std::path::{Path, PathBuf};

use detectors::{Condition, ConditionKind, Detector};
use serde::Deserialize;
use thiserror::Error;

use super::units::unit_factor;
use crate::files::{self, FileError};

/// Where the events of a detector are in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    pub(super) response: ResponseRole,
    /// One for each condition of the detector.
    pub(super) conditions: Vec<ConditionRole>,
    pub(super) weights: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct ResponseRole {
    /// One data set, or one for each column of a table.
    pub datasets: Vec<String>,
    /// What a stored value is multiplied by.
    pub factor: f64,
    /// The order of a grid's axes in the file is x, y, z instead of z, y, x.
    pub x_slowest: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum ConditionRole {
    Stored {
        dataset: String,
        column: Option<usize>,
        factor: f64,
        /// What is stored for each category; empty if it is their number from 0.
        codes: Vec<f64>,
    },
    /// The same for all events of a file that does not say it.
    Constant(f64),
}

/// The data set of weights, where the detector names no other.
pub(super) const WEIGHTS: &str = "weights";

/// What a user says to `--layout`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum LayoutChoice {
    /// The detector's own layout, else the first known one whose data sets a file has.
    #[default]
    Detect,
    /// One of [`LAYOUT_NAMES`].
    Named(String),
    /// A mapping in TOML.
    File(PathBuf),
}

/// Layouts with a name.
pub const LAYOUT_NAMES: [&str; 4] = ["native", "clic-3dgan", "ddml", "columns"];

#[derive(Debug, Error)]
pub enum LayoutError {
    #[error(transparent)]
    File(#[from] FileError),

    #[error("unknown layout `{name}`; expected {} or a TOML file", known_names())]
    Unknown { name: String },

    #[error("layout `{path}` is not valid TOML: {source}")]
    Toml { path: PathBuf, source: toml::de::Error },

    #[error("layout `{layout}` does not fit detector `{detector}`: {problem}")]
    Unfit { layout: String, detector: String, problem: String },
}

fn known_names() -> String {
    LAYOUT_NAMES.map(|name| format!("`{name}`")).join(", ")
}

impl std::str::FromStr for LayoutChoice {
    type Err = LayoutError;

    fn from_str(text: &str) -> Result<Self, LayoutError> {
        match text {
            "detect" => Ok(Self::Detect),
            name if LAYOUT_NAMES.contains(&name) => Ok(Self::Named(name.to_owned())),
            path if Path::new(path).extension().is_some_and(|ext| ext == "toml") => {
                Ok(Self::File(path.into()))
            }
            _ => Err(LayoutError::Unknown { name: text.to_owned() }),
        }
    }
}

impl std::fmt::Display for LayoutChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Detect => f.write_str("detect"),
            Self::Named(name) => f.write_str(name),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl LayoutChoice {
    /// The layout of a file with these data sets.
    ///
    /// # Errors
    /// A mapping that cannot be read, or that does not fit the detector.
    pub fn resolve(
        &self,
        detector: &Detector,
        has_dataset: impl Fn(&str) -> bool,
    ) -> Result<Layout, LayoutError> {
        match self {
            Self::Named(name) => Layout::named(name, detector),
            Self::File(path) => {
                let text = files::read_to_string(path)?;
                let written: WrittenLayout = toml::from_str(&text)
                    .map_err(|source| LayoutError::Toml { path: path.clone(), source })?;
                written.check(&path.display().to_string(), detector)
            }
            Self::Detect => {
                let native = Layout::native(detector);
                if has_dataset(detector.dataset()) {
                    return Ok(native);
                }
                let known = LAYOUT_NAMES[1..].iter().filter_map(|name| {
                    let layout = Layout::named(name, detector).ok()?;
                    layout.response.datasets.iter().all(|name| has_dataset(name)).then_some(layout)
                });
                Ok(known.into_iter().next().unwrap_or(native))
            }
        }
    }
}

impl Layout {
    /// The layout that showerforge writes: the data sets that the detector names.
    pub fn native(detector: &Detector) -> Self {
        let role = |condition: &Condition| ConditionRole::Stored {
            dataset: condition.dataset.clone(),
            column: condition.dataset_column,
            factor: 1.0,
            codes: Vec::new(),
        };
        Self {
            response: ResponseRole {
                datasets: vec![detector.dataset().to_owned()],
                factor: 1.0,
                x_slowest: false,
            },
            conditions: detector.conditions().iter().map(role).collect(),
            weights: Some(detector.weights_dataset().unwrap_or(WEIGHTS).to_owned()),
        }
    }

    /// A layout that others use.
    ///
    /// # Errors
    /// An unknown name, or a layout that has no place for this detector.
    fn named(name: &str, detector: &Detector) -> Result<Self, LayoutError> {
        let unfit = |problem: &str| LayoutError::Unfit {
            layout: name.to_owned(),
            detector: detector.name().to_owned(),
            problem: problem.to_owned(),
        };
        let grid = || detector.grid().ok_or_else(|| unfit("it is for regular grids"));
        match name {
            "native" => Ok(Self::native(detector)),
            // ECAL [events, x, y, z] and energy in GeV, theta in radians.
            "clic-3dgan" => grid().map(|_| Self::in_gev(detector, "ECAL", true)),
            // layers [events, layer, row, column] in GeV.
            "ddml" => grid().map(|_| Self::in_gev(detector, "layers", false)),
            // A data set of one axis for every column, under its name.
            "columns" => {
                if detector.columns().is_empty() {
                    return Err(unfit("it is for tables"));
                }
                let mut layout = Self::native(detector);
                layout.response.datasets =
                    detector.columns().iter().map(|column| column.name.clone()).collect();
                for (role, condition) in layout.conditions.iter_mut().zip(detector.conditions()) {
                    *role = ConditionRole::Stored {
                        dataset: condition.name.clone(),
                        column: None,
                        factor: 1.0,
                        codes: Vec::new(),
                    };
                }
                Ok(layout)
            }
            _ => Err(LayoutError::Unknown { name: name.to_owned() }),
        }
    }

    fn in_gev(detector: &Detector, dataset: &str, x_slowest: bool) -> Self {
        let mut layout = Self::native(detector);
        let gev = |unit: &str| unit_factor("GeV", unit).unwrap_or(1.0);
        layout.response = ResponseRole {
            datasets: vec![dataset.to_owned()],
            factor: gev(detector.unit()),
            x_slowest,
        };
        for (role, condition) in layout.conditions.iter_mut().zip(detector.conditions()) {
            if condition.name == "incident_energy" {
                *role = ConditionRole::Stored {
                    dataset: "energy".to_owned(),
                    column: None,
                    factor: gev(&condition.unit),
                    codes: Vec::new(),
                };
            }
        }
        layout
    }
}

/// A mapping as a user writes it; see `docs/file-formats.md`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLayout {
    format_version: u32,
    response: WrittenResponse,
    #[serde(default)]
    condition: std::collections::BTreeMap<String, WrittenCondition>,
    weights: Option<WrittenWeights>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenResponse {
    dataset: Option<String>,
    /// A table: one data set for each column.
    columns: Option<Vec<String>>,
    unit: Option<String>,
    /// A grid: `zyx` or `xyz`, the slowest axis first.
    axes: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCondition {
    dataset: Option<String>,
    column: Option<usize>,
    unit: Option<String>,
    /// What is stored for each category.
    #[serde(default)]
    codes: Vec<f64>,
    constant: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWeights {
    dataset: String,
}

impl WrittenLayout {
    fn check(self, name: &str, detector: &Detector) -> Result<Layout, LayoutError> {
        let unfit = |problem: String| LayoutError::Unfit {
            layout: name.to_owned(),
            detector: detector.name().to_owned(),
            problem,
        };
        if self.format_version != 1 {
            return Err(unfit(format!(
                "`format_version` is {}, this version of showerforge reads 1",
                self.format_version
            )));
        }
        let mut layout = Layout::native(detector);
        let WrittenResponse { dataset, columns, unit, axes } = self.response;
        layout.response.datasets = match (dataset, columns) {
            (Some(dataset), None) => vec![dataset],
            (None, Some(columns)) if columns.len() == detector.columns().len() => columns,
            _ => {
                return Err(unfit(format!(
                    "`response` needs either `dataset` or, for a table, {} `columns`",
                    detector.columns().len()
                )));
            }
        };
        layout.response.factor = factor(unit, detector.unit(), "response").map_err(&unfit)?;
        layout.response.x_slowest = match (axes.as_deref(), detector.grid()) {
            (None | Some("zyx"), _) => false,
            (Some("xyz"), Some(_)) => true,
            (Some(axes), _) => {
                return Err(unfit(format!(
                    "`response.axes` is `{axes}`, expected `zyx` or, for a grid, `xyz`"
                )));
            }
        };
        for name in self.condition.keys() {
            if !detector.conditions().iter().any(|condition| condition.name == *name) {
                return Err(unfit(format!("the detector has no condition `{name}`")));
            }
        }
        for (role, condition) in layout.conditions.iter_mut().zip(detector.conditions()) {
            if let Some(written) = self.condition.get(&condition.name) {
                *role = written.role(condition).map_err(&unfit)?;
            }
        }
        if let Some(WrittenWeights { dataset }) = self.weights {
            layout.weights = Some(dataset);
        }
        Ok(layout)
    }
}

impl WrittenCondition {
    fn role(&self, condition: &Condition) -> Result<ConditionRole, String> {
        let name = &condition.name;
        match (&self.dataset, self.constant) {
            (Some(dataset), None) => {
                let categories = match &condition.kind {
                    ConditionKind::Category(categories) => categories.len(),
                    _ => 0,
                };
                if !self.codes.is_empty() && self.codes.len() != categories {
                    return Err(format!(
                        "condition `{name}` has {} `codes`, expected {categories}, one a category",
                        self.codes.len()
                    ));
                }
                Ok(ConditionRole::Stored {
                    dataset: dataset.clone(),
                    column: self.column,
                    factor: factor(self.unit.clone(), &condition.unit, name)?,
                    codes: self.codes.clone(),
                })
            }
            (None, Some(constant)) if constant.is_finite() && condition.width() == 1 => {
                Ok(ConditionRole::Constant(constant))
            }
            _ => Err(format!(
                "condition `{name}` needs either `dataset` or, for a number or category, `constant`"
            )),
        }
    }
}

fn factor(unit: Option<String>, wanted: &str, what: &str) -> Result<f64, String> {
    match unit {
        None => Ok(1.0),
        Some(unit) => unit_factor(&unit, wanted).ok_or_else(|| {
            format!("`{what}` is in `{unit}`, which cannot be brought to `{wanted}`")
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clic() -> Detector {
        detectors::builtin("clic-ecal-51").expect("built in")
    }

    fn checked(text: &str, detector: &Detector) -> Result<Layout, String> {
        let written: WrittenLayout = toml::from_str(text).map_err(|e| e.to_string())?;
        written.check("test", detector).map_err(|e| e.to_string())
    }

    #[test]
    fn the_layout_is_found_by_the_data_sets() {
        let found = |sets: &[&str]| {
            LayoutChoice::Detect.resolve(&clic(), |name| sets.contains(&name)).expect("fits")
        };
        assert_eq!(found(&["showers"]), Layout::native(&clic()));
        let threedgan = found(&["ECAL", "energy", "theta"]);
        assert_eq!((threedgan.response.factor, threedgan.response.x_slowest), (1000.0, true));
        assert_eq!(found(&["layers"]).response.datasets, ["layers"]);
        assert_eq!(found(&["nothing"]), Layout::native(&clic()));
    }

    #[test]
    fn a_mapping_says_units_columns_codes_and_constants() {
        let rich = detectors::builtin("rich-pid").expect("built in");
        let text = "format_version = 1\n[response]\ncolumns = [\"e\", \"mu\", \"k\", \"p\", \"bt\"]\n\
                    [condition.P]\ndataset = \"momentum\"\nunit = \"GeV\"\n\
                    [condition.species]\ndataset = \"pdg\"\ncodes = [11, 13, 211, 321, 2212]\n\
                    [condition.nTracks]\nconstant = 120\n[weights]\ndataset = \"sw\"\n";
        let layout = checked(text, &rich).expect("fits");
        assert_eq!(layout.response.datasets.len(), 5);
        assert_eq!(layout.conditions[2], ConditionRole::Constant(120.0));
        assert_eq!(layout.weights.as_deref(), Some("sw"));
        let ConditionRole::Stored { factor, .. } = &layout.conditions[0] else { panic!("stored") };
        assert_eq!(*factor, 1000.0);
    }

    #[test]
    fn a_mapping_that_does_not_fit_is_refused() {
        let cases = [
            ("format_version = 2\n[response]\ndataset = \"a\"", "`format_version` is 2"),
            ("format_version = 1\n[response]", "needs either `dataset`"),
            ("format_version = 1\n[response]\ndataset = \"a\"\nunit = \"mm\"", "cannot be brought"),
            ("format_version = 1\n[response]\ndataset = \"a\"\naxes = \"yxz\"", "is `yxz`"),
            (
                "format_version = 1\n[response]\ndataset = \"a\"\n[condition.eta]\ndataset = \"b\"",
                "no condition `eta`",
            ),
            (
                "format_version = 1\n[response]\ndataset = \"a\"\n[condition.theta]\nunit = \"deg\"",
                "condition `theta` needs",
            ),
        ];
        for (text, expected) in cases {
            let message = checked(text, &clic()).expect_err(expected);
            assert!(message.contains(expected), "`{message}` should contain `{expected}`");
        }
    }
}
