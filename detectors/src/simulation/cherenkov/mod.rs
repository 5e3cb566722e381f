//! Rings of a gas Cherenkov detector: photons, hits of pixels, and likelihoods of species.

mod likelihood;
mod model;
mod pixels;
mod radiator;
mod splot;
mod track;

pub(super) use model::CherenkovModel;
