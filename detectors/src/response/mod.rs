//! What is read out of an event: cells in layers, or the columns of a table.

mod layer;
mod symmetry;

pub use layer::{Layer, LayerShape};
pub use symmetry::Symmetry;

/// What an event's values are.
#[derive(Debug, Clone, PartialEq)]
pub enum Response {
    /// Cells in layers along the depth; an image is one layer.
    Layers(Vec<Layer>),
    /// Numbers of different meaning.
    Table(Vec<Column>),
}

/// One number of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub name: String,
    pub unit: String,
    /// Range of its histograms; values may be outside.
    pub minimum: f64,
    pub maximum: f64,
}

impl Response {
    pub fn value_count(&self) -> usize {
        match self {
            Self::Layers(layers) => layers.iter().map(Layer::cell_count).sum(),
            Self::Table(columns) => columns.len(),
        }
    }
}
