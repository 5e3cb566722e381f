use detectors::{Condition, ConditionKind, Family};

use super::condition_checks::condition_checks;
use super::inputs::Inputs;
use crate::Sample;
use crate::report::model::ConditionCheck;

/// Samples with fewer events are remarked on.
const FEW_EVENTS: usize = 1000;

impl Inputs<'_> {
    /// Remarks on the samples that the reader of the figures must know.
    pub(super) fn notes(&self, checks: &[ConditionCheck]) -> Vec<String> {
        let mut notes = self.spectrum_notes(checks);
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
    fn spectrum_notes(&self, checks: &[ConditionCheck]) -> Vec<String> {
        let second =
            self.second.map(|second| condition_checks(self.detector, self.reference, second));
        let second = second.into_iter().flatten().map(|check| ("second reference", check));
        checks
            .iter()
            .map(|check| ("generated", check.clone()))
            .chain(second)
            .filter_map(|(role, check)| {
                let difference = check.difference?;
                Some(format!(
                    "`{}` of the {role} sample differs from the reference's ({difference}): figures \
                     over all events compare its distributions too, not the events alone.",
                    check.condition
                ))
            })
            .collect()
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
