//! The longitudinal profile of an electromagnetic shower and how it fluctuates.

use super::medium::Medium;
use crate::simulation::incomplete_gamma::IncompleteGamma;
use crate::simulation::random::Random;

const LEAST_MAXIMUM_X0: f64 = 0.3;
const LEAST_SHAPE: f64 = 1.1;

/// The profile of one shower, in radiation lengths t from its start:
/// (1/E) dE/dt = (βt)^(α−1) β e^(−βt) / Γ(α), with its maximum at T = (α − 1)/β
/// (Longo and Sestili, Nucl. Instr. Meth. 128 (1975) 283).
#[derive(Debug, Clone, Copy)]
pub(super) struct Profile {
    pub maximum_x0: f64,
    beta: f64,
    integral: IncompleteGamma,
}

impl Profile {
    /// Draws the profile of one shower of an electron (Grindhammer and Peters, hep-ex/0001020,
    /// sections 3.1 and 3.2 and appendix A). With y = E/E_c, a homogeneous medium has
    ///
    /// ⟨ln T⟩ = ln(ln y − 0.812), ⟨ln α⟩ = ln(0.81 + (0.458 + 2.26/Z) ln y),
    /// σ(ln T) = 1/(−1.4 + 1.26 ln y), σ(ln α) = 1/(−0.58 + 0.86 ln y),
    /// ρ = 0.705 − 0.023 ln y;
    ///
    /// a sampling calorimeter has
    ///
    /// e^⟨ln T⟩ − 0.55 F_S⁻¹ − 0.69 (1 − ê), e^⟨ln α⟩ − 0.476 F_S⁻¹,
    /// σ(ln T) = 1/(−2.5 + 1.25 ln y), σ(ln α) = 1/(−0.82 + 0.79 ln y),
    /// ρ = 0.784 − 0.023 ln y.
    pub fn draw(medium: &Medium, energy_mev: f64, random: &mut Random) -> Self {
        let log_y = libm::log(energy_mev / medium.critical_energy_mev).max(0.0);
        let per_layer = medium.sampling_layer_x0;
        let sampling = per_layer > 0.0;
        let maximum = log_y
            - 0.812
            - 0.55 * per_layer
            - if sampling { 0.69 * medium.one_minus_e_over_mip } else { 0.0 }
            + medium.maximum_shift_x0;
        let shape = (0.81 + (0.458 + 2.26 / medium.atomic_number) * log_y - 0.476 * per_layer)
            * medium.profile_shape_scale;
        let greatest = medium.greatest_profile_spread;
        let spread = |inverse: f64| if inverse * greatest > 1.0 { 1.0 / inverse } else { greatest };
        let (maximum_spread, shape_spread, correlation) = if sampling {
            (spread(-2.5 + 1.25 * log_y), spread(-0.82 + 0.79 * log_y), 0.784 - 0.023 * log_y)
        } else {
            (spread(-1.4 + 1.26 * log_y), spread(-0.58 + 0.86 * log_y), 0.705 - 0.023 * log_y)
        };
        let correlation = correlation.clamp(0.0, 1.0);
        let (one, other) = (random.normal(), random.normal());
        let (with, against) =
            ((0.5 * (1.0 + correlation)).sqrt() * one, (0.5 * (1.0 - correlation)).sqrt() * other);
        let fluctuate = |mean: f64, spread: f64, normal: f64| mean * libm::exp(spread * normal);
        let maximum_x0 = fluctuate(maximum.max(LEAST_MAXIMUM_X0), maximum_spread, with + against);
        let shape = fluctuate(shape.max(LEAST_SHAPE), shape_spread, with - against);
        Self::new(maximum_x0, shape.max(LEAST_SHAPE))
    }

    fn new(maximum_x0: f64, shape: f64) -> Self {
        let beta = (shape - 1.0) / maximum_x0;
        Self { maximum_x0, beta, integral: IncompleteGamma::new(shape) }
    }

    /// Part of the energy that is deposited before t.
    pub fn deposited_before(&self, t_x0: f64) -> f64 {
        self.integral.lower(self.beta * t_x0)
    }
}
