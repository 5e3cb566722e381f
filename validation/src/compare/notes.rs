use super::inputs::{Inputs, Measured};
use crate::sample::{DiscreteEnergy, same_energy};
use crate::tests::{chi_square, kolmogorov_smirnov};

/// Samples with fewer events are remarked on.
const FEW_EVENTS: usize = 1000;
/// Incident-energy spectra that are less probable than this to be one are remarked on.
const DIFFERENT_SPECTRA: f64 = 1e-4;

impl Inputs<'_> {
    /// Remarks on the samples that the reader of the figures must know.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = self.spectrum_notes();
        let second = self.second.iter().map(|second| ("second reference", second));
        let samples = [("reference", &self.reference), ("generated", &self.generated)];
        for (role, measured) in samples.into_iter().chain(second) {
            notes.extend(self.sample_notes(role, measured));
        }
        notes
    }

    fn sample_notes(&self, role: &str, measured: &Measured<'_>) -> Vec<String> {
        let mut notes = Vec::new();
        let events = measured.sample.events();
        if events < FEW_EVENTS {
            notes.push(format!(
                "The {role} sample has only {events} events: figures fluctuate, and small faults \
                 do not show."
            ));
        }
        let empty = measured.empty_events();
        if empty > 0 {
            notes.push(format!(
                "{empty} of {events} events of the {role} sample have no energy in any voxel."
            ));
        }
        let range = self.detector.incident_energy_range_mev();
        let beyond = |energy: &&f64| {
            let tolerance = 1e-6 * **energy;
            **energy + tolerance < *range.start() || **energy - tolerance > *range.end()
        };
        let beyond = measured.sample.incident_energies_mev().iter().filter(beyond).count();
        if beyond > 0 {
            notes.push(format!(
                "{beyond} of {events} events of the {role} sample have an incident energy outside \
                 the detector's {} to {} MeV.",
                range.start(),
                range.end()
            ));
        }
        notes
    }

    /// Every figure over all energies mixes the showers with the spectrum of incident energies,
    /// which must therefore be the same.
    fn spectrum_notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let others = self.second.iter().map(|second| ("second reference", second));
        for (role, other) in [("generated", &self.generated)].into_iter().chain(others) {
            if let Some(difference) = spectrum_difference(&self.reference, other) {
                notes.push(format!(
                    "The incident energies of the {role} sample differ from the reference's \
                     ({difference}): figures over all energies compare the spectra too, not the \
                     showers alone."
                ));
            }
        }
        notes
    }
}

fn spectrum_difference(reference: &Measured<'_>, other: &Measured<'_>) -> Option<String> {
    let known = reference.sample.discrete_energies();
    let found = other.sample.discrete_energies();
    if known.is_empty() != found.is_empty() {
        let (is, was) =
            if known.is_empty() { ("discrete", "continuous") } else { ("continuous", "discrete") };
        return Some(format!("they are {is}, the reference's are {was}"));
    }
    if known.is_empty() {
        let a = reference.sample.incident_energies_mev();
        let b = other.sample.incident_energies_mev();
        let ks = kolmogorov_smirnov(a, b);
        return (ks.p_value < DIFFERENT_SPECTRA).then(|| {
            format!("Kolmogorov–Smirnov distance {:.3}, p = {:.1e}", ks.distance, ks.p_value)
        });
    }
    let missing = energies_without(&known, &found);
    let extra = energies_without(&found, &known);
    if !missing.is_empty() {
        return Some(format!("there are no events at {} MeV", missing.join(", ")));
    }
    if !extra.is_empty() {
        return Some(format!("the reference has no events at {} MeV", extra.join(", ")));
    }
    let counts = |energies: &[DiscreteEnergy]| -> Vec<f64> {
        energies.iter().map(|energy| energy.events.len() as f64).collect()
    };
    let test = chi_square(&counts(&known), &counts(&found));
    (test.p_value < DIFFERENT_SPECTRA).then(|| {
        format!("shares of the energies: χ²/ndf = {:.1}, p = {:.1e}", test.per_ndf(), test.p_value)
    })
}

fn energies_without(of: &[DiscreteEnergy], without: &[DiscreteEnergy]) -> Vec<String> {
    of.iter()
        .map(|energy| energy.incident_energy_mev)
        .filter(|&mev| !without.iter().any(|other| same_energy(other.incident_energy_mev, mev)))
        .map(|mev| mev.to_string())
        .collect()
}
