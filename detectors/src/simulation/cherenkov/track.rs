//! A track in the radiator, and the directions of its photons.

use super::radiator::Radiator;
use crate::simulation::random::Random;

/// The long-lived charged particles, with their masses in MeV (PDG).
const MASSES_MEV: [(&str, f64); 5] = [
    ("electron", 0.510_998_95),
    ("muon", 105.658_375_5),
    ("pion", 139.570_39),
    ("kaon", 493.677),
    ("proton", 938.272_088),
];

pub(super) fn mass_mev(species: &str) -> Option<f64> {
    MASSES_MEV.iter().find(|(name, _)| *name == species).map(|(_, mass)| *mass)
}

/// 1 − β = m² / (E (E + p)).
pub(super) fn velocity_gap(momentum_mev: f64, mass_mev: f64) -> f64 {
    let energy = (momentum_mev * momentum_mev + mass_mev * mass_mev).sqrt();
    mass_mev * mass_mev / (energy * (energy + momentum_mev))
}

/// A direction with two others that are at right angles to it and to each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    pub along: [f64; 3],
    across: [[f64; 3]; 2],
}

impl Frame {
    /// sin θ = 1 / cosh η, cos θ = tanh η.
    pub fn new(pseudorapidity: f64, azimuth_rad: f64) -> Self {
        let growth = libm::exp(pseudorapidity);
        let cosh = 0.5 * (growth + 1.0 / growth);
        let (sine, cosine) = (1.0 / cosh, 0.5 * (growth - 1.0 / growth) / cosh);
        let (sin, cos) = libm::sincos(azimuth_rad);
        Self {
            along: [sine * cos, sine * sin, cosine],
            across: [[cosine * cos, cosine * sin, -sine], [-sin, cos, 0.0]],
        }
    }

    /// The same frame, seen from another one.
    pub fn seen_from(&self, other: &Self) -> Self {
        let seen =
            |v: [f64; 3]| [dot(v, other.across[0]), dot(v, other.across[1]), dot(v, other.along)];
        Self { along: seen(self.along), across: self.across.map(seen) }
    }
}

pub(super) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Calls `detected` with the slopes x/z and y/z of each detected photon, in the frame that `track` is
/// seen from.
pub(super) fn photons(
    radiator: &Radiator,
    track: &Frame,
    path_mm: f64,
    velocity_gap: f64,
    smearing_rad: f64,
    random: &mut Random,
    mut detected: impl FnMut(f64, f64),
) {
    let emission = radiator.emission(velocity_gap);
    for _ in 0..random.poisson(emission.mean_photons(path_mm)) {
        let sine_squared = emission.draw_sine_squared(random);
        let (sine, cosine) = (sine_squared.sqrt(), (1.0 - sine_squared).sqrt());
        let (sin, cos) = libm::sincos(std::f64::consts::TAU * random.uniform());
        let [x, y, z] = [0, 1, 2].map(|k| {
            cosine * track.along[k] + sine * (cos * track.across[0][k] + sin * track.across[1][k])
        });
        if z > 0.1 {
            let (dx, dy) = (random.normal(), random.normal());
            detected(x / z + smearing_rad * dx, y / z + smearing_rad * dy);
        }
    }
}
