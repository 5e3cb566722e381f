//! Sampling calorimeters whose read-out is cylindrical around the shower axis: layers along the
//! axis, each with its own radial and angular bins, as in CaloChallenge and FastCaloGAN.

mod azimuth;
mod description;
mod geometry;
mod layer;
mod xml;

pub use azimuth::AzimuthalSymmetry;
pub use geometry::Calorimeter;
pub use layer::Layer;
pub use xml::from_xml;
