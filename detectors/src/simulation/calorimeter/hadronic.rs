//! Showers of charged pions.

use super::deposits::Deposits;
use super::electromagnetic::Start;
use super::medium::Medium;
use crate::simulation::description::HadronicDescription;
use crate::simulation::incomplete_gamma::IncompleteGamma;
use crate::simulation::random::Random;

/// The energy of neutral pions is split into photons of about this much, but into no more than so
/// many.
const PHOTON_ENERGY_MEV: f64 = 700.0;
const MOST_PHOTONS: u64 = 12;
const PION_MASS_MEV: f64 = 139.57;
/// A track's deposit in a step comes in this many spots, with exponential energies.
const TRACK_SPOTS: u32 = 3;
const TRACK_RADIUS_MM: f64 = 1.0;
/// Mean distance, in interaction lengths, to the later interactions.
const LATER_INTERACTIONS: f64 = 0.7;
/// Spread of the photons of neutral pions about the axis.
const PHOTON_SPREAD_INTERACTION_LENGTHS: f64 = 0.12;

/// The first interaction: depth in interaction lengths along the line, and point across it.
#[derive(Debug, Clone, Copy)]
struct Vertex {
    interaction: f64,
    axis_mm: [f64; 2],
}

/// Multiple scattering of the incident pion: after z mm and t radiation lengths it is off the line
/// by a normal number of width z/√3 · 13.6 MeV/(pβ) · √t in each direction (PDG, Passage of
/// particles through matter, section 34.3).
#[derive(Debug, Clone, Copy)]
struct Scattering {
    /// The two normal numbers times 13.6 MeV / (pβ) / √3.
    directions: [f64; 2],
}

impl Scattering {
    fn draw(kinetic_energy_mev: f64, random: &mut Random) -> Self {
        let energy = kinetic_energy_mev + PION_MASS_MEV;
        let momentum_beta = (energy * energy - PION_MASS_MEV * PION_MASS_MEV) / energy;
        let width = 13.6 / momentum_beta / 3.0_f64.sqrt();
        Self { directions: [width * random.normal(), width * random.normal()] }
    }

    fn position_mm(&self, z_mm: f64, t_x0: f64) -> [f64; 2] {
        self.directions.map(|direction| direction * z_mm * t_x0.sqrt())
    }
}

/// Mean interaction length of the medium.
fn length_mm(medium: &Medium) -> f64 {
    let last = &medium.steps[medium.steps.len() - 1];
    last.depth_mm[1] / last.depth_interaction_lengths[1]
}

/// Checked settings of the hadronic part.
#[derive(Debug, Clone)]
pub(super) struct Hadronic {
    settings: HadronicDescription,
}

impl Hadronic {
    pub fn new(medium: &Medium, settings: &HadronicDescription) -> Result<Self, String> {
        let HadronicDescription {
            electromagnetic_scale_energy_mev,
            electromagnetic_power,
            hadron_to_electron_response,
            visible_fraction_spread_sqrt_gev,
            ionisation_mev_per_interaction_length,
            ionisation_to_electron_response,
            profile_shape_scale,
            profile_slope_scale,
            spot_energy_mev,
            radius_interaction_lengths,
            radius_growth,
        } = *settings;
        let positive = [
            ("electromagnetic_scale_energy_mev", electromagnetic_scale_energy_mev),
            ("electromagnetic_power", electromagnetic_power),
            ("hadron_to_electron_response", hadron_to_electron_response),
            ("visible_fraction_spread_sqrt_gev", visible_fraction_spread_sqrt_gev),
            ("ionisation_mev_per_interaction_length", ionisation_mev_per_interaction_length),
            ("ionisation_to_electron_response", ionisation_to_electron_response),
            ("profile_shape_scale", profile_shape_scale),
            ("profile_slope_scale", profile_slope_scale),
            ("spot_energy_mev", spot_energy_mev),
            ("radius_interaction_lengths", radius_interaction_lengths),
        ];
        for (key, value) in positive {
            if !(value.is_finite() && value > 0.0) {
                return Err(format!(
                    "`simulation.hadronic.{key}` is {value}, expected a positive number"
                ));
            }
        }
        if electromagnetic_power >= 1.0 {
            return Err("`simulation.hadronic.electromagnetic_power` must be below 1".to_owned());
        }
        if !(radius_growth.is_finite() && radius_growth >= 0.0) {
            return Err("`simulation.hadronic.radius_growth` must be at least 0".to_owned());
        }
        let empty = |[from, to]: [f64; 2]| from >= to;
        if medium.steps.iter().any(|step| empty(step.depth_interaction_lengths)) {
            return Err("every `[[simulation.medium.slab]]` of a hadronic shower needs \
                        `thickness_interaction_lengths`"
                .to_owned());
        }
        Ok(Self { settings: settings.clone() })
    }

