//! Where and in which direction the particle enters.

use std::f64::consts::FRAC_PI_2;

use crate::Detector;
use crate::simulation::conditions;
use crate::simulation::description::{IncidenceDescription, PolarAngleFrom, WindowDescription};

/// Steeper tracks are taken as this steep: cos θ of the direction to the normal.
const LEAST_COSINE: f64 = 0.05;

/// The straight line that a shower follows: x = x₀ + z tan θ cos φ, y = y₀ + z tan θ sin φ at depth
/// z below the front.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line {
    /// Position at the front.
    pub start_mm: [f64; 2],
    /// (cos φ, sin φ).
    pub tilt: [f64; 2],
    pub tangent: f64,
    /// Path in a slab, in units of its thickness: 1 / cos θ.
    pub path_per_depth: f64,
}

impl Line {
    pub const NORMAL: Self =
        Self { start_mm: [0.0, 0.0], tilt: [1.0, 0.0], tangent: 0.0, path_per_depth: 1.0 };

    pub fn is_normal(&self) -> bool {
        self.tangent == 0.0
    }
}

/// Which columns of the conditions are angles.
#[derive(Debug, Clone)]
pub(super) struct Incidence {
    polar_column: usize,
    from: PolarAngleFrom,
    azimuth_column: Option<usize>,
}

impl Incidence {
    pub fn new(detector: &Detector, description: &IncidenceDescription) -> Result<Self, String> {
        let column = |name: &String| conditions::number(detector, name).map(|(column, _)| column);
        Ok(Self {
            polar_column: column(&description.polar_angle)?,
            from: description.polar_angle_from,
            azimuth_column: description.azimuth.as_ref().map(column).transpose()?,
        })
    }

    pub fn line(&self, conditions: &[f64]) -> Line {
        let to_normal = match self.from {
            PolarAngleFrom::Normal => conditions[self.polar_column],
            PolarAngleFrom::XAxis => FRAC_PI_2 - conditions[self.polar_column],
        };
        let azimuth = self.azimuth_column.map_or(0.0, |column| conditions[column]);
        let cosine = libm::cos(to_normal).abs().max(LEAST_COSINE);
        let (sin, cos) = libm::sincos(azimuth);
        Line {
            start_mm: [0.0, 0.0],
            tilt: [cos, sin],
            tangent: libm::sin(to_normal) / cosine,
            path_per_depth: 1.0 / cosine,
        }
    }
}

/// A window of cells about the cell that was hit. The fine cells of every layer are aligned with
/// the impact cell. A coarse cell holds n impact cells, of which the one that was hit is number k:
/// the middle of the window is then (n − 1) / 2 − k impact cells away from it.
#[derive(Debug, Clone)]
pub(super) struct Window {
    impact_columns: [usize; 2],
    radius_mm: f64,
    coarse: [Coarse; 2],
}

#[derive(Debug, Clone)]
struct Coarse {
    index_column: usize,
    impact_cell_mm: f64,
    impact_cells: usize,
    /// For each layer of the detector, whether its cells are coarse.
    layers: Vec<bool>,
}

impl Window {
    pub fn new(detector: &Detector, description: &WindowDescription) -> Result<Self, String> {
        let column = |name: &String| conditions::number(detector, name).map(|(column, _)| column);
        let coarse = |name: &String, cell_mm: f64, cells: usize, ids: &[usize]| {
            let (index_column, names) = conditions::category(detector, name)?;
            if names.len() != cells {
                return Err(format!(
                    "a coarse cell of `[simulation.window]` holds {cells} impact cells, but `{name}` has \
                     {} categories",
                    names.len()
                ));
            }
            let known: Vec<usize> = detector.layers().iter().map(|layer| layer.id()).collect();
            if let Some(unknown) = ids.iter().find(|&id| !known.contains(id)) {
                return Err(format!(
                    "`[simulation.window]` names layer {unknown}, which it has not"
                ));
            }
            let layers = known.iter().map(|id| ids.contains(id)).collect();
            Ok(Coarse { index_column, impact_cell_mm: cell_mm, impact_cells: cells, layers })
        };
        let positive = [description.radius_mm, description.cell_x_mm, description.cell_y_mm];
        if positive.iter().any(|size| !(size.is_finite() && *size > 0.0)) {
            return Err("sizes in `[simulation.window]` must be positive".to_owned());
        }
        Ok(Self {
            impact_columns: [column(&description.impact_x)?, column(&description.impact_y)?],
            radius_mm: description.radius_mm,
            coarse: [
                coarse(
                    &description.coarse_x_index,
                    description.cell_x_mm,
                    description.cells_per_coarse_x,
                    &description.coarse_x_layers,
                )?,
                coarse(
                    &description.coarse_y_index,
                    description.cell_y_mm,
                    description.cells_per_coarse_y,
                    &description.coarse_y_layers,
                )?,
            ],
        })
    }

    pub fn start_mm(&self, conditions: &[f64]) -> [f64; 2] {
        self.impact_columns.map(|column| conditions[column] * self.radius_mm)
    }

    /// Where the middle of each layer's window is, from the middle of the impact cell.
    pub fn middles_mm(&self, conditions: &[f64]) -> Vec<[f64; 2]> {
        let layers = self.coarse[0].layers.len();
        (0..layers)
            .map(|layer| {
                self.coarse.each_ref().map(|coarse| {
                    if coarse.layers[layer] {
                        let centre = 0.5 * (coarse.impact_cells as f64 - 1.0);
                        (centre - conditions[coarse.index_column]) * coarse.impact_cell_mm
                    } else {
                        0.0
                    }
                })
            })
            .collect()
    }
}
