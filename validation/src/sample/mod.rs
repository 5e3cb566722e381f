//! A sample of events, reduced to what a comparison needs: its memory does not grow with the
//! number of cells times the number of events.

mod builder;
mod check;
mod fingerprint;
mod kept;
mod mean_event;

use detectors::Detector;
use ndarray::{Array2, ArrayView2};

use crate::ValidationError;
use crate::observables::{EventObservables, FineSpectrum, ObservableKind, Quantity};
use crate::report::model::FileSummary;
pub use builder::{SampleBuilder, SampleOptions};
pub(crate) use kept::KeptEvents;

/// Relative distance below which two incident energies are the same.
const SAME_ENERGY: f64 = 1e-6;

/// More distinct incident energies than this are a continuous spectrum.
const MOST_DISCRETE_ENERGIES: usize = 30;

/// Checked events of one source: a file of simulated or of generated events.
///
/// It holds the observables and conditions of every event, the spectrum and the mean of the single
/// values, and the values themselves of as many events as [`SampleOptions::kept_values`] allows.
#[derive(Debug, Clone)]
pub struct Sample {
    label: String,
    provenance: Vec<(String, String)>,
    detector: Detector,
    /// Of each condition, the number, the category, or the sum of the image. `[conditions][events]`
    conditions: Vec<Vec<f64>>,
    weights: Option<Vec<f64>>,
    observables: EventObservables,
    spectrum: FineSpectrum,
    /// The greatest single value.
    greatest_value: f64,
    /// `[values]`
    mean_event: Vec<f64>,
    /// `[values]`
    occupancies: Vec<f64>,
    /// `[events]`
    fingerprints: Vec<u64>,
    files: Vec<FileSummary>,
    kept: KeptEvents,
}

impl Sample {
    /// # Shapes
    /// `conditions`: `[events, detector.condition_width()]`; `values`:
    /// `[events, detector.value_count()]`, in the flat order of the detector; `weights`:
    /// `[events]`. `provenance` holds (name, value) pairs for the report.
    ///
    /// # Errors
    /// No events, shapes that do not fit, a condition that is not a finite number of its kind, a
    /// value that is not finite, a negative value of a cell, or weights that are not finite or
    /// whose sum is not positive.
    pub fn new(
        label: impl Into<String>,
        detector: &Detector,
        conditions: Array2<f64>,
        values: Array2<f32>,
        weights: Option<Vec<f64>>,
        provenance: Vec<(String, String)>,
    ) -> Result<Self, ValidationError> {
        let options = SampleOptions { provenance, ..SampleOptions::default() };
        let mut builder = SampleBuilder::new(label, detector, options);
        builder.push(conditions.view(), values.view(), weights.as_deref())?;
        drop((conditions, values));
        builder.finish()
    }

    /// File name or description.
    pub fn label(&self) -> &str {
        &self.label
    }

    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    pub fn events(&self) -> usize {
        self.observables.events()
    }

    /// The condition of a number among the detector's, for each event: the number itself, the
    /// number of the category, or the sum of the image.
    ///
    /// # Shapes
    /// `[events]`
    ///
    /// # Panics
    /// If the detector has not so many conditions.
    pub fn condition(&self, index: usize) -> &[f64] {
        &self.conditions[index]
    }

    /// The incident energies, where the events' values are fractions of them.
    ///
    /// # Shapes
    /// `[events]`, MeV
    pub fn incident_energies_mev(&self) -> Option<&[f64]> {
        let column = self.detector.incident_energy_column()?;
        if self.detector.normalising_column() != Some(column) {
            return None;
        }
        let index = self.detector.conditions().iter().position(|c| c.first_column == column)?;
        Some(&self.conditions[index])
    }

    /// Weights of the events, which may be negative.
    ///
    /// # Shapes
    /// `[events]`
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    pub fn observables(&self) -> &EventObservables {
        &self.observables
    }

    /// The events whose values are kept.
    pub(crate) fn kept(&self) -> &KeptEvents {
        &self.kept
    }

