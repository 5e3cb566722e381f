use std::f64::consts::PI;
use std::ops::Range;

/// One layer of cells, at one depth.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    pub(crate) id: usize,
    pub(crate) name: String,
    pub(crate) shape: LayerShape,
    pub(crate) first_cell: usize,
}

/// How a layer is cut into cells.
#[derive(Debug, Clone, PartialEq)]
pub enum LayerShape {
    /// Rings around the shower axis, each cut into `angular_bins` sectors. The flat index runs
    /// fastest over the radius, then over the angle.
    Rings { radial_edges_mm: Vec<f64>, angular_bins: usize },
    /// Rectangles. The flat index runs fastest over x, then over y; the other way round with
    /// `y_fastest`.
    Rectangles { x_edges_mm: Vec<f64>, y_edges_mm: Vec<f64>, y_fastest: bool },
}

impl Layer {
    /// The experiment's number of this layer (ATLAS sampling: 0, 1, 2, 3, 12, …).
    pub fn id(&self) -> usize {
        self.id
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn shape(&self) -> &LayerShape {
        &self.shape
    }

    /// Edges of the rings; `None` for rectangular cells.
    pub fn radial_edges_mm(&self) -> Option<&[f64]> {
        match &self.shape {
            LayerShape::Rings { radial_edges_mm, .. } => Some(radial_edges_mm),
            LayerShape::Rectangles { .. } => None,
        }
    }

    /// Sectors of a ring; `None` for rectangular cells.
    pub fn angular_bins(&self) -> Option<usize> {
        match &self.shape {
            LayerShape::Rings { angular_bins, .. } => Some(*angular_bins),
            LayerShape::Rectangles { .. } => None,
        }
    }

    /// Cells along the slow and along the fast axis of the flat index.
    pub fn dimensions(&self) -> (usize, usize) {
        match &self.shape {
            LayerShape::Rings { radial_edges_mm, angular_bins } => {
                (*angular_bins, radial_edges_mm.len() - 1)
            }
            LayerShape::Rectangles { x_edges_mm, y_edges_mm, y_fastest } => {
                let (x, y) = (x_edges_mm.len() - 1, y_edges_mm.len() - 1);
                if *y_fastest { (x, y) } else { (y, x) }
            }
        }
    }

    pub fn cell_count(&self) -> usize {
        let (slow, fast) = self.dimensions();
        slow * fast
    }

    /// Where this layer's cells stand in the flat event.
    pub fn cells(&self) -> Range<usize> {
        self.first_cell..self.first_cell + self.cell_count()
    }

    /// Whether a position across the shower axis can be told: more than whole rings.
    pub fn has_transverse_positions(&self) -> bool {
        self.angular_bins() != Some(1)
    }

    /// The greatest distance of a cell's edge from the axis, along one axis, in mm.
    pub fn half_width_mm(&self) -> f64 {
        let end = |edges: &[f64]| edges.iter().fold(0.0_f64, |most, edge| most.max(edge.abs()));
        match &self.shape {
            LayerShape::Rings { radial_edges_mm, .. } => end(radial_edges_mm),
            LayerShape::Rectangles { x_edges_mm, y_edges_mm, .. } => {
                end(x_edges_mm).max(end(y_edges_mm))
            }
        }
    }

    /// r of each cell in mm: the midpoint of its radial bin, or the distance of its middle from
    /// the axis.
    ///
    /// # Shapes
    /// `[cells of the layer]`, in flat order.
    pub fn radius_midpoints_mm(&self) -> Vec<f64> {
        match &self.shape {
            LayerShape::Rings { radial_edges_mm, angular_bins } => {
                midpoints(radial_edges_mm).repeat(*angular_bins)
            }
            LayerShape::Rectangles { .. } => self.middles_mm().map(|(x, y)| x.hypot(y)).collect(),
        }
    }

    /// α of each cell in radians: −π + (k + ½) · 2π / angular bins in rings, atan2(y, x) of the
    /// middle of a rectangle.
    ///
    /// # Shapes
    /// `[cells of the layer]`, in flat order.
    pub fn angle_midpoints_rad(&self) -> Vec<f64> {
        match &self.shape {
            LayerShape::Rings { radial_edges_mm, angular_bins } => (0..*angular_bins)
                .flat_map(|k| {
                    let middle = sector_midpoint_rad(k, *angular_bins);
                    std::iter::repeat_n(middle, radial_edges_mm.len() - 1)
                })
                .collect(),
            LayerShape::Rectangles { .. } => self.middles_mm().map(|(x, y)| y.atan2(x)).collect(),
        }
    }

    /// First transverse coordinate of each cell in mm: x, or η = r cos α in rings (CaloChallenge's
    /// name).
    pub fn eta_midpoints_mm(&self) -> Vec<f64> {
        self.middles_mm().map(|(x, _)| x).collect()
    }

    /// Second transverse coordinate of each cell in mm: y, or φ = r sin α in rings
    /// (CaloChallenge's name).
    pub fn phi_midpoints_mm(&self) -> Vec<f64> {
        self.middles_mm().map(|(_, y)| y).collect()
    }

    /// (x, y) of the middle of each cell, in flat order.
    fn middles_mm(&self) -> impl Iterator<Item = (f64, f64)> {
        let (first, second, y_fastest) = match &self.shape {
            LayerShape::Rings { radial_edges_mm, angular_bins } => {
                let angles = (0..*angular_bins).map(|k| sector_midpoint_rad(k, *angular_bins));
                (angles.collect(), midpoints(radial_edges_mm), None)
            }
            LayerShape::Rectangles { x_edges_mm, y_edges_mm, y_fastest: false } => {
                (midpoints(y_edges_mm), midpoints(x_edges_mm), Some(false))
            }
            LayerShape::Rectangles { x_edges_mm, y_edges_mm, y_fastest: true } => {
                (midpoints(x_edges_mm), midpoints(y_edges_mm), Some(true))
            }
        };
        first.into_iter().flat_map(move |slow: f64| {
            second.clone().into_iter().map(move |fast| match y_fastest {
                None => (fast * slow.cos(), fast * slow.sin()),
                Some(false) => (fast, slow),
                Some(true) => (slow, fast),
            })
        })
    }
}

fn midpoints(edges: &[f64]) -> Vec<f64> {
    edges.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect()
}

fn sector_midpoint_rad(sector: usize, angular_bins: usize) -> f64 {
    -PI + (sector as f64 + 0.5) * 2.0 * PI / angular_bins as f64
}
