//! `[simulation]`: what a user writes about the parametric simulation of a detector.
//! `docs/parametric-simulation.md` explains the models.

use serde::{Deserialize, Serialize};

/// The parametric simulation of a detector, as it stands in TOML.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum SimulationDescription {
    ElectromagneticShower(ElectromagneticShowerDescription),
    HadronicShower(HadronicShowerDescription),
    CherenkovRings(CherenkovDescription),
    RadioSky(RadioSkyDescription),
}

/// Showers of electrons or photons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElectromagneticShowerDescription {
    pub primary: ElectromagneticPrimary,
    /// In place of the whole range of the condition: ln E is uniform in this range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_energy_range_mev: Option<[f64; 2]>,
    /// In place of a range: each of these energies is as likely as the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incident_energies_mev: Vec<f64>,
    pub medium: MediumDescription,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incidence: Option<IncidenceDescription>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowDescription>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ElectromagneticPrimary {
    Electron,
    Photon,
}

/// Showers of charged pions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HadronicShowerDescription {
    /// In place of the whole range of the condition: ln E is uniform in this range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_energy_range_mev: Option<[f64; 2]>,
    /// In place of a range: each of these energies is as likely as the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incident_energies_mev: Vec<f64>,
    #[serde(default)]
    pub hadronic: HadronicDescription,
    pub medium: MediumDescription,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incidence: Option<IncidenceDescription>,
}

/// What tells a hadronic shower from an electromagnetic one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HadronicDescription {
    /// E₀ of the mean electromagnetic fraction 1 − (E/E₀)^(k − 1).
    pub electromagnetic_scale_energy_mev: f64,
    /// k of it.
    pub electromagnetic_power: f64,
    /// Visible part of the energy that is not electromagnetic, in units of the visible part of
    /// electromagnetic energy: h/e.
    pub hadron_to_electron_response: f64,
    /// Relative standard deviation of that visible part at 1 GeV and below; it falls as 1/√E.
    pub visible_fraction_spread_sqrt_gev: f64,
    /// Energy that a fast charged particle loses by ionisation in one interaction length; a slow one
    /// loses 1/β² times as much.
    pub ionisation_mev_per_interaction_length: f64,
    /// Response to it, in units of the response to electromagnetic energy: mip/e.
    pub ionisation_to_electron_response: f64,
    /// Factors on the shape and the slope of the hadronic component's longitudinal profile.
    pub profile_shape_scale: f64,
    pub profile_slope_scale: f64,
    /// Mean value that is read out for one deposit of the hadronic component.
    pub spot_energy_mev: f64,
    /// Half of the energy of the hadronic component is within this radius where the shower starts,
    /// in mean interaction lengths of the medium; it grows by `radius_growth` per interaction length.
    pub radius_interaction_lengths: f64,
    pub radius_growth: f64,
}

impl Default for HadronicDescription {
    fn default() -> Self {
        Self {
            electromagnetic_scale_energy_mev: 600.0,
            electromagnetic_power: 0.82,
            hadron_to_electron_response: 0.74,
            visible_fraction_spread_sqrt_gev: 0.3,
            ionisation_mev_per_interaction_length: 200.0,
            ionisation_to_electron_response: 1.5,
            profile_shape_scale: 1.0,
            profile_slope_scale: 1.0,
            spot_energy_mev: 30.0,
            radius_interaction_lengths: 0.2,
            radius_growth: 0.35,
        }
    }
}

/// What a shower goes through: a material that counts as one mixture, in slabs across the axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediumDescription {
    /// Mean by mass.
    pub effective_atomic_number: f64,
    pub critical_energy_mev: f64,
    pub moliere_radius_mm: f64,
    /// Z of the absorber plates and of the sensors between them.
    pub absorber_atomic_number: f64,
    pub sensor_atomic_number: f64,
    /// One absorber plate with its sensor: F_S⁻¹ of Grindhammer and Peters. 0: not a sampling
    /// calorimeter.
    pub sampling_layer_x0: f64,
    /// a of σ/E = a / √(E / GeV).
    pub sampling_term_sqrt_gev: f64,
    /// Mean energy of a spot, which decides how many cells have energy; a²/2 without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot_energy_mev: Option<f64>,
    /// A shower is made of no more spots than about this many.
    #[serde(default = "many_spots")]
    pub most_spots: u32,
    /// Factors on the radii of core and tail.
    #[serde(default = "one")]
    pub core_radius_scale: f64,
    #[serde(default = "one")]
    pub tail_radius_scale: f64,
    /// Added to the depth of the maximum.
    #[serde(default)]
    pub maximum_shift_x0: f64,
    /// Factor on the shape α of the longitudinal profile: below 1 it is longer.
    #[serde(default = "one")]
    pub profile_shape_scale: f64,
    /// σ(ln T) and σ(ln α) are no more than this: their formulas diverge at low energies.
    #[serde(default = "half")]
    pub greatest_profile_spread: f64,
    /// From the front; the slabs that are read out are the layers of the detector, in order.
    pub slab: Vec<SlabDescription>,
}