    /// A charged pion: it ionises until it stops or interacts, at a depth that is exponential with
    /// one interaction length; then its energy is shared by an electromagnetic and a hadronic
    /// component.
    pub fn pion(
        &self,
        medium: &Medium,
        energy_mev: f64,
        deposits: &mut Deposits<'_>,
        random: &mut Random,
    ) {
        let range = self.range(energy_mev);
        let interaction = random.exponential();
        let scattering = Scattering::draw(energy_mev, random);
        self.track(medium, energy_mev, interaction.min(range), scattering, deposits, random);
        if interaction >= range {
            return;
        }
        let energy_mev = self.energy_after(energy_mev, interaction);
        let path = deposits.line.path_per_depth;
        let depth = interaction / path;
        let axis_mm = medium
            .at_interaction_lengths(depth)
            .map_or([0.0, 0.0], |[mm, x0]| scattering.position_mm(mm * path, x0 * path));
        let vertex = Vertex { interaction, axis_mm };
        let mean = self.electromagnetic_fraction(energy_mev);
        let mesons = 1.0 + 2.0 * libm::log(1.0 + 1e-3 * energy_mev);
        let fraction = if mean > 0.0 { random.beta(mean, mesons) } else { 0.0 };
        self.neutral_pions(medium, fraction * energy_mev, vertex, deposits, random);
        self.hadrons(medium, (1.0 - fraction) * energy_mev, vertex, deposits, random);
    }

    /// ⟨f_em⟩ = 1 − (E/E₀)^(k−1), 0 below E₀ (Gabriel, Groom et al., Nucl. Instr. Meth. A 338 (1994)
    /// 336).
    fn electromagnetic_fraction(&self, energy_mev: f64) -> f64 {
        let ratio = energy_mev / self.settings.electromagnetic_scale_energy_mev;
        if ratio <= 1.0 {
            return 0.0;
        }
        1.0 - libm::pow(ratio, self.settings.electromagnetic_power - 1.0)
    }

    /// Range in interaction lengths. With the energy loss k/β² per interaction length it is
    /// (1/k) ∫ β² dT = T²/(T + m) / k, T being the kinetic energy.
    fn range(&self, energy_mev: f64) -> f64 {
        energy_mev * energy_mev
            / (energy_mev + PION_MASS_MEV)
            / self.settings.ionisation_mev_per_interaction_length
    }

    /// Kinetic energy after a path in interaction lengths: T of the range that is left.
    fn energy_after(&self, energy_mev: f64, path: f64) -> f64 {
        let left = (self.range(energy_mev) - path).max(0.0)
            * self.settings.ionisation_mev_per_interaction_length;
        0.5 * (left + (left * left + 4.0 * left * PION_MASS_MEV).sqrt())
    }

    fn track(
        &self,
        medium: &Medium,
        energy_mev: f64,
        length: f64,
        scattering: Scattering,
        deposits: &mut Deposits<'_>,
        random: &mut Random,
    ) {
        let path = deposits.line.path_per_depth;
        for step in &medium.steps {
            let [from, to] = step.depth_interaction_lengths.map(|depth| depth * path);
            if from >= length {
                break;
            }
            if step.layer.is_none() {
                continue;
            }
            let lost =
                self.energy_after(energy_mev, from) - self.energy_after(energy_mev, to.min(length));
            let deposited = lost * self.settings.ionisation_to_electron_response;
            let spot = deposited * step.response / f64::from(TRACK_SPOTS);
            let axis_mm = scattering.position_mm(step.depth_mm[1] * path, step.depth_x0[1] * path);
            for _ in 0..TRACK_SPOTS {
                let energy = spot * random.exponential();
                deposits.spot(step, energy, TRACK_RADIUS_MM, axis_mm, random);
            }
        }
    }

