//! Detectors as conditional GAN targets.
//!
//! A detector says what one event is: its values and their order, unit and read-out threshold, and
//! the conditions an event is generated for. It knows nothing of training.
//!
//! Built-in detectors are TOML files beside the modules ([`builtin`]); a user's own is read by
//! [`Detector::from_toml`], official CaloChallenge binning files by [`calorimeter::from_xml`].

pub mod calorimeter;
mod condition;
pub mod description;
mod detector;
mod error;
mod registry;
mod response;
pub mod simulation;

pub use condition::{Condition, ConditionKind};
pub use description::{Family, Scale};
pub use detector::Detector;
pub use error::DetectorError;
pub use registry::{builtin, builtin_names, builtin_toml};
pub use response::{Column, Layer, LayerShape, Response, Symmetry};
