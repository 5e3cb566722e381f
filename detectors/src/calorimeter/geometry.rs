use std::ops::RangeInclusive;

use super::description::{CalorimeterDescription, EnergyRange, LayerDescription};
use super::layer::Layer;
use crate::DetectorError;

const FORMAT_VERSION: u32 = 1;

/// A checked calorimeter: layers of cylindrical voxels around the shower axis.
///
/// One event is the energy in MeV of every voxel, flat: radius fastest, then angle, then layer.
/// Its condition is the energy of the incident particle in MeV.
#[derive(Debug, Clone, PartialEq)]
pub struct Calorimeter {
    name: String,
    title: String,
    particle: String,
    pdg_id: i32,
    readout_threshold_mev: f64,
    incident_energy_mev: EnergyRange,
    layers: Vec<Layer>,
}

impl Calorimeter {
    /// Reads and checks a description in TOML (see the files beside the built-in detectors).
    ///
    /// # Errors
    /// An unknown or missing key, or a value out of range; the message names it.
    pub fn from_toml(text: &str) -> Result<Self, DetectorError> {
        toml::from_str::<CalorimeterDescription>(text)?.check()
    }

    /// The description that [`Calorimeter::from_toml`] reads back to the same detector.
    pub fn to_toml(&self) -> String {
        let description = CalorimeterDescription {
            format_version: FORMAT_VERSION,
            name: self.name.clone(),
            title: self.title.clone(),
            particle: self.particle.clone(),
            pdg_id: self.pdg_id,
            readout_threshold_mev: self.readout_threshold_mev,
            incident_energy_mev: self.incident_energy_mev,
            layer: self
                .layers
                .iter()
                .map(|layer| LayerDescription {
                    id: layer.id,
                    name: layer.name.clone(),
                    radial_edges_mm: layer.radial_edges_mm.clone(),
                    angular_bins: layer.angular_bins,
                })
                .collect(),
        };
        toml::to_string(&description).expect("a checked description has only plain values")
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn title(&self) -> &str {
        &self.title
    }

    pub fn particle(&self) -> &str {
        &self.particle
    }

    /// Number of the particle in the Particle Data Group's scheme (22: photon).
    pub fn pdg_id(&self) -> i32 {
        self.pdg_id
    }

    /// A voxel below this energy is not read out: it is 0 in every sample.
    pub fn readout_threshold_mev(&self) -> f64 {
        self.readout_threshold_mev
    }

    /// Incident energies the detector is described for, in MeV.
    pub fn incident_energy_range_mev(&self) -> RangeInclusive<f64> {
        self.incident_energy_mev.minimum..=self.incident_energy_mev.maximum
    }

    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    pub fn voxel_count(&self) -> usize {
        self.layers.iter().map(Layer::voxel_count).sum()
    }
}

impl CalorimeterDescription {
    pub(super) fn check(self) -> Result<Calorimeter, DetectorError> {
        let Self { name, layer: described, incident_energy_mev: energy, .. } = self;
        let invalid = |problem: String| DetectorError::Invalid { detector: name.clone(), problem };
        if self.format_version != FORMAT_VERSION {
            return Err(invalid(format!(
                "`format_version` is {}, this version of showerforge reads {FORMAT_VERSION}",
                self.format_version
            )));
        }
        if !(self.readout_threshold_mev.is_finite() && self.readout_threshold_mev >= 0.0) {
            return Err(invalid(format!(
                "`readout_threshold_mev` is {}, expected a finite energy of at least 0",
                self.readout_threshold_mev
            )));
        }
        if !(energy.minimum > 0.0 && energy.maximum.is_finite() && energy.minimum < energy.maximum)
        {
            return Err(invalid(format!(
                "`incident_energy_mev` is {} to {}, expected 0 < minimum < maximum",
                energy.minimum, energy.maximum
            )));
        }
        if described.is_empty() {
            return Err(invalid("has no layers".to_owned()));
        }
        let mut layers: Vec<Layer> = Vec::with_capacity(described.len());
        let mut first_voxel = 0;
        for layer in described {
            if let Some(problem) = layer.problem(layers.last().map(Layer::id)) {
                return Err(invalid(format!("layer {}: {problem}", layer.id)));
            }
            let layer = Layer {
                id: layer.id,
                name: layer.name,
                radial_edges_mm: layer.radial_edges_mm,
                angular_bins: layer.angular_bins,
                first_voxel,
            };
            first_voxel += layer.voxel_count();
            layers.push(layer);
        }
        Ok(Calorimeter {
            name,
            title: self.title,
            particle: self.particle,
            pdg_id: self.pdg_id,
            readout_threshold_mev: self.readout_threshold_mev,
            incident_energy_mev: energy,
            layers,
        })
    }
}

impl LayerDescription {
    fn problem(&self, previous_id: Option<usize>) -> Option<String> {
        let edges = &self.radial_edges_mm;
        if previous_id.is_some_and(|previous| previous >= self.id) {
            return Some("`id` must grow from layer to layer".to_owned());
        }
        if self.angular_bins == 0 {
            return Some("`angular_bins` is 0, expected at least 1".to_owned());
        }
        if edges.len() < 2 {
            return Some(format!("has {} radial edges, expected at least 2", edges.len()));
        }
        if edges.iter().any(|edge| !edge.is_finite() || *edge < 0.0)
            || edges.windows(2).any(|pair| pair[0] >= pair[1])
        {
            return Some("`radial_edges_mm` must be finite, not negative, and rising".to_owned());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photons() -> Calorimeter {
        crate::builtin("calochallenge-photons").expect("built in")
    }

    #[test]
    fn voxel_ranges_of_data_set_1_photons() {
        let ranges: Vec<_> = photons().layers().iter().map(Layer::voxels).collect();
        assert_eq!(ranges, [0..8, 8..168, 168..358, 358..363, 363..368]);
    }

    #[test]
    fn a_description_survives_being_written_and_read() {
        let photons = photons();
        assert_eq!(Calorimeter::from_toml(&photons.to_toml()).expect("own output"), photons);
    }

    #[test]
    fn radius_runs_fastest_then_angle() {
        let photons = photons();
        let strips = &photons.layers()[1];
        let (radius, angle) = (strips.radius_midpoints_mm(), strips.angle_midpoints_rad());
        assert_eq!((radius[0], radius[1], radius[16]), (1.0, 3.0, 1.0));
        approx::assert_relative_eq!(angle[0], -0.9 * std::f64::consts::PI);
        assert_eq!(angle[0], angle[15]);
        approx::assert_relative_eq!(angle[16], -0.7 * std::f64::consts::PI);
    }

    #[test]
    fn bad_descriptions_are_refused_by_name() {
        let good = photons().to_toml();
        let cases = [
            ("angular_bins = 10", "angular_bins = 0", "layer 1: `angular_bins` is 0"),
            ("readout_threshold_mev = 1.0", "readout_threshold_mev = -1.0", "is -1"),
            ("0.0, 5.0, 10.0,", "0.0, 15.0, 10.0,", "layer 0: `radial_edges_mm` must be"),
            ("minimum = 256.0", "minimum = -3.0", "`incident_energy_mev` is -3 to"),
            ("format_version = 1", "format_version = 9", "`format_version` is 9"),
            ("pdg_id = 22", "pdg_id = 22\npdg_code = 22", "unknown field `pdg_code`"),
            ("id = 1\n", "id = 0\n", "`id` must grow"),
        ];
        for (from, to, expected) in cases {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good, "`{from}` is in the description");
            let message = Calorimeter::from_toml(&bad).expect_err(to).to_string();
            assert!(message.contains(expected), "`{message}` should contain `{expected}`");
        }
    }
}
