//! How many photons a track emits and at which angles.

use crate::simulation::description::CherenkovDescription;
use crate::simulation::random::Random;

/// α / (ħc), photons per eV and mm (PDG, Passage of particles through matter, eq. 34.44: 370 per eV
/// and cm).
const PHOTONS_PER_EV_MM: f64 = 36.981;
/// hc in eV nm.
const HC_EV_NM: f64 = 1_239.841_984;
/// Points of the photon spectrum.
const POINTS: usize = 44;

/// A gas with dispersion, and the detectors behind it.
#[derive(Debug, Clone)]
pub(super) struct Radiator {
    pub length_mm: f64,
    /// n − 1 at equal steps of the photon energy.
    refraction: Vec<f64>,
    /// Detection efficiency at each, times the step in eV.
    weights: Vec<f64>,
}

/// Detected photons of a track of one velocity.
#[derive(Debug, Clone)]
pub(super) struct Emission {
    /// sin²θ_c at each point; 0 below the threshold.
    sines_squared: Vec<f64>,
    /// Running sum of efficiency · sin²θ_c · dE.
    cumulative: Vec<f64>,
    photons_per_mm: f64,
}

impl Radiator {
    pub fn new(description: &CherenkovDescription) -> Result<Self, String> {
        let positive = [
            ("radiator_length_mm", description.radiator_length_mm),
            ("sellmeier_amplitude_per_nm2", description.sellmeier_amplitude_per_nm2),
            ("sellmeier_resonance_nm", description.sellmeier_resonance_nm),
        ];
        for (key, value) in positive {
            if !(value.is_finite() && value > 0.0) {
                return Err(format!("`simulation.{key}` is {value}, expected a positive number"));
            }
        }
        let energies = &description.photon_energies_ev;
        let efficiencies = &description.detection_efficiencies;
        let resonance_ev = HC_EV_NM / description.sellmeier_resonance_nm;
        let rising = energies.windows(2).all(|pair| pair[0] < pair[1]);
        if energies.len() < 2
            || energies.len() != efficiencies.len()
            || !rising
            || !energies.iter().all(|energy| *energy > 0.0 && *energy < resonance_ev)
            || !efficiencies.iter().all(|efficiency| (0.0..=1.0).contains(efficiency))
        {
            return Err(format!(
                "`simulation.photon_energies_ev` and `simulation.detection_efficiencies` need equally \
                 many numbers, at least 2: rising energies above 0 and below the resonance at \
                 {resonance_ev:.2} eV, and efficiencies from 0 to 1"
            ));
        }
        let (first, last) = (energies[0], energies[energies.len() - 1]);
        let step = (last - first) / (POINTS - 1) as f64;
        let points = || (0..POINTS).map(|k| first + k as f64 * step);
        Ok(Self {
            length_mm: description.radiator_length_mm,
            refraction: points().map(|energy| refraction(description, energy)).collect(),
            weights: points().map(|e| step * interpolate(energies, efficiencies, e)).collect(),
        })
    }

    /// Frank and Tamm: d²N/dx dE = α/(ħc) sin²θ_c with cos θ_c = 1/(βn)
    /// (C. R. Acad. Sci. URSS 14 (1937) 109), times the detection efficiency.
    ///
    /// `gap` is 1 − β: 1 − 1/(βn) loses no digits for it.
    pub fn emission(&self, gap: f64) -> Emission {
        let beta = 1.0 - gap;
        let sines_squared: Vec<f64> = self
            .refraction
            .iter()
            .map(|excess| {
                let beta_n = beta * (1.0 + excess);
                (1.0 - 1.0 / (beta_n * beta_n)).max(0.0)
            })
            .collect();
        let mut sum = 0.0;
        let cumulative: Vec<f64> = sines_squared
            .iter()
            .zip(&self.weights)
            .map(|(sine_squared, weight)| {
                sum += sine_squared * weight;
                sum
            })
            .collect();
        Emission { sines_squared, cumulative, photons_per_mm: PHOTONS_PER_EV_MM * sum }
    }
}

impl Emission {
    /// Mean number of detected photons on a path.
    pub fn mean_photons(&self, path_mm: f64) -> f64 {
        self.photons_per_mm * path_mm
    }

    /// sin²θ_c of one detected photon.
    pub fn draw_sine_squared(&self, random: &mut Random) -> f64 {
        let total = self.cumulative[POINTS - 1];
        let wanted = random.uniform() * total;
        let point = self.cumulative.partition_point(|sum| *sum <= wanted).min(POINTS - 1);
        // Between this point and its neighbours, so that the angles have no steps.
        let here = self.sines_squared[point];
        let aside = random.uniform() - 0.5;
        let neighbour =
            if aside < 0.0 { point.saturating_sub(1) } else { (point + 1).min(POINTS - 1) };
        here + aside.abs() * (self.sines_squared[neighbour] - here)
    }

