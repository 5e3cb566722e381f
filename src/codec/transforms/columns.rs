use ndarray::{Array2, ArrayView2};

/// Events as a transform sees them.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    /// `[events]`: the incident energy in MeV, or 1 where there is none.
    pub scale: &'a [f64],
    /// `[events, columns]`: energies in MeV, counts, times: whatever the detector reads out.
    pub values: ArrayView2<'a, f32>,
}

/// A [`Block`] that holds its events, as a stream hands it over.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedBlock {
    /// `[events]`
    pub scale: Vec<f64>,
    /// `[events, columns]`
    pub values: Array2<f32>,
}

impl OwnedBlock {
    pub fn view(&self) -> Block<'_> {
        Block { scale: &self.scale, values: self.values.view() }
    }
}

/// What the values of an event are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// `[columns]`: the layer or other group of each value, counted from 0.
    pub groups: Vec<usize>,
}

impl Columns {
    /// Values that belong to no particular group.
    pub fn ungrouped(width: usize) -> Self {
        Self { groups: vec![0; width] }
    }

    pub fn width(&self) -> usize {
        self.groups.len()
    }
}
