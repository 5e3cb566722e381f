//! Detector geometries as conditional GAN targets.
//!
//! A detector says what one event is: its shape and index order, its units, its read-out
//! threshold and the conditions an event is generated for. It knows nothing of training.
//!
//! Built-in detectors are TOML files beside the modules ([`builtin`]); official CaloChallenge
//! binning files are read by [`calorimeter::from_xml`].

pub mod calorimeter;
mod error;
mod registry;

pub use calorimeter::{Calorimeter, Layer};
pub use error::DetectorError;
pub use registry::{builtin, builtin_names};
