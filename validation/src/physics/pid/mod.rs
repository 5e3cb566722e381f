//! Particle identification with a table of differences of log-likelihoods (DLL), one row a track:
//! what LHCb's RICH GAN is judged by (arXiv:1905.11825).
//!
//! A track is of the species that its condition says, and has a weight, which may be negative
//! (sWeights).

mod auc;
mod curves;
mod spectra;
mod tracks;

pub use auc::{SpeciesAuc, species_aucs, weighted_auc};
pub use curves::{EfficiencyPoint, IdentificationCurve, WorkingPoint, identification_curves};
pub use spectra::{DllSpectrum, dll_spectra};
pub use tracks::{Discriminant, PidConditions, TrackBin, track_bins};
