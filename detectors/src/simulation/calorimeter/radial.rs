//! The radial profile of an electromagnetic shower.

use super::medium::Medium;

/// Radii of the core and the tail, and the part of the energy that is in the core:
/// f(r) = p · 2rR_C²/(r² + R_C²)² + (1 − p) · 2rR_T²/(r² + R_T²)².
///
/// Half of a component's energy is within its R, and r = R √(u / (1 − u)) draws from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RadialProfile {
    /// In Molière radii.
    pub core_radius: f64,
    pub tail_radius: f64,
    pub core_part: f64,
}

impl RadialProfile {
    /// Average profile at depth τ = t/T (Grindhammer and Peters, hep-ex/0001020, sections 3.1.2 and
    /// 3.2.2 and appendix A), E in GeV:
    ///
    /// R_C = z₁ + z₂τ, R_T = k₁ (e^(k₃(τ−k₂)) + e^(k₄(τ−k₂))), p = p₁ e^((p₂−τ)/p₃ − e^((p₂−τ)/p₃));
    ///
    /// sampling calorimeters: R_C − 0.0203 (1 − ê) + 0.0397 F_S⁻¹ e^(−τ),
    /// R_T − 0.14 (1 − ê) − 0.495 F_S⁻¹ e^(−τ),
    /// p + (1 − ê)(0.348 − 0.642 F_S⁻¹ e^(−(τ−1)²)).
    pub fn at(medium: &Medium, energy_mev: f64, tau: f64) -> Self {
        // Far behind the maximum the fits, and k₄ above all, no longer hold.
        let tau = tau.clamp(0.0, 3.0);
        let log_energy = libm::log(1e-3 * energy_mev);
        let z = medium.atomic_number;
        let mut core = 0.0251 + 0.00319 * log_energy + (0.1162 - 0.000_381 * z) * tau;
        let k2 = 0.645;
        let mut tail = (0.659 - 0.00309 * z)
            * (libm::exp(-2.59 * (tau - k2))
                + libm::exp((0.3585 + 0.0421 * log_energy) * (tau - k2)));
        let p3 = 1.313 - 0.0686 * log_energy;
        let exponent = (0.401 + 0.00187 * z - tau) / p3;
        let mut part = (2.632 - 0.00094 * z) * libm::exp(exponent - libm::exp(exponent));
        let per_layer = medium.sampling_layer_x0;
        if per_layer > 0.0 {
            let missing = medium.one_minus_e_over_mip;
            let from_start = libm::exp(-tau);
            let from_maximum = libm::exp(-(tau - 1.0) * (tau - 1.0));
            core += -0.0203 * missing + 0.0397 * per_layer * from_start;
            tail += -0.14 * missing - 0.495 * per_layer * from_start;
            part += missing * (0.348 - 0.642 * per_layer * from_maximum);
        }
        let core_radius = core.max(0.01) * medium.core_radius_scale;
        Self {
            core_radius,
            tail_radius: (tail.max(0.05) * medium.tail_radius_scale).max(core_radius),
            core_part: part.clamp(0.0, 1.0),
        }
    }
}