    /// The values that are kept, of [`Self::kept_events`].
    ///
    /// # Shapes
    /// `[kept events, values]`
    pub fn kept_values(&self) -> ArrayView2<'_, f32> {
        self.kept.values()
    }

    /// The numbers of the events whose values are kept: of all, where they fit.
    pub fn kept_events(&self) -> &[usize] {
        self.kept.events()
    }

    pub(crate) fn spectrum(&self) -> &FineSpectrum {
        &self.spectrum
    }

    pub(crate) fn greatest_value(&self) -> f64 {
        self.greatest_value
    }

    /// Weighted mean of each value over all events, what is below the read-out threshold being 0.
    ///
    /// # Shapes
    /// `[values]`, in the detector's unit
    pub fn mean_event(&self) -> &[f64] {
        &self.mean_event
    }

    /// Weighted share of the events that read out each value.
    ///
    /// # Shapes
    /// `[values]`
    pub fn occupancies(&self) -> &[f64] {
        &self.occupancies
    }

    /// Equal for events whose values are equal, and else different but for a chance of 2⁻⁶⁴; 0 for
    /// an event without values.
    ///
    /// # Shapes
    /// `[events]`
    pub(crate) fn fingerprints(&self) -> &[u64] {
        &self.fingerprints
    }

    /// The files that the events came from, where it is known.
    pub fn files(&self) -> &[FileSummary] {
        &self.files
    }

    /// Names the files that the events came from.
    #[must_use]
    pub fn with_files(mut self, files: Vec<FileSummary>) -> Self {
        self.files = files;
        self
    }

    /// E_tot/E_inc of each event; empty where there is none.
    pub(crate) fn response(&self) -> &[f64] {
        let kind = ObservableKind { quantity: Quantity::Response, layer: None };
        self.observables.get(kind).unwrap_or_default()
    }

    /// Events whose every cell is below the threshold; `None` for a table.
    pub(crate) fn empty_events(&self) -> Option<usize> {
        let kind = ObservableKind { quantity: Quantity::Total, layer: None };
        Some(self.observables.get(kind)?.iter().filter(|total| **total == 0.0).count())
    }

    /// Attributes of the file, as (name, value).
    pub fn provenance(&self) -> &[(String, String)] {
        &self.provenance
    }

    /// (Σ w)² / Σ w²: so many events without weights would fluctuate as much.
    pub fn effective_events(&self) -> f64 {
        match &self.weights {
            Some(weights) => crate::tests::effective_count(weights),
            None => self.events() as f64,
        }
    }

    /// The distinct incident energies, rising, with the events of each; empty if there are more
    /// than 30, which is taken for a continuous spectrum, or none.
    pub fn discrete_energies(&self) -> Vec<DiscreteEnergy> {
        let mut found: Vec<DiscreteEnergy> = Vec::new();
        for (event, &energy) in self.incident_energies_mev().unwrap_or_default().iter().enumerate()
        {
            let known = found.iter().position(|e| same_energy(e.incident_energy_mev, energy));
            match known {
                Some(known) => found[known].events.push(event),
                None if found.len() == MOST_DISCRETE_ENERGIES => return Vec::new(),
                None => {
                    found.push(DiscreteEnergy { incident_energy_mev: energy, events: vec![event] });
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

    fn photons() -> Detector {
        detectors::builtin("calochallenge-photons").expect("built in")
    }

    #[test]
    fn energies_are_discrete_up_to_thirty_and_rounding_does_not_split_them() {
        let sample = |energies: Vec<f64>| {
            let voxels = Array2::zeros((energies.len(), 368));
            let conditions = Array2::from_shape_vec((energies.len(), 1), energies).expect("fits");
            Sample::new("test", &photons(), conditions, voxels, None, Vec::new()).expect("valid")
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

    #[test]
    fn only_detectors_normalised_by_it_have_an_incident_energy() {
        for (name, has) in [("clic-ecal-51", true), ("rich-rings", false), ("rich-pid", false)] {
            let detector = detectors::builtin(name).expect("built in");
            let conditions = Array2::ones((1, detector.condition_width()));
            let values = Array2::zeros((1, detector.value_count()));
            let sample = Sample::new("test", &detector, conditions, values, None, Vec::new());
            assert_eq!(sample.expect("valid").incident_energies_mev().is_some(), has, "{name}");
        }
    }
}
