use serde::{Deserialize, Serialize};

/// Cells whose frequency of read-out or whose mean value cannot be the reference's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CellCheck {
    /// Cells that were tested: read out often enough in the reference.
    pub tested: usize,
    /// Cells that the reference reads out and the generated sample never does, although ten or
    /// more read-outs were expected.
    pub dead: usize,
    /// Cells that the generated sample reads out ten times or more and the reference never does.
    pub hot: usize,
    /// The cells that are furthest off, worst first; at most 20.
    pub worst: Vec<CellFault>,
    /// Standard deviation of the z of all tested cells; 1 for samples that cannot be told apart.
    pub z_spread: f64,
}

/// How far one cell is off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CellFault {
    /// In the flat order of the detector.
    pub cell: usize,
    pub layer: usize,
    /// Share of the events that read the cell out.
    pub reference_occupancy: f64,
    pub generated_occupancy: f64,
    /// Difference of the occupancies over its standard error.
    pub z: f64,
}
