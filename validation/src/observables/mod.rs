//! What is measured on a shower, in the conventions of CaloChallenge (arXiv:2410.21611), and the
//! histograms it is filled into.

mod edges;
mod histogram;
mod kind;
mod shower;
mod voxel_spectrum;

pub use edges::{bin_edges, per_energy_response_edges, voxel_edges};
pub(crate) use histogram::bin_of;
pub use histogram::{Histogram, linear_edges, logarithmic_edges};
pub use kind::{ObservableKind, Quantity};
pub use shower::{ShowerObservables, VoxelEnergy};
pub use voxel_spectrum::VoxelSpectrum;
