use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::DetectorError;
use crate::condition::{Condition, ConditionKind};
use crate::description::{
    DetectorDescription, Family, GridDescription, LayerDescription, ResponseDescription,
    SimulationDescription,
};
use crate::response::{Column, Layer, LayerShape, Response};

pub(crate) const FORMAT_VERSION: u32 = 1;
/// More values than this in one event are a mistake in the description.
const MOST_VALUES: usize = 10_000_000;
/// More layers than this are one too.
const MOST_LAYERS: usize = 10_000;
/// The condition that calorimeters are normalised by.
const INCIDENT_ENERGY: &str = "incident_energy";

/// A checked detector: what one event is, and what it is generated for.
///
/// An event is a flat row of values ([`Self::value_count`]) in one unit, with a row of conditions
/// ([`Self::conditions`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Detector {
    description: DetectorDescription,
    response: Response,
    conditions: Vec<Condition>,
    normalised_by: Option<usize>,
}

impl Detector {
    /// Reads and checks a description in TOML (see the files beside the built-in detectors).
    ///
    /// # Errors
    /// An unknown or missing key, or a value out of range; the message names it.
    pub fn from_toml(text: &str) -> Result<Self, DetectorError> {
        toml::from_str::<DetectorDescription>(text)?.check()
    }

    /// The description that [`Detector::from_toml`] reads back to the same detector.
    pub fn to_toml(&self) -> String {
        toml::to_string(&self.description).expect("a checked description has only plain values")
    }

    pub fn name(&self) -> &str {
        &self.description.name
    }

    pub fn title(&self) -> &str {
        &self.description.title
    }

    pub fn family(&self) -> Family {
        self.description.family
    }

    /// The incident particle; empty where there is not just one.
    pub fn particle(&self) -> &str {
        self.description.particle.as_deref().unwrap_or_default()
    }

    /// Number of the particle in the Particle Data Group's scheme (22: photon).
    pub fn pdg_id(&self) -> Option<i32> {
        self.description.pdg_id
    }

    pub fn response(&self) -> &Response {
        &self.response
    }

    /// Name of the data set of the values.
    pub fn dataset(&self) -> &str {
        &self.description.response.dataset
    }

    /// What a value is: `energy`, `hits`, …
    pub fn quantity(&self) -> &str {
        &self.description.response.quantity
    }

    /// Unit of the values.
    pub fn unit(&self) -> &str {
        &self.description.response.unit
    }

    /// A value below this is not read out: it is 0 in every sample. 0 for tables.
    pub fn readout_threshold(&self) -> f64 {
        self.description.response.readout_threshold
    }

    /// Typical E_tot / E_inc: 1 where the read-out is calibrated.
    pub fn sampling_fraction(&self) -> f64 {
        self.description.response.sampling_fraction.unwrap_or(1.0)
    }

    /// Whether values are counts.
    pub fn has_whole_numbers(&self) -> bool {
        self.description.response.whole_numbers
    }

    /// Layers of cells; none for a table.
    pub fn layers(&self) -> &[Layer] {
        match &self.response {
            Response::Layers(layers) => layers,
            Response::Table(_) => &[],
        }
    }

    /// Columns of a table; none for cells.
    pub fn columns(&self) -> &[Column] {
        match &self.response {
            Response::Layers(_) => &[],
            Response::Table(columns) => columns,
        }
    }

    /// Values of one event.
    pub fn value_count(&self) -> usize {
        self.response.value_count()
    }

    /// Shape of one event in our files: [nz, ny, nx] of a grid, [ny, nx] of an image, else flat.
    pub fn event_shape(&self) -> Vec<usize> {
        match self.description.response.grid {
            Some(GridDescription { cells: [x, y, 1], .. }) => vec![y, x],
            Some(GridDescription { cells: [x, y, z], .. }) => vec![z, y, x],
            None => vec![self.value_count()],
        }
    }

    /// Cells of a regular grid along x, y and z.
    pub fn grid(&self) -> Option<[usize; 3]> {
        self.description.response.grid.as_ref().map(|grid| grid.cells)
    }

