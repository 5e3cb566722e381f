//! The checked material along the axis, in thin steps.

use crate::Detector;
use crate::simulation::description::{MediumDescription, SlabDescription};

/// A step is no thicker than this, so that the profiles change little in it.
const THICKEST_STEP_X0: f64 = 1.0;
const THICKEST_STEP_INTERACTION_LENGTHS: f64 = 0.25;
/// No detector has more.
const MOST_SLABS: usize = 10_000;

/// A mixture that counts as one material, and its slabs in steps.
#[derive(Debug, Clone)]
pub(super) struct Medium {
    pub atomic_number: f64,
    pub critical_energy_mev: f64,
    /// F_S⁻¹: thickness of one sampling layer in radiation lengths.
    pub sampling_layer_x0: f64,
    /// 1 − ê, with ê = 1 / (1 + 0.007 (Z_absorber − Z_sensor)), the ratio of the responses to
    /// electrons and to minimum ionising particles (hep-ex/0001020, section 3.2).
    pub one_minus_e_over_mip: f64,
    pub maximum_shift_x0: f64,
    pub profile_shape_scale: f64,
    pub greatest_profile_spread: f64,
    pub core_radius_scale: f64,
    pub tail_radius_scale: f64,
    pub most_spots: f64,
    /// From the front to the back, without gaps.
    pub steps: Vec<Step>,
}

/// A part of a slab.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Number of the detector's layer; `None` in dead material.
    pub layer: Option<usize>,
    /// Depths of front and back along the normal.
    pub depth_mm: [f64; 2],
    pub depth_x0: [f64; 2],
    pub depth_interaction_lengths: [f64; 2],
    pub moliere_radius_mm: f64,
    pub response: f64,
    /// a²: variance of an electromagnetic deposit in units of its mean, before the response.
    pub sampling_energy_mev: f64,
    /// Mean energy of an electromagnetic spot, before the response.
    pub spot_energy_mev: f64,
}

impl Medium {
    pub fn new(detector: &Detector, description: &MediumDescription) -> Result<Self, String> {
        let positive = |key: &str, value: f64| {
            if value.is_finite() && value > 0.0 {
                Ok(value)
            } else {
                Err(format!("`simulation.medium.{key}` is {value}, expected a positive number"))
            }
        };
        let absorber = positive("absorber_atomic_number", description.absorber_atomic_number)?;
        let sensor = positive("sensor_atomic_number", description.sensor_atomic_number)?;
        if !(0.0..=3.0).contains(&description.sampling_layer_x0) {
            return Err(format!(
                "`simulation.medium.sampling_layer_x0` is {}, expected 0 to 3",
                description.sampling_layer_x0
            ));
        }
        let moliere = positive("moliere_radius_mm", description.moliere_radius_mm)?;
        let sampling = positive("sampling_term_sqrt_gev", description.sampling_term_sqrt_gev)?;
        if let Some(energy) = description.spot_energy_mev {
            positive("spot_energy_mev", energy)?;
        }
        let steps = steps(description, moliere, sampling)?;
        let found = steps.iter().filter_map(|step| step.layer).max().map_or(0, |last| last + 1);
        let expected = detector.layers().len();
        if found != expected {
            return Err(format!(
                "`[[simulation.medium.slab]]` has {found} slabs that are read out, expected one for \
                 each of {expected} layers"
            ));
        }
        Ok(Self {
            atomic_number: positive(
                "effective_atomic_number",
                description.effective_atomic_number,
            )?,
            critical_energy_mev: positive("critical_energy_mev", description.critical_energy_mev)?,
            sampling_layer_x0: description.sampling_layer_x0,
            one_minus_e_over_mip: 1.0 - 1.0 / (1.0 + 0.007 * (absorber - sensor)),
            maximum_shift_x0: description.maximum_shift_x0,
            profile_shape_scale: positive("profile_shape_scale", description.profile_shape_scale)?,
            greatest_profile_spread: positive(
                "greatest_profile_spread",
                description.greatest_profile_spread,
            )?,
            core_radius_scale: positive("core_radius_scale", description.core_radius_scale)?,
            tail_radius_scale: positive("tail_radius_scale", description.tail_radius_scale)?,
            most_spots: f64::from(description.most_spots.max(1)),
            steps,
        })
    }

