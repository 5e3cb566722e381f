//! HDF5 files of events: open, check, stream, write.
//!
//! What a file holds follows from its detector: data sets of conditions, a data set of values and
//! perhaps one of weights. Files of other programs are read through a [`LayoutChoice`]. See
//! `docs/file-formats.md`.

pub(crate) mod attributes;
mod axes;
mod check;
pub mod chunked;
mod dataset_info;
mod energy_filter;
mod error;
mod event_file;
mod event_set;
mod event_writer;
#[expect(clippy::module_inception, reason = "the module holds files of events")]
mod events;
pub(crate) mod hdf5_errors;
mod identify;
mod layout;
mod new_file;
mod open;
mod provenance;
mod split;
pub mod structure;
mod survey;
mod units;

pub use check::{BadValue, Oddity, cells, first_bad_condition_of};
pub use dataset_info::DatasetInfo;
pub use energy_filter::{EnergyFilter, EnergyRange};
pub use error::{BadValueKind, EventsError};
pub use event_file::EventFile;
pub use event_set::{Block, EventSet, expand};
pub use event_writer::{CompleteFile, EventWriter, WriteOptions};
pub use events::Events;
pub use identify::{identify, values_per_event};
pub use layout::{LAYOUT_NAMES, LayoutChoice, LayoutError};
pub(crate) use new_file::new_file;
pub use provenance::{FORMAT_VERSION, GENERATOR, Provenance};
pub use split::Split;
pub use survey::{ConditionSurvey, EnergyGroup, PartSurvey, RunningMoments, Survey};