    pub(crate) fn grid_description(&self) -> Option<&GridDescription> {
        self.description.response.grid.as_ref()
    }

    /// Size of a regular grid's cells along x, y and z, in mm.
    pub fn cell_size_mm(&self) -> Option<[f64; 3]> {
        self.description.response.grid.as_ref().map(|grid| grid.cell_size_mm)
    }

    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Columns that all conditions take.
    pub fn condition_width(&self) -> usize {
        self.conditions.iter().map(Condition::width).sum()
    }

    /// Data set of per-event weights.
    pub fn weights_dataset(&self) -> Option<&str> {
        self.description.weights_dataset.as_deref()
    }

    /// How to simulate it by formulas; `None` where the description does not say.
    pub fn simulation(&self) -> Option<&SimulationDescription> {
        self.description.simulation.as_ref()
    }

    pub fn is_azimuthally_symmetric(&self) -> bool {
        self.description.response.azimuthally_symmetric
    }

    /// The condition that values are fractions of: its column among the conditions.
    pub fn normalising_column(&self) -> Option<usize> {
        self.normalised_by.map(|index| self.conditions[index].first_column)
    }

    /// What the values of an event are fractions of: the incident energy of a calorimeter, else a
    /// typical sum, in the unit of the values. 1 for tables.
    pub fn scale_of(&self, conditions: &[f64]) -> f64 {
        match self.normalising_column() {
            Some(column) => conditions[column],
            None => self.description.response.typical_sum.unwrap_or(1.0),
        }
    }

    /// Column of the incident energy in MeV among the conditions; `None` where there is none.
    pub fn incident_energy_column(&self) -> Option<usize> {
        let energy = self.conditions.iter().find(|condition| condition.name == INCIDENT_ENERGY)?;
        Some(energy.first_column)
    }

    /// Range of the condition that values are fractions of, in its unit.
    pub fn normalising_range(&self) -> Option<RangeInclusive<f64>> {
        match self.conditions[self.normalised_by?].kind {
            ConditionKind::Number { minimum, maximum, .. } => Some(minimum..=maximum),
            ConditionKind::Category(_) | ConditionKind::Image(_) => None,
        }
    }
}

