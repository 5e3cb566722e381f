use detectors::Calorimeter;
use ndarray::{Array2, ArrayView2};

use crate::ValidationError;

/// Relative distance below which two incident energies are the same.
const SAME_ENERGY: f64 = 1e-6;

/// More distinct incident energies than this are a continuous spectrum.
const MOST_DISCRETE_ENERGIES: usize = 30;

/// Checked showers of one source: a file of simulated or of generated events.
#[derive(Debug, Clone)]
pub struct Sample {
    label: String,
    incident_energies_mev: Vec<f64>,
    voxels_mev: Array2<f32>,
    provenance: Vec<(String, String)>,
}

impl Sample {
    /// # Shapes
    /// `incident_energies_mev`: `[events]`; `voxels_mev`: `[events, voxels]`, in the flat order of
    /// the detector. `provenance` holds (name, value) pairs for the report.
    ///
    /// # Errors
    /// No events, a number of events or voxels that does not fit, an incident energy that is not
    /// positive and finite, or a voxel energy that is negative or not finite.
    pub fn new(
        label: impl Into<String>,
        detector: &Calorimeter,
        incident_energies_mev: Vec<f64>,
        voxels_mev: Array2<f32>,
        provenance: Vec<(String, String)>,
    ) -> Result<Self, ValidationError> {
        let sample = Self { label: label.into(), incident_energies_mev, voxels_mev, provenance };
        match sample.problem(detector) {
            Some(problem) => Err(ValidationError::Sample { label: sample.label, problem }),
            None => Ok(sample),
        }
    }

    fn problem(&self, detector: &Calorimeter) -> Option<String> {
        let (events, voxels) = self.voxels_mev.dim();
        if events == 0 {
            return Some("has no events".to_owned());
        }
        if voxels != detector.voxel_count() {
            return Some(format!(
                "has {voxels} voxels an event, expected {} for detector `{}`",
                detector.voxel_count(),
                detector.name()
            ));
        }
        if self.incident_energies_mev.len() != events {
            return Some(format!(
                "has {} incident energies, expected {events}, one for each event",
                self.incident_energies_mev.len()
            ));
        }
        let bad_energy = |energy: &f64| !(energy.is_finite() && *energy > 0.0);
        if let Some(event) = self.incident_energies_mev.iter().position(bad_energy) {
            return Some(format!(
                "has incident energy {} MeV in event {event}, expected a positive finite energy",
                self.incident_energies_mev[event]
            ));
        }
        let bad_voxel = |voxel: &f32| !(voxel.is_finite() && *voxel >= 0.0);
        let ((event, voxel), energy) =
            self.voxels_mev.indexed_iter().find(|(_, energy)| bad_voxel(energy))?;
        Some(format!(
            "has {energy} MeV in voxel {voxel} of event {event}, expected a finite energy of at \
             least 0"
        ))
    }

    /// File name or description.
    pub fn label(&self) -> &str {
        &self.label
    }

    pub fn events(&self) -> usize {
        self.incident_energies_mev.len()
    }

    /// # Shapes
    /// `[events]`, MeV
    pub fn incident_energies_mev(&self) -> &[f64] {
        &self.incident_energies_mev
    }

    /// # Shapes
    /// `[events, voxels]`, MeV
    pub fn voxels_mev(&self) -> ArrayView2<'_, f32> {
        self.voxels_mev.view()
    }

    /// Attributes of the file, as (name, value).
    pub fn provenance(&self) -> &[(String, String)] {
        &self.provenance
    }

    /// The distinct incident energies, rising, with the events of each; empty if there are more
    /// than 30, which is taken for a continuous spectrum.
    pub fn discrete_energies(&self) -> Vec<DiscreteEnergy> {
        let mut found: Vec<DiscreteEnergy> = Vec::new();
        for (event, &energy) in self.incident_energies_mev.iter().enumerate() {
            let known = found.iter().position(|e| same_energy(e.incident_energy_mev, energy));
            match known {
                Some(known) => found[known].events.push(event),
                None if found.len() == MOST_DISCRETE_ENERGIES => return Vec::new(),
                None => {
                    found.push(DiscreteEnergy { incident_energy_mev: energy, events: vec![event] })
                }
            }
        }
        found.sort_by(|a, b| a.incident_energy_mev.total_cmp(&b.incident_energy_mev));
        found
    }
}

/// Events that share their incident energy.
#[derive(Debug, Clone, PartialEq)]
pub struct DiscreteEnergy {
    pub incident_energy_mev: f64,
    /// Indices of the events.
    pub events: Vec<usize>,
}

/// Whether two incident energies differ by rounding only (files may store them in 32 bits).
pub(crate) fn same_energy(a_mev: f64, b_mev: f64) -> bool {
    (a_mev - b_mev).abs() <= SAME_ENERGY * a_mev.abs().max(b_mev.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photons() -> Calorimeter {
        detectors::builtin("calochallenge-photons").expect("built in")
    }

    fn message(energies: Vec<f64>, voxels: Array2<f32>) -> String {
        Sample::new("test", &photons(), energies, voxels, Vec::new())
            .expect_err("is refused")
            .to_string()
    }

    #[test]
    fn unusable_samples_are_refused_with_the_place() {
        let good = || Array2::zeros((2, 368));
        assert_eq!(message(vec![], Array2::zeros((0, 368))), "sample `test` has no events");
        assert_eq!(
            message(vec![1.0, 2.0], Array2::zeros((2, 367))),
            "sample `test` has 367 voxels an event, expected 368 for detector \
             `calochallenge-photons`"
        );
        assert!(message(vec![1.0], good()).contains("has 1 incident energies, expected 2"));
        assert!(message(vec![1.0, 0.0], good()).contains("incident energy 0 MeV in event 1"));
        for bad in [f32::NAN, f32::INFINITY, -0.5] {
            let mut voxels = good();
            voxels[[1, 17]] = bad;
            let message = message(vec![1.0, 2.0], voxels);
            assert!(message.contains(&format!("{bad} MeV in voxel 17 of event 1")), "{message}");
        }
    }

    #[test]
    fn energies_are_discrete_up_to_thirty_and_rounding_does_not_split_them() {
        let sample = |energies: Vec<f64>| {
            let voxels = Array2::zeros((energies.len(), 368));
            Sample::new("test", &photons(), energies, voxels, Vec::new()).expect("valid")
        };
        let rounded = f64::from(100.1f32);
        let found = sample(vec![512.0, 100.1, rounded, 512.0]).discrete_energies();
        assert_eq!(
            found,
            [
                DiscreteEnergy { incident_energy_mev: 100.1, events: vec![1, 2] },
                DiscreteEnergy { incident_energy_mev: 512.0, events: vec![0, 3] },
            ]
        );
        assert!(sample((1..=31).map(f64::from).collect()).discrete_energies().is_empty());
    }
}
