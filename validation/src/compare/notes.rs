use detectors::{Condition, ConditionKind, Family};

use super::inputs::Inputs;
use crate::Sample;
use crate::sample::{DiscreteEnergy, same_energy};
use crate::tests::{WeightedSample, chi_square_weighted, kolmogorov_smirnov_weighted};

/// Samples with fewer events are remarked on.
const FEW_EVENTS: usize = 1000;
/// Spectra of conditions that are less probable than this to be one are remarked on.
const DIFFERENT_SPECTRA: f64 = 1e-4;

impl Inputs<'_> {
    /// Remarks on the samples that the reader of the figures must know.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = self.spectrum_notes();
        let second = self.second.iter().map(|second| ("second reference", *second));
        let samples = [("reference", self.reference), ("generated", self.generated)];
        for (role, sample) in samples.into_iter().chain(second) {
            notes.extend(self.sample_notes(role, sample));
        }
        notes
    }

    fn sample_notes(&self, role: &str, sample: &Sample) -> Vec<String> {
        let mut notes = Vec::new();
        let events = sample.events();
        if events < FEW_EVENTS {
            notes.push(format!(
                "The {role} sample has only {events} events: figures fluctuate, and small faults \
                 do not show."
            ));
        }
        if let Some(weights) = sample.weights() {
            let negative = weights.iter().filter(|weight| **weight < 0.0).count();
            notes.push(format!(
                "The {role} sample is weighted: its {events} events, {negative} of them with \
                 negative weights, count as {:.0} by their fluctuations.",
                sample.effective_events()
            ));
        }
        match sample.empty_events() {
            None | Some(0) => {}
            Some(empty) if self.detector.family() == Family::Calorimeter => notes.push(format!(
                "{empty} of {events} events of the {role} sample have no energy in any voxel."
            )),
            Some(empty) => notes.push(format!(
                "{empty} of {events} events of the {role} sample have no {} in any pixel.",
                self.detector.quantity()
            )),
        }
        for (index, condition) in self.detector.conditions().iter().enumerate() {
            let ConditionKind::Number { minimum, maximum, .. } = condition.kind else { continue };
            let beyond = |value: &&f64| {
                let tolerance = 1e-6 * value.abs();
                **value + tolerance < minimum || **value - tolerance > maximum
            };
            let beyond = sample.condition(index).iter().filter(beyond).count();
            if beyond > 0 {
                notes.push(format!(
                    "{beyond} of {events} events of the {role} sample have {} outside the \
                     detector's {minimum} to {maximum}{}.",
                    with_article(condition),
                    unit(condition)
                ));
            }
        }
        notes
    }

    /// Every figure over all events mixes the events with the spectra of their conditions, which
    /// must therefore be the same.
    fn spectrum_notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let others = self.second.iter().map(|second| ("second reference", *second));
        for (role, other) in [("generated", self.generated)].into_iter().chain(others) {
            if let Some(difference) = energy_difference(self.reference, other) {
                notes.push(format!(
                    "The incident energies of the {role} sample differ from the reference's \
                     ({difference}): figures over all energies compare the spectra too, not the \
                     showers alone."
                ));
            }
            for (index, condition) in self.detector.conditions().iter().enumerate() {
                let energies = self.detector.incident_energy_column();
                if self.reference.incident_energies_mev().is_some()
                    && energies == Some(condition.first_column)
                {
                    continue;
                }
                if let Some(difference) = difference(condition, index, self.reference, other) {
                    notes.push(format!(
                        "`{}` of the {role} sample differs from the reference's ({difference}): \
                         figures over all events compare its distributions too, not the events \
                         alone.",
                        condition.name
                    ));
                }
            }
        }
        notes
    }
}

fn with_article(condition: &Condition) -> String {
    match condition.name.as_str() {
        "incident_energy" => "an incident energy".to_owned(),
        name => format!("`{name}`"),
    }
}

fn unit(condition: &Condition) -> String {
    if condition.unit == "1" { String::new() } else { format!(" {}", condition.unit) }
}