/// A slab, or several equal ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlabDescription {
    /// For people only.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(default = "once")]
    pub repeat: usize,
    /// false: dead material.
    #[serde(default = "yes")]
    pub read_out: bool,
    pub thickness_mm: f64,
    pub thickness_x0: f64,
    /// Needed for hadrons.
    #[serde(default)]
    pub thickness_interaction_lengths: f64,
    /// Where it is not that of the medium.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moliere_radius_mm: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling_term_sqrt_gev: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot_energy_mev: Option<f64>,
    /// Value that is read out for a deposit of 1 MeV.
    #[serde(default = "one")]
    pub response: f64,
}

/// Which condition is which angle of the incident particle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidenceDescription {
    pub polar_angle: String,
    pub polar_angle_from: PolarAngleFrom,
    /// Azimuth of the particle's direction; without it the particle moves in the x-z plane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azimuth: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolarAngleFrom {
    /// 0 is normal incidence.
    Normal,
    /// π/2 is normal incidence: the angle of the direction to the x axis of the cells.
    XAxis,
}

/// A window of cells of several sizes about the cell that was hit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowDescription {
    /// Conditions of the impact, from the middle of the impact cell, in units of 1 / radius.
    pub impact_x: String,
    pub impact_y: String,
    pub radius_mm: f64,
    /// Size of the impact cell.
    pub cell_x_mm: f64,
    pub cell_y_mm: f64,
    /// Condition that says which of the `cells_per_coarse_x` impact cells in a coarse cell it is,
    /// and the `id`s of the layers with such cells.
    pub coarse_x_index: String,
    pub coarse_x_layers: Vec<usize>,
    pub cells_per_coarse_x: usize,
    pub coarse_y_index: String,
    pub coarse_y_layers: Vec<usize>,
    pub cells_per_coarse_y: usize,
}

/// Rings of a gas Cherenkov detector about a track, as an image of hits or as likelihood
/// differences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CherenkovDescription {
    pub radiator_length_mm: f64,
    pub focal_length_mm: f64,
    /// A and λ₀ of n − 1 = A / (λ₀⁻² − λ⁻²).
    pub sellmeier_amplitude_per_nm2: f64,
    pub sellmeier_resonance_nm: f64,
    /// Probability that a photon of an energy is detected, linear between the points.
    pub photon_energies_ev: Vec<f64>,
    pub detection_efficiencies: Vec<f64>,
    /// Standard deviation of a photon's direction in each of x and y, from the emission point and
    /// the alignment.
    pub direction_smearing_mrad: f64,
    /// Pixels about the track; those of the image, where the detector reads out an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pixels: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pixel_size_mm: Option<f64>,
    /// Mean number of other tracks that cross the radiator, for each of `nTracks`.
    pub background_tracks_per_track: f64,
    /// `nTracks` is drawn from a gamma distribution with this mean and shape, and then kept in its
    /// range. Without them it is uniform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracks_mean: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracks_shape: Option<f64>,
    /// The likelihood is taken over pixels within this distance of the track, and the background
    /// from those beyond the other one.
    pub likelihood_radius_mm: f64,
    pub background_radius_mm: f64,
    /// Part of the events whose track is of another species than their condition says. Their weights
    /// are then sWeights, which take them off again.
    #[serde(default)]
    pub sweight_background_fraction: f64,
}

/// Point sources and diffuse emission through two beams.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RadioSkyDescription {
    /// Mean number of point sources on the map.
    pub point_sources: f64,
    /// Their fluxes follow dN/dS ∝ S^−`flux_power` in this range.
    pub flux_range_mjy: [f64; 2],
    pub flux_power: f64,
    /// Mean number of diffuse sources on the map, each a Gaussian of a flux and a width that are
    /// uniform in their logarithms.
    pub diffuse_sources: f64,
    pub diffuse_flux_range_mjy: [f64; 2],
    pub diffuse_width_range_pixels: [f64; 2],
    /// Full widths at half maximum of the two beams, and standard deviations of the noise of a
    /// pixel.
    pub high_resolution_beam_pixels: f64,
    pub low_resolution_beam_pixels: f64,
    pub high_resolution_noise_mjy_per_beam: f64,
    pub low_resolution_noise_mjy_per_beam: f64,
}

fn half() -> f64 {
    0.5
}

fn many_spots() -> u32 {
    50_000
}

fn one() -> f64 {
    1.0
}

fn once() -> usize {
    1
}

fn yes() -> bool {
    true
}