    /// Mean and variance over the detected photons of f(sin²θ_c).
    pub fn mean_and_variance(&self, f: impl Fn(f64) -> f64) -> [f64; 2] {
        let (mut sums, mut before) = ([0.0; 3], 0.0);
        for (sine_squared, cumulative) in self.sines_squared.iter().zip(&self.cumulative) {
            let weight = cumulative - before;
            before = *cumulative;
            if weight > 0.0 {
                let value = f(*sine_squared);
                sums[0] += weight;
                sums[1] += weight * value;
                sums[2] += weight * value * value;
            }
        }
        let mean = sums[1] / sums[0];
        [mean, (sums[2] / sums[0] - mean * mean).max(0.0)]
    }
}

/// n − 1 = A / (λ₀⁻² − λ⁻²): a Sellmeier formula of one term.
fn refraction(description: &CherenkovDescription, photon_energy_ev: f64) -> f64 {
    let resonance = 1.0 / description.sellmeier_resonance_nm;
    let wave_number = photon_energy_ev / HC_EV_NM;
    description.sellmeier_amplitude_per_nm2 / (resonance * resonance - wave_number * wave_number)
}

fn interpolate(x: &[f64], y: &[f64], at: f64) -> f64 {
    let next = x.partition_point(|x| *x <= at).clamp(1, x.len() - 1);
    let part = ((at - x[next - 1]) / (x[next] - x[next - 1])).clamp(0.0, 1.0);
    y[next - 1] + part * (y[next] - y[next - 1])
}

#[cfg(test)]
mod tests {
    use super::super::track::velocity_gap;
    use super::*;
    use crate::simulation::description::SimulationDescription;
    use crate::simulation::random::Purpose;

    const KAON_MEV: f64 = 493.677;

    fn description() -> CherenkovDescription {
        let detector = crate::builtin("rich-pid").expect("built in");
        match detector.simulation() {
            Some(SimulationDescription::CherenkovRings(description)) => description.clone(),
            other => unreachable!("`rich-pid` has Cherenkov rings, not {other:?}"),
        }
    }

    #[test]
    fn the_index_at_400_nm() {
        // 2.5324e-7 / (73.7⁻² − 400⁻²).
        let at = refraction(&description(), HC_EV_NM / 400.0);
        approx::assert_relative_eq!(at, 1.4238e-3, max_relative = 1e-4);
    }

    #[test]
    fn emission_starts_at_the_threshold_momentum() {
        let radiator = Radiator::new(&description()).expect("valid");
        // The last point has no efficiency.
        let greatest = 1.0 + radiator.refraction[POINTS - 2];
        let threshold_mev = KAON_MEV / (greatest * greatest - 1.0).sqrt();
        assert!((8_700.0..9_400.0).contains(&threshold_mev), "{threshold_mev}");
        let photons = |momentum_mev: f64| {
            radiator.emission(velocity_gap(momentum_mev, KAON_MEV)).mean_photons(850.0)
        };
        assert_eq!(photons(0.9999 * threshold_mev), 0.0);
        assert!(photons(1.001 * threshold_mev) > 0.0);
    }

    #[test]
    fn photons_agree_with_a_fine_integral_of_frank_and_tamm() {
        let description = description();
        let radiator = Radiator::new(&description).expect("valid");
        for momentum_mev in [12_000.0, 20_000.0, 90_000.0] {
            let gap = velocity_gap(momentum_mev, KAON_MEV);
            let steps = 100_000;
            let step = (6.2 - 1.9) / f64::from(steps);
            let integral: f64 = (0..steps)
                .map(|k| {
                    let energy = 1.9 + (f64::from(k) + 0.5) * step;
                    let beta_n = (1.0 - gap) * (1.0 + refraction(&description, energy));
                    let energies = &description.photon_energies_ev;
                    let efficiency =
                        interpolate(energies, &description.detection_efficiencies, energy);
                    efficiency * (1.0 - 1.0 / (beta_n * beta_n)).max(0.0) * step
                })
                .sum();
            approx::assert_relative_eq!(
                radiator.emission(gap).mean_photons(850.0),
                PHOTONS_PER_EV_MM * 850.0 * integral,
                max_relative = 5e-3
            );
        }
    }

    #[test]
    fn drawn_angles_have_the_mean_of_the_spectrum() {
        let radiator = Radiator::new(&description()).expect("valid");
        let emission = radiator.emission(velocity_gap(20_000.0, KAON_MEV));
        let [mean, variance] = emission.mean_and_variance(|sine_squared| sine_squared);
        let mut random = Random::new(1, Purpose::Event, 0);
        let n = 50_000;
        let drawn: f64 =
            (0..n).map(|_| emission.draw_sine_squared(&mut random)).sum::<f64>() / f64::from(n);
        // Between the points the draw is linear, which moves the mean by a little more than chance.
        let error = (variance / f64::from(n)).sqrt();
        assert!((drawn - mean).abs() < 4.5 * error + 2e-3 * mean, "{drawn}, {mean}");
    }
}
