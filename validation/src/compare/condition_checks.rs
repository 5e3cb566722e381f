//! Whether the conditions of two samples are distributed alike, before anything else is compared.

use detectors::{Condition, ConditionKind, Detector};

use crate::Sample;
use crate::report::model::ConditionCheck;
use crate::sample::{DiscreteEnergy, same_energy};
use crate::tests::{WeightedSample, chi_square_weighted, kolmogorov_smirnov_weighted};

/// Spectra of conditions that are less probable than this to be one differ.
const DIFFERENT_SPECTRA: f64 = 1e-4;

/// One check for each condition: χ² of the shares of categories and discrete energies, else
/// Kolmogorov and Smirnov's test.
pub fn condition_checks(
    detector: &Detector,
    reference: &Sample,
    other: &Sample,
) -> Vec<ConditionCheck> {
    let energies = detector.incident_energy_column();
    let check = |(index, condition): (usize, &Condition)| {
        let is_energy =
            reference.incident_energies_mev().is_some() && energies == Some(condition.first_column);
        let found = if is_energy {
            energy_test(reference, other)
        } else {
            test(condition, index, reference, other)
        };
        let difference = found.difference();
        ConditionCheck {
            condition: condition.name.clone(),
            test: found.test,
            p_value: found.p_value,
            missing: found.missing,
            difference,
        }
    };
    detector.conditions().iter().enumerate().map(check).collect()
}

struct Tested {
    test: String,
    p_value: f64,
    /// What one sample lacks, in words.
    lack: Option<String>,
    missing: Vec<String>,
}

impl Tested {
    fn of_test(test: String, p_value: f64) -> Self {
        Self { test, p_value, lack: None, missing: Vec::new() }
    }

    fn difference(&self) -> Option<String> {
        self.lack.clone().or_else(|| (self.p_value < DIFFERENT_SPECTRA).then(|| self.test.clone()))
    }
}

fn energy_test(reference: &Sample, other: &Sample) -> Tested {
    let (a, b) = (
        reference.incident_energies_mev().unwrap_or_default(),
        other.incident_energies_mev().unwrap_or_default(),
    );
    let known = reference.discrete_energies();
    let found = other.discrete_energies();
    if known.is_empty() || found.is_empty() {
        let mut tested = continuous_test((a, reference.weights()), (b, other.weights()));
        if known.is_empty() != found.is_empty() {
            let (is, was) = if known.is_empty() {
                ("discrete", "continuous")
            } else {
                ("continuous", "discrete")
            };
            tested.lack = Some(format!("it is {is}, the reference's is {was}"));
        }
        return tested;
    }
    let sums = |energies: &[DiscreteEnergy], weights: Option<&[f64]>| -> Vec<(f64, f64)> {
        let all = known.iter().chain(found.iter().filter(|e| !contains(&known, e)));
        all.map(|energy| {
            let events = energies
                .iter()
                .find(|one| same_energy(one.incident_energy_mev, energy.incident_energy_mev));
            weight_sums(events.into_iter().flat_map(|e| e.events.iter().copied()), weights)
        })
        .collect()
    };
    let mut tested = shares_test(
        "energies",
        sums(&known, reference.weights()).into_iter().unzip(),
        sums(&found, other.weights()).into_iter().unzip(),
    );
    let missing = energies_without(&known, &found);
    let extra = energies_without(&found, &known);
    tested.lack = if !missing.is_empty() {
        Some(format!("there are no events at {} MeV", missing.join(", ")))
    } else if !extra.is_empty() {
        Some(format!("the reference has no events at {} MeV", extra.join(", ")))
    } else {
        None
    };
    tested.missing =
        missing.into_iter().chain(extra).map(|energy| format!("{energy} MeV")).collect();
    tested
}

fn contains(energies: &[DiscreteEnergy], one: &DiscreteEnergy) -> bool {
    energies.iter().any(|known| same_energy(known.incident_energy_mev, one.incident_energy_mev))
}

fn test(condition: &Condition, index: usize, reference: &Sample, other: &Sample) -> Tested {
    let (a, b) = (reference.condition(index), other.condition(index));
    let (v, w) = (reference.weights(), other.weights());
    let ConditionKind::Category(names) = &condition.kind else {
        return continuous_test((a, v), (b, w));
    };
    let count = |values: &[f64], name: usize| values.iter().filter(|v| **v == name as f64).count();
    let sums = |values: &[f64], weights: Option<&[f64]>| {
        let of = |name: usize| {
            let events = values.iter().enumerate().filter(move |(_, v)| **v == name as f64);
            weight_sums(events.map(|(event, _)| event), weights)
        };
        (0..names.len()).map(of).unzip()
    };
    let mut tested = shares_test("categories", sums(a, v), sums(b, w));
    tested.missing = names
        .iter()
        .enumerate()
        .filter(|(name, _)| (count(a, *name) == 0) != (count(b, *name) == 0))
        .map(|(_, name)| name.clone())
        .collect();
    if !tested.missing.is_empty() {
        tested.lack = Some(format!("only one sample has {}", tested.missing.join(", ")));
    }
    tested
}

/// Σ w and Σ w².
fn weight_sums(events: impl Iterator<Item = usize>, weights: Option<&[f64]>) -> (f64, f64) {
    events.fold((0.0, 0.0), |(sum, squares), event| {
        let weight = weights.map_or(1.0, |weights| weights[event]);
        (sum + weight, squares + weight * weight)
    })
}

fn shares_test(of_what: &str, first: (Vec<f64>, Vec<f64>), second: (Vec<f64>, Vec<f64>)) -> Tested {
    let test = chi_square_weighted((&first.0, &first.1), (&second.0, &second.1));
    Tested::of_test(
        format!(
            "shares of the {of_what}: χ²/ndf = {:.1}, p = {:.1e}",
            test.per_ndf(),
            test.p_value
        ),
        test.p_value,
    )
}

fn continuous_test(first: (&[f64], Option<&[f64]>), second: (&[f64], Option<&[f64]>)) -> Tested {
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
    Tested::of_test(
        format!("Kolmogorov–Smirnov distance {:.3}, p = {:.1e}", ks.distance, ks.p_value),
        ks.p_value,
    )
}

fn energies_without(of: &[DiscreteEnergy], without: &[DiscreteEnergy]) -> Vec<String> {
    of.iter()
        .map(|energy| energy.incident_energy_mev)
        .filter(|&mev| !without.iter().any(|other| same_energy(other.incident_energy_mev, mev)))
        .map(|mev| mev.to_string())
        .collect()
}
