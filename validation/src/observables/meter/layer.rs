use std::ops::Range;

use detectors::{Detector, Layer, LayerShape};

use super::lanes::Lanes;
use super::moments::{Axial, Moments};
use crate::observables::{ObservableKind, Quantity};

/// Where the cells of a layer are, with the quantities that are measured on it.
#[derive(Debug, Clone)]
pub(super) struct LayerMeter {
    pub cells: Range<usize>,
    pub quantities: Vec<Quantity>,
    shape: Shape,
}

#[derive(Debug, Clone)]
enum Shape {
    Rings {
        /// r and r² of the middle of each ring.
        radii: Vec<(f64, f64)>,
        /// cos α and sin α of the middle of each sector.
        directions: Vec<(f64, f64)>,
    },
    Rectangles {
        /// Middles along the fast axis of the flat index, with their squares.
        fast: Vec<(f64, f64)>,
        slow: Vec<f64>,
        /// Distance of each cell from the axis.
        radii: Vec<f64>,
        x_is_fast: bool,
    },
}

impl LayerMeter {
    pub fn of(detector: &Detector, layer: &Layer) -> Self {
        let (slow_cells, fast_cells) = layer.dimensions();
        let (x, y) = (layer.eta_midpoints_mm(), layer.phi_midpoints_mm());
        let radii = layer.radius_midpoints_mm();
        let with_square = |position: f64| (position, position * position);
        let shape = match layer.shape() {
            LayerShape::Rings { .. } => {
                let angles = layer.angle_midpoints_rad();
                let angles = angles.into_iter().step_by(fast_cells);
                Shape::Rings {
                    radii: radii.into_iter().take(fast_cells).map(with_square).collect(),
                    directions: angles.map(|angle| (angle.cos(), angle.sin())).collect(),
                }
            }
            LayerShape::Rectangles { y_fastest, .. } => {
                let (fast, slow) = if *y_fastest { (y, x) } else { (x, y) };
                Shape::Rectangles {
                    fast: fast.into_iter().take(fast_cells).map(with_square).collect(),
                    slow: slow.into_iter().step_by(fast_cells).take(slow_cells).collect(),
                    radii,
                    x_is_fast: !y_fastest,
                }
            }
        };
        Self {
            cells: layer.cells(),
            quantities: ObservableKind::of_layer(detector, layer).map(|k| k.quantity).collect(),
            shape,
        }
    }

    /// Sums over the layer, and the energy of each of its rings (none for rectangles).
    ///
    /// # Shapes
    /// `cells`: `[cells of the layer]`; `rings`, which is overwritten: `[rings]`.
    pub fn sums(&self, cells: &[Lanes], rings: &mut Vec<Lanes>) -> Moments {
        rings.clear();
        match &self.shape {
            Shape::Rings { radii, directions } => {
                rings.resize(radii.len(), Lanes::ZERO);
                of_rings(cells, radii, directions, rings)
            }
            Shape::Rectangles { fast, slow, radii, x_is_fast } => {
                let mut moments = of_rectangles(cells, fast, slow, radii);
                if !x_is_fast {
                    std::mem::swap(&mut moments.x, &mut moments.y);
                }
                moments
            }
        }
    }

    /// One of its quantities.
    pub fn value(&self, quantity: Quantity, moments: &Moments) -> Lanes {
        let energy = moments.energy;
        match quantity {
            Quantity::CentreX => moments.x.centre(energy),
            Quantity::CentreY => moments.y.centre(energy),
            Quantity::CentreRadius => moments.radius.centre(energy),
            Quantity::WidthX => moments.x.width(energy),
            Quantity::WidthY => moments.y.width(energy),
            Quantity::WidthRadius => moments.radius.width(energy),
            Quantity::Sparsity => {
                let cells = self.cells.len() as f64;
                moments.hits.map(|hits| 1.0 - hits / cells)
            }
            _ => energy,
        }
    }
}

/// In a sector x = r cos α and y = r sin α, so that Σ x e = cos α Σ r e and so on.
fn of_rings(
    cells: &[Lanes],
    radii: &[(f64, f64)],
    directions: &[(f64, f64)],
    rings: &mut [Lanes],
) -> Moments {
    let mut moments = Moments::default();
    for (sector, &(cos, sin)) in cells.chunks_exact(radii.len()).zip(directions) {
        let (mut along, mut hits) = (Axial::default(), Lanes::ZERO);
        for ((&energy, ring), &(radius, square)) in sector.iter().zip(rings.iter_mut()).zip(radii) {
            *ring += energy;
            hits += energy.is_positive();
            along.first += radius * energy;
            along.second += square * energy;
        }
        moments.hits += hits;
        moments.radius.first += along.first;
        moments.radius.second += along.second;
        moments.x.first += cos * along.first;
        moments.x.second += cos * cos * along.second;
        moments.y.first += sin * along.first;
        moments.y.second += sin * sin * along.second;
    }
    for ring in rings {
        moments.energy += *ring;
    }
    moments
}

/// x is the fast axis. Σ r² e = Σ x² e + Σ y² e.
fn of_rectangles(cells: &[Lanes], fast: &[(f64, f64)], slow: &[f64], radii: &[f64]) -> Moments {
    let mut moments = Moments::default();
    let rows = cells.chunks_exact(fast.len()).zip(radii.chunks_exact(fast.len()));
    for ((row, radii), &slow) in rows.zip(slow) {
        let (mut along, mut sum, mut hits) = (Axial::default(), Lanes::ZERO, Lanes::ZERO);
        let mut radial = Lanes::ZERO;
        for ((&energy, &radius), &(position, square)) in row.iter().zip(radii).zip(fast) {
            sum += energy;
            hits += energy.is_positive();
            along.first += position * energy;
            along.second += square * energy;
            radial += radius * energy;
        }
        moments.energy += sum;
        moments.hits += hits;
        moments.x.first += along.first;
        moments.x.second += along.second;
        moments.y.add(slow, sum);
        moments.radius.first += radial;
    }
    moments.radius.second = moments.x.second + moments.y.second;
    moments
}
