//! Which cell of a layer a point is in.

use std::f64::consts::PI;

use crate::response::{Layer, LayerShape};

/// A layer's cells, ready for many look-ups.
#[derive(Debug, Clone)]
pub(super) struct Cells {
    first: usize,
    shape: Shape,
}

#[derive(Debug, Clone)]
enum Shape {
    Rings { radius: Axis, angular_bins: usize },
    Rectangles { x: Axis, y: Axis, y_fastest: bool },
}

impl Cells {
    pub fn of(layer: &Layer) -> Self {
        let shape = match layer.shape() {
            LayerShape::Rings { radial_edges_mm, angular_bins } => {
                Shape::Rings { radius: Axis::new(radial_edges_mm), angular_bins: *angular_bins }
            }
            LayerShape::Rectangles { x_edges_mm, y_edges_mm, y_fastest } => Shape::Rectangles {
                x: Axis::new(x_edges_mm),
                y: Axis::new(y_edges_mm),
                y_fastest: *y_fastest,
            },
        };
        Self { first: layer.cells().start, shape }
    }

    pub fn are_rings(&self) -> bool {
        matches!(self.shape, Shape::Rings { .. })
    }

    /// Index in the event of the cell at (x, y); `None` outside the layer.
    pub fn at(&self, x_mm: f64, y_mm: f64) -> Option<usize> {
        match &self.shape {
            Shape::Rings { radius, .. } => {
                let turn = (libm::atan2(y_mm, x_mm) + PI) * (1.0 / (2.0 * PI));
                // The square root of a sum of squares is the same everywhere; `hypot` may not be.
                let r_mm = (x_mm * x_mm + y_mm * y_mm).sqrt();
                self.at_polar(radius.bin(r_mm)?, turn)
            }
            Shape::Rectangles { x, y, y_fastest } => {
                let (i, j) = (x.bin(x_mm)?, y.bin(y_mm)?);
                let cell = if *y_fastest { i * y.bins() + j } else { j * x.bins() + i };
                Some(self.first + cell)
            }
        }
    }

    /// As [`Self::at`], at a distance from the axis and a part of a turn from −π, in [0, 1); `None`
    /// for rectangles.
    pub fn at_radius(&self, r_mm: f64, turn: f64) -> Option<usize> {
        match &self.shape {
            Shape::Rings { radius, .. } => self.at_polar(radius.bin(r_mm)?, turn),
            Shape::Rectangles { .. } => None,
        }
    }

    fn at_polar(&self, ring: usize, turn: f64) -> Option<usize> {
        let Shape::Rings { radius, angular_bins } = &self.shape else { return None };
        let sector = ((turn * *angular_bins as f64) as usize).min(angular_bins - 1);
        Some(self.first + sector * radius.bins() + ring)
    }
}

/// Bins between rising edges.
#[derive(Debug, Clone)]
struct Axis {
    edges: Vec<f64>,
    /// Of bins of equal width.
    bins_per_mm: Option<f64>,
}

impl Axis {
    fn new(edges: &[f64]) -> Self {
        let bins = (edges.len() - 1) as f64;
        let width = (edges[edges.len() - 1] - edges[0]) / bins;
        let equal = edges
            .iter()
            .enumerate()
            .all(|(k, edge)| (edge - edges[0] - k as f64 * width).abs() < 1e-9 * width * bins);
        Self { edges: edges.to_vec(), bins_per_mm: equal.then(|| 1.0 / width) }
    }

    fn bins(&self) -> usize {
        self.edges.len() - 1
    }

    fn bin(&self, position: f64) -> Option<usize> {
        if !(position >= self.edges[0] && position < self.edges[self.bins()]) {
            return None;
        }
        Some(match self.bins_per_mm {
            Some(bins) => (((position - self.edges[0]) * bins) as usize).min(self.bins() - 1),
            None => self.edges.partition_point(|edge| *edge <= position) - 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_every_cell_is_in_that_cell() {
        for name in
            ["calochallenge-photons", "calochallenge-electrons", "clic-ecal-51", "atlas-em-barrel"]
        {
            let detector = crate::builtin(name).expect("built in");
            for layer in detector.layers() {
                let cells = Cells::of(layer);
                let whole_rings = layer.angular_bins() == Some(1);
                let middles = layer.eta_midpoints_mm().into_iter().zip(layer.phi_midpoints_mm());
                for (index, (x, y)) in layer.cells().zip(middles) {
                    assert_eq!(cells.at(x, y), Some(index), "{name} {x} {y}");
                    if whole_rings {
                        let r = x.hypot(y);
                        assert_eq!(cells.at_radius(r, 0.999), Some(index), "{name} {r}");
                    }
                }
                let beyond = layer.half_width_mm() + 0.01;
                assert_eq!(cells.at(beyond, 0.0), None);
            }
        }
    }
}