    /// Depths in mm and in radiation lengths at a depth in interaction lengths, all along the normal;
    /// `None` behind the last slab.
    pub fn at_interaction_lengths(&self, depth: f64) -> Option<[f64; 2]> {
        let step = self.steps.iter().find(|step| depth < step.depth_interaction_lengths[1])?;
        let [from, to] = step.depth_interaction_lengths;
        let part = (depth - from) / (to - from);
        Some([step.depth_mm, step.depth_x0].map(|[from, to]| from + part * (to - from)))
    }
}

fn steps(medium: &MediumDescription, moliere: f64, sampling: f64) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let (mut mm, mut x0, mut lengths) = (0.0, 0.0, 0.0);
    let mut layer = 0;
    for (number, slab) in medium.slab.iter().enumerate() {
        slab.check()
            .map_err(|problem| format!("`simulation.medium.slab` {number} (from 0): {problem}"))?;
        let sampling = slab.sampling_term_sqrt_gev.unwrap_or(sampling);
        let variance = sampling * sampling * 1_000.0;
        let spot = slab.spot_energy_mev.or(medium.spot_energy_mev).unwrap_or(0.5 * variance);
        let parts = (slab.thickness_x0 / THICKEST_STEP_X0)
            .max(slab.thickness_interaction_lengths / THICKEST_STEP_INTERACTION_LENGTHS)
            .ceil()
            .max(1.0);
        for _ in 0..slab.repeat {
            if steps.len() > MOST_SLABS {
                return Err(format!(
                    "`[[simulation.medium.slab]]` has more than {MOST_SLABS} slabs"
                ));
            }
            for part in 0..parts as usize {
                let (from, to) = (part as f64 / parts, (part + 1) as f64 / parts);
                let range = |start: f64, whole: f64| [start + from * whole, start + to * whole];
                steps.push(Step {
                    layer: slab.read_out.then_some(layer),
                    depth_mm: range(mm, slab.thickness_mm),
                    depth_x0: range(x0, slab.thickness_x0),
                    depth_interaction_lengths: range(lengths, slab.thickness_interaction_lengths),
                    moliere_radius_mm: slab.moliere_radius_mm.unwrap_or(moliere),
                    response: slab.response,
                    sampling_energy_mev: variance,
                    spot_energy_mev: spot,
                });
            }
            mm += slab.thickness_mm;
            x0 += slab.thickness_x0;
            lengths += slab.thickness_interaction_lengths;
            layer += usize::from(slab.read_out);
        }
    }
    Ok(steps)
}

impl SlabDescription {
    fn check(&self) -> Result<(), String> {
        let positive = [
            ("thickness_mm", Some(self.thickness_mm)),
            ("thickness_x0", Some(self.thickness_x0)),
            ("moliere_radius_mm", self.moliere_radius_mm),
            ("sampling_term_sqrt_gev", self.sampling_term_sqrt_gev),
            ("spot_energy_mev", self.spot_energy_mev),
            ("response", Some(self.response)),
        ];
        for (key, value) in positive {
            if let Some(value) = value
                && !(value.is_finite() && value > 0.0)
            {
                return Err(format!("`{key}` is {value}, expected a positive number"));
            }
        }
        let lengths = self.thickness_interaction_lengths;
        if !(lengths.is_finite() && lengths >= 0.0) {
            return Err(format!(
                "`thickness_interaction_lengths` is {lengths}, expected at least 0"
            ));
        }
        Ok(())
    }
}
