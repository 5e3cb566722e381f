//! What is measured on an event, for showers in the conventions of CaloChallenge
//! (arXiv:2410.21611), and the histograms it is filled into.

mod edges;
mod event;
mod fine_spectrum;
mod histogram;
mod kind;
mod voxel_spectrum;

pub use edges::{bin_edges, per_energy_response_edges, voxel_edges};
pub(crate) use event::Meter;
pub use event::{CellValue, EventObservables};
pub(crate) use fine_spectrum::{FineSpectrum, PARTS, snapped};
pub(crate) use histogram::bin_of;
pub use histogram::{Histogram, WeightSums, linear_edges, logarithmic_edges};
pub use kind::{ObservableKind, Quantity};
pub(crate) use kind::{capitalised, length_unit};
pub use voxel_spectrum::VoxelSpectrum;