fn energy_difference(reference: &Sample, other: &Sample) -> Option<String> {
    let (a, b) = (reference.incident_energies_mev()?, other.incident_energies_mev()?);
    let known = reference.discrete_energies();
    let found = other.discrete_energies();
    if known.is_empty() != found.is_empty() {
        let (is, was) =
            if known.is_empty() { ("discrete", "continuous") } else { ("continuous", "discrete") };
        return Some(format!("they are {is}, the reference's are {was}"));
    }
    if known.is_empty() {
        return continuous_difference((a, reference.weights()), (b, other.weights()));
    }
    let missing = energies_without(&known, &found);
    let extra = energies_without(&found, &known);
    if !missing.is_empty() {
        return Some(format!("there are no events at {} MeV", missing.join(", ")));
    }
    if !extra.is_empty() {
        return Some(format!("the reference has no events at {} MeV", extra.join(", ")));
    }
    let sums = |energies: &[DiscreteEnergy], weights: Option<&[f64]>| {
        energies.iter().map(|energy| weight_sums(energy.events.iter().copied(), weights)).unzip()
    };
    shares_difference("energies", sums(&known, reference.weights()), sums(&found, other.weights()))
}

fn difference(
    condition: &Condition,
    index: usize,
    reference: &Sample,
    other: &Sample,
) -> Option<String> {
    let (a, b) = (reference.condition(index), other.condition(index));
    let (v, w) = (reference.weights(), other.weights());
    let ConditionKind::Category(names) = &condition.kind else {
        return continuous_difference((a, v), (b, w));
    };
    let sums = |values: &[f64], weights: Option<&[f64]>| {
        let of = |name: usize| {
            let events = values.iter().enumerate().filter(move |(_, v)| **v == name as f64);
            weight_sums(events.map(|(event, _)| event), weights)
        };
        (0..names.len()).map(of).unzip()
    };
    shares_difference("categories", sums(a, v), sums(b, w))
}

/// Σ w and Σ w².
fn weight_sums(events: impl Iterator<Item = usize>, weights: Option<&[f64]>) -> (f64, f64) {
    events.fold((0.0, 0.0), |(sum, squares), event| {
        let weight = weights.map_or(1.0, |weights| weights[event]);
        (sum + weight, squares + weight * weight)
    })
}

fn shares_difference(
    of_what: &str,
    first: (Vec<f64>, Vec<f64>),
    second: (Vec<f64>, Vec<f64>),
) -> Option<String> {
    let test = chi_square_weighted((&first.0, &first.1), (&second.0, &second.1));
    (test.p_value < DIFFERENT_SPECTRA).then(|| {
        format!("shares of the {of_what}: χ²/ndf = {:.1}, p = {:.1e}", test.per_ndf(), test.p_value)
    })
}

fn continuous_difference(
    first: (&[f64], Option<&[f64]>),
    second: (&[f64], Option<&[f64]>),
) -> Option<String> {
    let sorted = |(values, weights): (&[f64], Option<&[f64]>)| {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        let ordered = |of: &[f64]| order.iter().map(|&event| of[event]).collect::<Vec<f64>>();
        (ordered(values), weights.map(ordered))
    };
    let (a, b) = (sorted(first), sorted(second));
    let ks = kolmogorov_smirnov_weighted(
        WeightedSample { values: &a.0, weights: a.1.as_deref() },
        WeightedSample { values: &b.0, weights: b.1.as_deref() },
    );
    (ks.p_value < DIFFERENT_SPECTRA)
        .then(|| format!("Kolmogorov–Smirnov distance {:.3}, p = {:.1e}", ks.distance, ks.p_value))
}

fn energies_without(of: &[DiscreteEnergy], without: &[DiscreteEnergy]) -> Vec<String> {
    of.iter()
        .map(|energy| energy.incident_energy_mev)
        .filter(|&mev| !without.iter().any(|other| same_energy(other.incident_energy_mev, mev)))
        .map(|mev| mev.to_string())
        .collect()
}
