use serde::{Deserialize, Serialize};

use crate::physics::pid::{IdentificationCurve, SpeciesAuc};
use crate::physics::{
    LayerCorrelations, PairedImages, ProfileComparison, ResolutionComparison, SpeciesProfiles,
    SpectrumComparison,
};

/// What is special to the kind of detector, in both samples.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PhysicsResult {
    /// Longitudinal and lateral profiles of showers.
    pub profiles: Vec<ProfileComparison>,
    /// Response and resolution with the fit a/√E ⊕ b/E ⊕ c.
    pub resolution: Option<ResolutionComparison>,
    /// Pearson's coefficients of the layer energies.
    pub reference_layer_correlations: Option<LayerCorrelations>,
    pub generated_layer_correlations: Option<LayerCorrelations>,
    /// Radius, width and photons of rings against momentum, by species.
    pub rings: Vec<SpeciesProfiles>,
    /// Efficiency against misidentification over all tracks.
    pub identification: Vec<IdentificationCurve>,
    /// Areas under the curves, over all tracks and in bins of momentum and pseudorapidity.
    pub species_aucs: Vec<SpeciesAuc>,
    /// Mean power spectra of images.
    pub power_spectra: Option<SpectrumComparison>,
    /// Figures of images for the same conditions: flux recovery, PSNR, SSIM.
    pub images: Option<PairedImages>,
}
