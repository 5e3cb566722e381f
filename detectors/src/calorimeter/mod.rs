//! Sampling calorimeters: layers along the shower axis, cut into rings as in CaloChallenge and
//! FastCaloGAN, into windows of cells as in ATLAS, or into a regular grid as at CLIC and ILD.

mod xml;

pub use xml::from_xml;
