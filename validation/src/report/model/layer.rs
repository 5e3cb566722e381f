//! Mean values of the cells of each layer.

use detectors::{Layer, LayerShape};
use serde::{Deserialize, Serialize};

/// Mean value of each cell of a layer, averaged over the events of each sample.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LayerImage {
    pub layer: usize,
    pub name: String,
    pub shape: CellShape,
    /// `[cells]`, as the shape orders them, in the detector's unit.
    pub reference: Vec<f64>,
    pub generated: Vec<f64>,
}

/// How an image is cut into cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellShape {
    /// `[angular bins × radial bins]`, radius fastest.
    Rings { radial_edges_mm: Vec<f64>, angular_bins: usize },
    /// `[y bins × x bins]`, x fastest.
    Rectangles { x_edges_mm: Vec<f64>, y_edges_mm: Vec<f64> },
}

impl CellShape {
    pub(crate) fn of(layer: &Layer) -> Self {
        match layer.shape().clone() {
            LayerShape::Rings { radial_edges_mm, angular_bins } => {
                Self::Rings { radial_edges_mm, angular_bins }
            }
            LayerShape::Rectangles { x_edges_mm, y_edges_mm, .. } => {
                Self::Rectangles { x_edges_mm, y_edges_mm }
            }
        }
    }

    /// The values of a layer in the order of this shape.
    pub(crate) fn ordered<T: Copy>(&self, layer: &Layer, values: &[T]) -> Vec<T> {
        let (slow, fast) = layer.dimensions();
        match layer.shape() {
            LayerShape::Rectangles { y_fastest: true, .. } => (0..fast)
                .flat_map(|y| (0..slow).map(move |x| x * fast + y))
                .map(|index| values[index])
                .collect(),
            _ => values.to_vec(),
        }
    }

    pub fn cell_count(&self) -> usize {
        match self {
            Self::Rings { radial_edges_mm, angular_bins } => {
                radial_edges_mm.len().saturating_sub(1) * angular_bins
            }
            Self::Rectangles { x_edges_mm, y_edges_mm } => {
                x_edges_mm.len().saturating_sub(1) * y_edges_mm.len().saturating_sub(1)
            }
        }
    }
}
