//! What the figures say against a sample, in words.

use crate::report::model::{Criterion, ModelResult, Status};

/// Sentences made from the figures, the worst first: one for each criterion that is not green, and
/// some for what the criteria do not judge.
pub(super) fn weaknesses(result: &ModelResult) -> Vec<String> {
    let mut criteria: Vec<&Criterion> = result
        .verdict
        .criteria
        .iter()
        .filter(|one| matches!(one.status, Status::Red | Status::Amber))
        .collect();
    // How far beyond the red limit, in units of it.
    let badness = |one: &Criterion| (one.judged - one.red) / one.red.abs().max(1e-3);
    criteria.sort_by(|a, b| b.status.cmp(&a.status).then(badness(b).total_cmp(&badness(a))));
    let mut found: Vec<String> = criteria.into_iter().map(|one| sentence(one, result)).collect();
    found.extend(spreads(result));
    found.extend(gave_away(result));
    found.dedup();
    found
}

fn sentence(one: &Criterion, result: &ModelResult) -> String {
    let at = |place: &str| if place.is_empty() { String::new() } else { format!(" ({place})") };
    let percent = |value: f64| format!("{:.2} %", 100.0 * value);
    let bias = result.response_bias.as_ref();
    match one.measure.as_str() {
        "conditions" => format!("Conditions are not those of the reference{}.", at(&one.place)),
        "response-bias" => format!(
            "The mean response is off by {} on average over the energies{}.",
            percent(one.figure.value),
            bias.map_or_else(String::new, |bias| format!(
                ", most at {}, by {}",
                crate::report::energy(bias.worst_energy_mev),
                percent(bias.worst.value)
            ))
        ),
        "resolution-bias" => {
            format!("The energy resolution is off by {}.", percent(one.figure.value))
        }
        "dead-cells" => format!(
            "{:.0} cells that the reference reads out are never hit{}.",
            one.figure.value,
            at(&one.place)
        ),
        "hot-cells" => format!(
            "{:.0} cells that the reference never reads out are hit{}.",
            one.figure.value,
            at(&one.place)
        ),
        "duplicates" => {
            format!(
                "{} of the events are repetitions{}.",
                percent(one.figure.value),
                at(&one.place)
            )
        }
        "copies" => format!(
            "{} of the events are copies from the reference{}.",
            percent(one.figure.value),
            at(&one.place)
        ),
        "correlation" => format!(
            "The correlation of {} differs by {:.2} from the reference's.",
            one.place, one.figure.value
        ),
        "coverage" | "recall" => format!(
            "{} of the reference's events have no generated one near: a part of what showers do is \
             missing{}.",
            percent(1.0 - one.figure.value),
            at(&one.place)
        ),
        "precision" | "density" => format!(
            "Generated events are found where the reference has none: {} {:.3}, of reference \
             against reference {:.3}{}.",
            one.measure,
            one.figure.value,
            one.figure.floor,
            at(&one.place)
        ),
        "auc" => format!(
            "A classifier ({}) tells the samples apart with an AUC of {:.3}; its floor is {:.3}.",
            one.place, one.figure.value, one.figure.floor
        ),
        _ => format!(
            "{} is {:.3}, of reference against reference {:.3}{}.",
            crate::observables::capitalised(&one.name),
            one.figure.value,
            one.figure.floor,
            at(&one.place)
        ),
    }
}

/// Fluctuations that are far too small or too great in a bin of a condition: the first sign of a
/// generator that collapses.
fn spreads(result: &ModelResult) -> Option<String> {
    let figures = result
        .per_condition
        .iter()
        .flat_map(|bin| bin.figures.iter().map(move |figure| (bin, figure)));
    let (bin, worst) = figures
        .filter(|(_, figure)| {
            figure.spread_ratio.value.is_finite() && figure.spread_ratio.value > 0.0
        })
        .max_by(|a, b| {
            let far = |ratio: f64| ratio.ln().abs();
            far(a.1.spread_ratio.value).total_cmp(&far(b.1.spread_ratio.value))
        })?;
    let (ratio, error) = (worst.spread_ratio.value, worst.spread_ratio.floor_error);
    let error = if error.is_finite() { error } else { 0.0 };
    (!(0.8..=1.25).contains(&ratio) && (ratio - 1.0).abs() > 5.0 * error).then(|| {
        format!(
            "{} at {} {} fluctuates {:.2} times as much as in the reference, the worst of all.",
            worst.observable, bin.condition, bin.label, ratio
        )
    })
}

fn gave_away(result: &ModelResult) -> Option<String> {
    let names: Vec<&str> = result
        .classifiers
        .iter()
        .filter(|one| one.auc.excess() > 0.05)
        .flat_map(|one| one.giveaways.iter().take(3).map(|(name, ..)| name.as_str()))
        .collect();
    let mut different: Vec<&str> = Vec::new();
    for name in names {
        if !different.contains(&name) {
            different.push(name);
        }
    }
    (!different.is_empty())
        .then(|| format!("What gave it away to the classifiers: {}.", different.join(", ")))
}