    /// Photons of neutral pions, half from the first interaction and half from later ones.
    fn neutral_pions(
        &self,
        medium: &Medium,
        energy_mev: f64,
        vertex: Vertex,
        deposits: &mut Deposits<'_>,
        random: &mut Random,
    ) {
        if energy_mev <= 0.0 {
            return;
        }
        let photons = (1 + random.poisson(energy_mev / PHOTON_ENERGY_MEV)).min(MOST_PHOTONS);
        let parts: Vec<f64> = (0..photons).map(|_| random.exponential()).collect();
        let sum: f64 = parts.iter().sum();
        let path = deposits.line.path_per_depth;
        for part in parts {
            let later = if random.uniform() < 0.5 {
                0.0
            } else {
                LATER_INTERACTIONS * random.exponential()
            };
            let depth = (vertex.interaction + later) / path;
            let Some([_, x0]) = medium.at_interaction_lengths(depth) else { continue };
            let depth_x0 = x0 * path;
            let spread = PHOTON_SPREAD_INTERACTION_LENGTHS * (0.2 + later) * length_mm(medium);
            let axis_mm = vertex.axis_mm.map(|middle| middle + random.normal() * spread);
            let start = Start { depth_x0, axis_mm };
            medium.photon(part / sum * energy_mev, start, deposits, random);
        }
    }

    /// The hadronic component: a gamma distribution in interaction lengths from the first
    /// interaction with the shape 0.6165 + 0.3193 ln E and the slope 0.9099 − 0.0237 ln E of Bock,
    /// Hansl-Kozanecka and Shah (Nucl. Instr. Meth. 186 (1981) 533), E in GeV.
    fn hadrons(
        &self,
        medium: &Medium,
        energy_mev: f64,
        vertex: Vertex,
        deposits: &mut Deposits<'_>,
        random: &mut Random,
    ) {
        let log_energy = libm::log((1e-3 * energy_mev).max(0.1));
        let shape = (0.6165 + 0.3193 * log_energy).max(0.5) * self.settings.profile_shape_scale;
        let slope = (0.9099 - 0.0237 * log_energy).max(0.3) * self.settings.profile_slope_scale;
        let integral = IncompleteGamma::new(shape);
        let visible = energy_mev * self.visible_fraction(energy_mev, random);
        let spot = self.settings.spot_energy_mev.max(visible / medium.most_spots);
        let path = deposits.line.path_per_depth;
        let mut before = 0.0;
        for step in &medium.steps {
            let [_, to] =
                step.depth_interaction_lengths.map(|depth| depth * path - vertex.interaction);
            if to <= 0.0 {
                continue;
            }
            let after = integral.lower(slope * to);
            let energy_in_step = visible * (after - before).max(0.0);
            before = after;
            if step.layer.is_none() {
                continue;
            }
            let spot = spot / step.response;
            let radius_mm =
                self.settings.radius_interaction_lengths + self.settings.radius_growth * to;
            let radius_mm = radius_mm * length_mm(medium);
            for _ in 0..random.poisson(energy_in_step / spot) {
                let energy = spot * step.response * random.exponential();
                deposits.spot(step, energy, radius_mm, vertex.axis_mm, random);
            }
        }
    }

    /// A gamma number with mean h/e.
    fn visible_fraction(&self, energy_mev: f64, random: &mut Random) -> f64 {
        let spread = self.settings.visible_fraction_spread_sqrt_gev;
        let variance = spread * spread / (1e-3 * energy_mev).max(1.0);
        let shape = 1.0 / variance;
        self.settings.hadron_to_electron_response * random.gamma(shape) / shape
    }
}