impl DetectorDescription {
    /// # Errors
    /// [`DetectorError::Invalid`], which names the key.
    pub fn check(self) -> Result<Detector, DetectorError> {
        let invalid =
            |problem: String| DetectorError::Invalid { detector: self.name.clone(), problem };
        if self.format_version != FORMAT_VERSION {
            return Err(invalid(format!(
                "`format_version` is {}, this version of showerforge reads {FORMAT_VERSION}",
                self.format_version
            )));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(plain) {
            return Err(invalid("`name` must have letters, digits and `-` only".to_owned()));
        }
        let response = self.response.check().map_err(&invalid)?;
        let mut conditions: Vec<Condition> = Vec::with_capacity(self.condition.len());
        let mut names = BTreeSet::new();
        for description in &self.condition {
            let first = conditions.last().map_or(0, |last| last.columns().end);
            let condition = description.clone().check(first).map_err(&invalid)?;
            if condition.columns().end > MOST_VALUES {
                return Err(invalid(format!("has more than {MOST_VALUES} columns of conditions")));
            }
            if !names.insert(condition.name.clone()) {
                return Err(invalid(format!("has two conditions `{}`", condition.name)));
            }
            conditions.push(condition);
        }
        if conditions.is_empty() && self.family != Family::General {
            return Err(invalid("has no `[[condition]]`, expected at least one".to_owned()));
        }
        let normalised_by = match &self.response.normalised_by {
            None => None,
            Some(name) => {
                let known = conditions.iter().position(|condition| {
                    condition.name == *name
                        && matches!(condition.kind, ConditionKind::Number { minimum, .. } if minimum > 0.0)
                });
                Some(known.ok_or_else(|| {
                    invalid(format!(
                        "`normalised_by` is `{name}`, expected the name of a condition with a \
                         `minimum` above 0"
                    ))
                })?)
            }
        };
        Ok(Detector { description: self, response, conditions, normalised_by })
    }
}

impl ResponseDescription {
    fn check(&self) -> Result<Response, String> {
        if !(self.readout_threshold.is_finite() && self.readout_threshold >= 0.0) {
            return Err(format!(
                "`readout_threshold` is {}, expected a finite number of at least 0",
                self.readout_threshold
            ));
        }
        if self.typical_sum.is_some_and(|sum| !(sum.is_finite() && sum > 0.0)) {
            return Err("`typical_sum` must be a positive finite number".to_owned());
        }
        if self.sampling_fraction.is_some_and(|f| !(f.is_finite() && f > 0.0)) {
            return Err("`sampling_fraction` must be a positive finite number".to_owned());
        }
        let response = match (&self.layer[..], &self.grid, &self.column[..]) {
            ([_, ..], None, []) => Response::Layers(checked_layers(&self.layer)?),
            ([], Some(grid), []) => Response::Layers(grid.layers()?),
            ([], None, [_, ..]) => Response::Table(self.checked_columns()?),
            _ => {
                return Err("`response` needs just one of `[[response.layer]]`, \
                            `[response.grid]` and `[[response.column]]`"
                    .to_owned());
            }
        };
        match (&response, self.normalised_by.is_some(), self.typical_sum.is_some()) {
            (Response::Table(_), false, false)
            | (Response::Layers(_), true, false)
            | (Response::Layers(_), false, true) => Ok(response),
            (Response::Table(_), ..) => {
                Err("a table has neither `normalised_by` nor `typical_sum`".to_owned())
            }
            (Response::Layers(_), ..) => {
                Err("cells need either `normalised_by` or `typical_sum`".to_owned())
            }
        }
    }

