use super::inputs::Inputs;
use crate::physics::pid::{
    PidConditions, TrackBin, identification_curves, species_aucs, track_bins,
};
use crate::physics::{
    LayerCorrelations, LayerScale, compare_lateral, compare_longitudinal, compare_power_spectra,
    compare_resolution, compare_rings, paired_images,
};
use crate::report::model::PhysicsResult;

/// Bins of momentum and of pseudorapidity with equally many tracks.
const MOMENTUM_BINS: usize = 4;
const PSEUDORAPIDITY_BINS: usize = 2;

impl Inputs<'_> {
    pub(super) fn physics(&self) -> PhysicsResult {
        let (reference, generated) = (self.reference, self.generated);
        let pid = PidConditions::default();
        let all = [TrackBin::default()];
        let mut bins = all.to_vec();
        bins.extend(track_bins(reference, &pid, MOMENTUM_BINS, PSEUDORAPIDITY_BINS));
        let profiles = [
            compare_longitudinal(reference, generated, LayerScale::Energy),
            compare_longitudinal(reference, generated, LayerScale::OverIncident),
            compare_lateral(reference, generated),
        ];
        PhysicsResult {
            profiles: profiles.into_iter().flatten().collect(),
            resolution: compare_resolution(reference, generated),
            reference_layer_correlations: LayerCorrelations::of(reference),
            generated_layer_correlations: LayerCorrelations::of(generated),
            rings: compare_rings(reference, generated, "momentum", &pid.species),
            identification: identification_curves(reference, generated, &pid, &all),
            species_aucs: species_aucs(reference, generated, &pid, &bins, false),
            power_spectra: compare_power_spectra(reference, generated),
            images: paired_images(reference, generated),
        }
    }
}
