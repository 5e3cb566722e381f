//! Physics of whole samples: profiles, response and resolution, correlations of layers, particle
//! identification, rings, images. Each function gives plain numbers with errors, for a report to
//! draw.

mod conditions;
mod correlation;
mod energy_groups;
mod images;
mod lateral;
mod longitudinal;
mod low_level;
mod moments;
pub mod pid;
mod profile;
mod resolution;
mod resolution_fit;
mod rings;

pub use correlation::{CorrelationDifference, LayerCorrelations};
pub use energy_groups::{EnergyGroup, energy_groups};
pub use images::{
    FluxRecovery, ImageFigure, PairedImages, SpectrumComparison, compare_power_spectra,
    paired_images,
};
pub use lateral::{compare_lateral, lateral_profile};
pub use longitudinal::{LayerScale, compare_longitudinal, longitudinal_profile};
pub use low_level::{LowLevelComparison, compare_low_level};
pub use moments::{Measured, Moments};
pub use profile::{ProfileComparison, ProfilePoint, profile};
pub use resolution::{
    ResolutionComparison, ResolutionPoint, compare_resolution, resolution_points,
};
pub use resolution_fit::{Coefficient, ResolutionFit, fit_resolution};
pub use rings::{SpeciesProfiles, compare_rings};