    fn checked_columns(&self) -> Result<Vec<Column>, String> {
        let mut names = BTreeSet::new();
        self.column
            .iter()
            .map(|column| {
                let name = &column.name;
                if !names.insert(name) {
                    return Err(format!("has two columns `{name}`"));
                }
                if !(column.minimum.is_finite()
                    && column.maximum.is_finite()
                    && column.minimum < column.maximum)
                {
                    return Err(format!("column `{name}`: expected finite `minimum` < `maximum`"));
                }
                Ok(Column {
                    name: name.clone(),
                    unit: column.unit.clone(),
                    minimum: column.minimum,
                    maximum: column.maximum,
                })
            })
            .collect()
    }
}

fn checked_layers(described: &[LayerDescription]) -> Result<Vec<Layer>, String> {
    let mut layers: Vec<Layer> = Vec::new();
    let mut first_cell = 0;
    for description in described {
        if !(1..=10_000).contains(&description.repeat) {
            return Err(format!("layer {}: `repeat` must be 1 to 10000", description.id));
        }
        let shape = description.shape().map_err(|p| format!("layer {}: {p}", description.id))?;
        for copy in 0..description.repeat {
            let id = description.id + copy;
            if layers.last().is_some_and(|previous| previous.id >= id) {
                return Err(format!("layer {id}: `id` must grow from layer to layer"));
            }
            let name = if description.repeat == 1 {
                description.name.clone()
            } else {
                format!("{} {id}", description.name)
            };
            let layer = Layer { id, name, shape: shape.clone(), first_cell };
            first_cell = first_cell.saturating_add(layer.cell_count());
            if first_cell > MOST_VALUES {
                return Err(format!("has more than {MOST_VALUES} cells"));
            }
            if layers.len() == MOST_LAYERS {
                return Err(format!("has more than {MOST_LAYERS} layers"));
            }
            layers.push(layer);
        }
    }
    Ok(layers)
}

impl LayerDescription {
    fn shape(&self) -> Result<LayerShape, String> {
        let rings = !self.radial_edges_mm.is_empty() || self.angular_bins.is_some();
        let rectangles = !self.x_edges_mm.is_empty() || !self.y_edges_mm.is_empty();
        if rings == rectangles {
            return Err("expected either `radial_edges_mm` and `angular_bins`, or `x_edges_mm` \
                        and `y_edges_mm`"
                .to_owned());
        }
        if rectangles {
            rising("x_edges_mm", &self.x_edges_mm)?;
            rising("y_edges_mm", &self.y_edges_mm)?;
            return Ok(LayerShape::Rectangles {
                x_edges_mm: self.x_edges_mm.clone(),
                y_edges_mm: self.y_edges_mm.clone(),
                y_fastest: self.y_fastest,
            });
        }
        let angular_bins = self.angular_bins.unwrap_or(0);
        if !(1..=MOST_VALUES).contains(&angular_bins) {
            return Err(format!("`angular_bins` is {angular_bins}, expected at least 1"));
        }
        rising("radial_edges_mm", &self.radial_edges_mm)?;
        if self.radial_edges_mm[0] < 0.0 {
            return Err("`radial_edges_mm` must not be negative".to_owned());
        }
        Ok(LayerShape::Rings { radial_edges_mm: self.radial_edges_mm.clone(), angular_bins })
    }
}

fn rising(key: &str, edges: &[f64]) -> Result<(), String> {
    if edges.len() < 2 {
        return Err(format!("`{key}` has {} edges, expected at least 2", edges.len()));
    }
    if edges.iter().any(|edge| !edge.is_finite()) || edges.windows(2).any(|p| p[0] >= p[1]) {
        return Err(format!("`{key}` must be finite and rising"));
    }
    Ok(())
}

impl GridDescription {
    fn layers(&self) -> Result<Vec<Layer>, String> {
        let Self { cells: [x, y, z], cell_size_mm: [dx, dy, dz] } = *self;
        let count = x.checked_mul(y).and_then(|cells| cells.checked_mul(z)).unwrap_or(usize::MAX);
        if !(1..=MOST_VALUES).contains(&count) {
            return Err(format!(
                "`grid.cells` is {:?}, expected 1 to {MOST_VALUES} cells in all",
                self.cells
            ));
        }
        if z > MOST_LAYERS {
            return Err(format!(
                "`grid.cells` is {:?}, expected {MOST_LAYERS} layers at most",
                self.cells
            ));
        }
        if ![dx, dy, dz].iter().all(|size| size.is_finite() && *size > 0.0) {
            return Err(format!(
                "`grid.cell_size_mm` is {:?}, expected positive finite sizes",
                self.cell_size_mm
            ));
        }
        let centred = |cells: usize, size: f64| -> Vec<f64> {
            (0..=cells).map(|edge| (edge as f64 - 0.5 * cells as f64) * size).collect()
        };
        let (x_edges_mm, y_edges_mm) = (centred(x, dx), centred(y, dy));
        Ok((0..z)
            .map(|id| Layer {
                id,
                name: if z == 1 { "image".to_owned() } else { format!("layer {id}") },
                shape: LayerShape::Rectangles {
                    x_edges_mm: x_edges_mm.clone(),
                    y_edges_mm: y_edges_mm.clone(),
                    y_fastest: false,
                },
                first_cell: id * x * y,
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photons() -> Detector {
        crate::builtin("calochallenge-photons").expect("built in")
    }

    #[test]
    fn voxel_ranges_of_data_set_1_photons() {
        let ranges: Vec<_> = photons().layers().iter().map(Layer::cells).collect();
        assert_eq!(ranges, [0..8, 8..168, 168..358, 358..363, 363..368]);
    }

    #[test]
    fn radius_runs_fastest_then_angle() {
        let photons = photons();
        let strips = &photons.layers()[1];
        let (radius, angle) = (strips.radius_midpoints_mm(), strips.angle_midpoints_rad());
        assert_eq!((radius[0], radius[1], radius[16]), (1.0, 3.0, 1.0));
        approx::assert_relative_eq!(angle[0], -0.9 * std::f64::consts::PI);
        assert_eq!(angle[0], angle[15]);
        approx::assert_relative_eq!(angle[16], -0.7 * std::f64::consts::PI);
        approx::assert_relative_eq!(strips.eta_midpoints_mm()[1], 3.0 * angle[1].cos());
        approx::assert_relative_eq!(strips.phi_midpoints_mm()[17], 3.0 * angle[17].sin());
    }

    #[test]
    fn a_grid_is_layers_of_rectangles_with_x_fastest() {
        let clic = crate::builtin("clic-ecal-25").expect("built in");
        assert_eq!(clic.event_shape(), [25, 25, 25]);
        let second = &clic.layers()[1];
        assert_eq!(second.cells(), 625..1250);
        let (x, y) = (second.eta_midpoints_mm(), second.phi_midpoints_mm());
        approx::assert_relative_eq!(x[0], -12.0 * 5.1);
        approx::assert_relative_eq!(x[1] - x[0], 5.1, epsilon = 1e-9);
        assert_eq!((y[0], x[0]), (y[24], x[25]));
        approx::assert_abs_diff_eq!(x[312], 0.0);
        approx::assert_relative_eq!(second.radius_midpoints_mm()[0], 12.0 * 5.1 * 2f64.sqrt());
    }

    #[test]
    fn atlas_cells_run_fastest_over_phi() {
        let atlas = crate::builtin("atlas-em-barrel").expect("built in");
        let ranges: Vec<_> = atlas.layers().iter().map(Layer::cells).collect();
        assert_eq!(ranges, [0..21, 21..189, 189..238, 238..266]);
        let strips = &atlas.layers()[1];
        assert_eq!(strips.dimensions(), (56, 3));
        assert_eq!(strips.eta_midpoints_mm()[0], strips.eta_midpoints_mm()[2]);
    }

    #[test]
    fn scales_and_conditions() {
        let photons = photons();
        assert_eq!(photons.scale_of(&[512.0]), 512.0);
        assert_eq!(photons.incident_energy_column(), Some(0));
        let rings = crate::builtin("rich-rings").expect("built in");
        assert_eq!(rings.incident_energy_column(), None);
        assert!(rings.scale_of(&[1.0; 4]) > 1.0);
        let sky = crate::builtin("radio-sky").expect("built in");
        assert_eq!(sky.condition_width(), 32 * 32);
    }

    #[test]
    fn bad_descriptions_are_refused_by_name() {
        let good = photons().to_toml();
        let cases = [
            ("angular_bins = 10", "angular_bins = 0", "layer 1: `angular_bins` is 0"),
            ("readout_threshold = 1.0", "readout_threshold = -1.0", "is -1"),
            ("0.0, 5.0, 10.0,", "0.0, 15.0, 10.0,", "layer 0: `radial_edges_mm` must be"),
            ("minimum = 256.0", "minimum = -3.0", "expected more than 0 for a logarithmic"),
            ("maximum = 4194304.0", "maximum = 3.0", "expected two finite numbers"),
            ("format_version = 1", "format_version = 9", "`format_version` is 9"),
            ("pdg_id = 22", "pdg_id = 22\npdg_code = 22", "unknown field `pdg_code`"),
            ("id = 1\n", "id = 0\n", "`id` must grow"),
            ("\"calochallenge-photons\"", "\"a b\"", "`name` must have letters"),
            ("normalised_by = \"inc", "normalised_by = \"out", "the name of a condition"),
            ("normalised_by = \"incident_energy\"", "", "either `normalised_by` or"),
            (
                "unit = \"MeV\"\n",
                "unit = \"MeV\"\ngrid.cells = [1, 1, 1]\ngrid.cell_size_mm = [1, 1, 1]\n",
                "just one of",
            ),
        ];
        for (from, to, expected) in cases {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good, "`{from}` is in the description");
            let message = Detector::from_toml(&bad).expect_err(to).to_string();
            assert!(message.contains(expected), "`{message}` should contain `{expected}`");
        }
    }
}
