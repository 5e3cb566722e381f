//! Showers of electrons and photons.

use super::deposits::Deposits;
use super::longitudinal::Profile;
use super::medium::Medium;
use super::radial::RadialProfile;
use crate::simulation::random::Random;

/// A photon converts after 9/7 radiation lengths on average (Rossi, High-Energy Particles, 1952).
const CONVERSION_LENGTH_X0: f64 = 9.0 / 7.0;

/// A shower's start: depth along the line, and point across it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Start {
    pub depth_x0: f64,
    pub axis_mm: [f64; 2],
}

impl Start {
    pub const FRONT: Self = Self { depth_x0: 0.0, axis_mm: [0.0, 0.0] };
}

impl Medium {
    /// An electron's shower. The energy in a step fluctuates by the sampling as a gamma number of
    /// variance a² E, and is shared by a Poisson number of spots.
    pub fn electron(
        &self,
        energy_mev: f64,
        start: Start,
        deposits: &mut Deposits<'_>,
        random: &mut Random,
    ) {
        let profile = Profile::draw(self, energy_mev, random);
        let path = deposits.line.path_per_depth;
        let t = |depth_x0: f64| depth_x0 * path - start.depth_x0;
        let mut before = 0.0;
        for step in &self.steps {
            let [from, to] = step.depth_x0;
            if t(to) <= 0.0 {
                continue;
            }
            let after = profile.deposited_before(t(to));
            let energy_in_step = energy_mev * (after - before).max(0.0);
            before = after;
            if step.layer.is_none() {
                continue;
            }
            if energy_in_step <= 0.0 {
                continue;
            }
            let sampled =
                step.sampling_energy_mev * random.gamma(energy_in_step / step.sampling_energy_mev);
            let tau = 0.5 * (t(from).max(0.0) + t(to)) / profile.maximum_x0;
            let radial = RadialProfile::at(self, energy_mev, tau);
            let spot = step.spot_energy_mev.max(energy_mev / self.most_spots);
            let spots = 1 + random.poisson(sampled / spot);
            let radius_mm = |random: &mut Random| {
                let in_core = random.uniform() < radial.core_part;
                let radius = if in_core { radial.core_radius } else { radial.tail_radius };
                radius * step.moliere_radius_mm
            };
            deposits.share(step, sampled, spots, start.axis_mm, radius_mm, random);
        }
    }

    /// A photon's shower: those of the two electrons of a pair, which share its energy evenly on
    /// average, after a depth that is exponential with 9/7 X₀.
    pub fn photon(
        &self,
        energy_mev: f64,
        start: Start,
        deposits: &mut Deposits<'_>,
        random: &mut Random,
    ) {
        let depth_x0 = start.depth_x0 + CONVERSION_LENGTH_X0 * random.exponential();
        let part = random.uniform();
        for part in [part, 1.0 - part] {
            let start = Start { depth_x0, ..start };
            self.electron(part * energy_mev, start, deposits, random);
        }
    }
}
