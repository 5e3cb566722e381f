//! HDF5 files of simulated events: open, check, stream, write.
//!
//! The layout is CaloChallenge's: `incident_energies` of shape `[events, 1]` and `showers` of
//! shape `[events, voxels]`, both in MeV. See `docs/file-formats.md`.

mod attributes;
mod check;
mod error;
mod hdf5_errors;
mod provenance;
mod shower_file;
mod shower_writer;
mod showers;
mod survey;
mod units;

pub use check::Oddity;
pub use error::{BadValueKind, EventsError};
pub use provenance::{FORMAT_VERSION, Provenance};
pub use shower_file::{DatasetInfo, ShowerFile};
pub use shower_writer::{ShowerWriter, WriteOptions};
pub use showers::Showers;
pub use survey::{EnergyGroup, LayerSurvey, RunningMoments, Survey};

/// Name of the data set of incident energies, `[events, 1]`, MeV.
pub const INCIDENT_ENERGIES: &str = "incident_energies";
/// Name of the data set of voxel energies, `[events, voxels]`, MeV.
pub const SHOWERS: &str = "showers";
