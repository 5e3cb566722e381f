//! Words and units that the page, the figures and the terminal table share.

use super::model::{ConditionSummary, ModelResult, SampleSummary, Status};
use crate::plots::{grouped, plain};

/// The verdict on one model in one sentence.
pub(super) fn verdict_sentence(model: &ModelResult) -> String {
    let criteria = &model.verdict.criteria;
    let named = |status: Status| -> Vec<&str> {
        criteria.iter().filter(|one| one.status == status).map(|one| one.name.as_str()).collect()
    };
    let (red, amber) = (named(Status::Red), named(Status::Amber));
    let (judged, count) = (named(Status::Green).len() + red.len() + amber.len(), criteria.len());
    let abstained = match count - judged {
        0 => String::new(),
        1 => " One could not be judged.".to_owned(),
        several => format!(" {several} could not be judged."),
    };
    let sentence = match model.verdict.status {
        _ if count == 0 => return "No criteria were set, so there is no verdict.".to_owned(),
        Status::Abstained => return "No criterion could be judged.".to_owned(),
        Status::Green => format!("Green: {judged} of {count} criteria are met."),
        Status::Amber => {
            format!(
                "Amber: {} of {count} criteria are in doubt: {}.",
                amber.len(),
                amber.join("; ")
            )
        }
        Status::Red => {
            format!("Red: {} of {count} criteria are not met: {}.", red.len(), red.join("; "))
        }
    };
    sentence + &abstained
}

/// An energy with the unit that keeps its number short, such as `256 MeV` or `4.19 TeV`.
pub(crate) fn energy(mev: f64) -> String {
    let (value, unit) = match mev.abs() {
        size if size >= 1e6 => (mev / 1e6, "TeV"),
        size if size >= 1e3 => (mev / 1e3, "GeV"),
        _ => (mev, "MeV"),
    };
    format!("{} {unit}", plain(format!("{value:.3e}").parse().unwrap_or(value)))
}

/// What is known of a sample's conditions: (name, values) pairs.
pub(super) fn conditions(sample: &SampleSummary) -> Vec<(String, String)> {
    sample
        .conditions
        .iter()
        .map(|condition| match condition.name.as_str() {
            "incident_energy" if condition.unit == "MeV" => {
                let title = if sample.discrete_energies.is_empty() {
                    "Incident energies"
                } else {
                    "Incident energies (events)"
                };
                (title.to_owned(), energies(sample, condition))
            }
            name if condition.is_image => (format!("{name}, sum"), range(condition)),
            name => (name.to_owned(), range(condition)),
        })
        .collect()
}

fn range(condition: &ConditionSummary) -> String {
    if !condition.categories.is_empty() {
        let one = |(name, events): &(String, usize)| format!("{name} ({})", grouped(*events));
        return condition.categories.iter().map(one).collect::<Vec<_>>().join(", ");
    }
    let unit = if condition.unit == "1" { String::new() } else { format!(" {}", condition.unit) };
    format!("{} to {}{unit}", plain(condition.minimum), plain(condition.maximum))
}

/// The incident energies of a sample.
fn energies(sample: &SampleSummary, condition: &ConditionSummary) -> String {
    let range = || format!("{} to {}", energy(condition.minimum), energy(condition.maximum));
    match sample.discrete_energies.as_slice() {
        [] => format!("{}, continuous", range()),
        [(only, _)] => energy(*only),
        several if several.len() <= 16 => {
            let one =
                |(mev, events): &(f64, usize)| format!("{} ({})", energy(*mev), grouped(*events));
            several.iter().map(one).collect::<Vec<_>>().join(", ")
        }
        many => format!("{} energies from {}", many.len(), range()),
    }
}
