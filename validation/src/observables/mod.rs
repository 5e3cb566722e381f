//! What is measured on an event, for showers in the conventions of CaloChallenge
//! (arXiv:2410.21611), and the histograms it is filled into. `docs/observables.md` lists all.

mod edges;
mod event;
mod fine_spectrum;
mod histogram;
mod kind;
mod meter;
mod naming;
mod power_spectrum;
mod quantity;
mod shower_shape;
mod voxel_spectrum;

pub use edges::{bin_edges, per_energy_response_edges, voxel_edges};
pub use event::{CellValue, EventObservables};
pub(crate) use fine_spectrum::{FineSpectrum, PARTS, snapped};
pub(crate) use histogram::bin_of;
pub use histogram::{Histogram, WeightSums, linear_edges, logarithmic_edges};
pub use kind::ObservableKind;
pub use meter::Meter;
pub(crate) use naming::{capitalised, length_unit};
pub use power_spectrum::{PowerSpectrum, radial_power_spectrum};
pub use quantity::Quantity;
pub use shower_shape::ShowerShape;
pub use voxel_spectrum::VoxelSpectrum;
