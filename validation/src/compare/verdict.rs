//! The figures held against the thresholds.

use crate::classifier::FeatureSet;
use crate::report::model::{
    Criterion, ModelResult, ObservableComparison, Status, Verdict, WithFloor,
};
use crate::thresholds::{Judge, Measure, Scope, Threshold, Thresholds};

/// A figure that a threshold may judge, and where it was found.
struct Candidate {
    figure: WithFloor,
    place: String,
    /// Whether a smaller value is the worse one.
    greater_is_better: bool,
}

impl Candidate {
    fn new(figure: WithFloor, place: impl Into<String>) -> Self {
        Self { figure, place: place.into(), greater_is_better: false }
    }

    /// What is compared with the limits, and its error.
    fn judged(&self, judge: Judge) -> (f64, f64) {
        let sign = if self.greater_is_better { -1.0 } else { 1.0 };
        match judge {
            Judge::Excess => (sign * self.figure.excess(), self.figure.excess_error()),
            Judge::Value => (sign * self.figure.value, self.figure.error),
        }
    }
}

/// Every threshold with its worst figure.
pub(super) fn verdict(result: &ModelResult, thresholds: &Thresholds) -> Verdict {
    let criteria: Vec<Criterion> =
        thresholds.criteria().iter().map(|one| criterion(one, candidates(one, result))).collect();
    let status = criteria.iter().map(|one| one.status).max().unwrap_or(Status::Abstained);
    Verdict { status, criteria }
}

fn criterion(threshold: &Threshold, candidates: Result<Vec<Candidate>, String>) -> Criterion {
    let (candidates, mut reason) = match candidates {
        Ok(found) => (found, None),
        Err(reason) => (Vec::new(), Some(reason)),
    };
    let worst = candidates
        .into_iter()
        .filter(|candidate| candidate.judged(threshold.judge).0.is_finite())
        .max_by(|a, b| a.judged(threshold.judge).0.total_cmp(&b.judged(threshold.judge).0));
    let mut result = Criterion {
        name: threshold.title(),
        measure: threshold.measure.name(),
        figure: WithFloor::NONE,
        judged: f64::NAN,
        judged_error: f64::NAN,
        judged_by: if threshold.judge == Judge::Excess { "excess" } else { "value" }.to_owned(),
        amber: threshold.amber,
        red: threshold.red,
        status: Status::Abstained,
        place: String::new(),
        reason: None,
    };
    let Some(worst) = worst else {
        result.reason =
            reason.take().or(Some("there is no such figure of these samples".to_owned()));
        return result;
    };
    (result.judged, result.judged_error) = worst.judged(threshold.judge);
    result.status = status(result.judged, result.judged_error, threshold.amber, threshold.red);
    (result.figure, result.place) = (worst.figure, worst.place);
    result
}

/// [`Status`] of a judged number with its error, where there is one.
fn status(judged: f64, error: f64, amber: f64, red: f64) -> Status {
    let error = if error.is_finite() { error } else { 0.0 };
    if judged <= amber {
        Status::Green
    } else if judged - error > red {
        Status::Red
    } else {
        Status::Amber
    }
}

/// The figures of a measure, or why there are none.
fn candidates(threshold: &Threshold, result: &ModelResult) -> Result<Vec<Candidate>, String> {
    use Measure as M;
    let one = |figure: Option<WithFloor>, place: &str, why_not: &str| {
        figure.map(|figure| vec![Candidate::new(figure, place)]).ok_or_else(|| why_not.to_owned())
    };
    let exact = |value: f64| WithFloor { value, error: 0.0, floor: 0.0, floor_error: 0.0 };
    let bias = result.response_bias.as_ref();
    let no_energy = "there is no incident energy, or too few events at each";
    match threshold.measure {
        M::Conditions => {
            let missing: usize = result.condition_checks.iter().map(|c| c.missing.len()).sum();
            let different = result.condition_checks.iter().filter(|c| c.difference.is_some());
            let places: Vec<String> = different
                .clone()
                .map(|c| format!("{}: {}", c.condition, c.difference.as_deref().unwrap_or("")))
                .collect();
            let number = missing.max(different.count());
            Ok(vec![Candidate::new(exact(number as f64), places.join("; "))])
        }
        M::ResponseBias => one(bias.map(|bias| bias.mean), "all energies", no_energy),
        M::ResponseBiasWorst => one(
            bias.map(|bias| bias.worst),
            &bias.map_or_else(String::new, |b| crate::report::energy(b.worst_energy_mev)),
            no_energy,
        ),
        M::ResolutionBias => one(bias.map(|bias| bias.resolution), "all energies", no_energy),
        M::ResponseChi2PerNdf => one(bias.map(|bias| bias.chi2_per_ndf), "all energies", no_energy),
        M::Correlation => one(
            result.correlations.as_ref().map(|found| found.greatest),
            &result.correlations.as_ref().map_or_else(String::new, |found| {
                format!("{} and {}", found.worst_pair.0, found.worst_pair.1)
            }),
            "there are not two observables, or too few events",
        ),
        M::DeadCells | M::HotCells | M::CellSpread => {
            let cells = result.cells.as_ref().ok_or("there are no cells")?;
            let place = cells.worst.iter().filter(|fault| match threshold.measure {
                M::DeadCells => fault.generated_occupancy <= 0.0,
                M::HotCells => fault.reference_occupancy <= 0.0,
                _ => true,
            });
            let place: Vec<String> =
                place.take(3).map(|f| format!("{} (layer {})", f.cell, f.layer)).collect();
            let place =
                if place.is_empty() { String::new() } else { format!("cell {}", place.join(", ")) };
            let value = match threshold.measure {
                M::DeadCells => cells.dead as f64,
                M::HotCells => cells.hot as f64,
                _ => cells.z_spread - 1.0,
            };
            Ok(vec![Candidate::new(exact(value), place)])
        }
        M::Duplicates | M::Copies => {
            let found = result.duplicates.as_ref().ok_or("they were not looked for")?;
            let share = |count: usize, events: usize| {
                let share = count as f64 / events.max(1) as f64;
                (share, (share * (1.0 - share) / events.max(1) as f64).sqrt())
            };
            let count = match threshold.measure {
                M::Duplicates => found.generated,
                _ => found.copied_from_reference,
            };
            let (value, error) = share(count, found.generated_events);
            let (floor, floor_error) = share(found.reference, found.reference_events);
            let place = format!("{count} of {} events", found.generated_events);
            Ok(vec![Candidate::new(WithFloor { value, error, floor, floor_error }, place)])
        }
        M::EmptyEvents => one(result.empty_events, "all events", "there are no cells"),
        M::Auc | M::Jsd => classifiers(threshold, result),
        M::MeanShift | M::SpreadRatio => bins(threshold, result),
        measure if measure.of_observable() && threshold.per == Scope::Condition => {
            bins(threshold, result)
        }
        measure if measure.of_observable() => Ok(result
            .observables
            .iter()
            .filter(|one| threshold.names(&one.name))
            .map(|one| Candidate::new(of_observable(measure, one), one.name.clone()))
            .collect()),
        measure => {
            let name = measure.name();
            let found = result.distances.iter().filter(|one| {
                one.name == name
                    && one.condition.is_some() == (threshold.per == Scope::Condition)
                    && threshold.features.as_ref().is_none_or(|features| *features == one.features)
            });
            Ok(found
                .map(|one| Candidate {
                    figure: one.figure,
                    place: one.condition.clone().unwrap_or_else(|| one.features.clone()),
                    greater_is_better: one.greater_is_better,
                })
                .collect())
        }
    }
}

fn classifiers(threshold: &Threshold, result: &ModelResult) -> Result<Vec<Candidate>, String> {
    let wanted = |features: &str, kind: Option<&str>| {
        threshold.features.as_ref().is_none_or(|name| name == features)
            && (kind.is_none()
                || threshold.classifier.is_none()
                || threshold.classifier.as_deref() == kind)
    };
    if threshold.per == Scope::Condition {
        return Ok(result
            .per_condition
            .iter()
            .flat_map(|bin| bin.auc.iter().map(move |(features, auc)| (bin, features, auc)))
            .filter(|(_, features, _)| wanted(features, None))
            .map(|(bin, _, auc)| Candidate::new(*auc, format!("{} {}", bin.condition, bin.label)))
            .collect());
    }
    let known = FeatureSet::HighLevel.name();
    let found: Vec<Candidate> = result
        .classifiers
        .iter()
        .filter(|one| wanted(&one.features, Some(&one.kind)))
        .map(|one| {
            let figure = if threshold.measure == Measure::Auc { one.auc } else { one.jsd };
            Candidate::new(figure, format!("{}, {} features", one.kind, one.feature_count))
        })
        .collect();
    if found.is_empty() {
        let features = threshold.features.as_deref().unwrap_or(known);
        return Err(format!("no classifier on {features} features was trained"));
    }
    Ok(found)
}

fn bins(threshold: &Threshold, result: &ModelResult) -> Result<Vec<Candidate>, String> {
    let mut found = Vec::new();
    for bin in &result.per_condition {
        for one in bin.figures.iter().filter(|one| threshold.names(&one.observable)) {
            let absolute = |figure: WithFloor, of: f64| WithFloor {
                value: (figure.value - of).abs(),
                floor: (figure.floor - of).abs(),
                ..figure
            };
            let figure = match threshold.measure {
                Measure::KolmogorovSmirnov => one.ks,
                Measure::Separation => one.separation,
                Measure::MeanShift => absolute(one.mean_shift, 0.0),
                Measure::SpreadRatio => absolute(one.spread_ratio, 1.0),
                _ => return Err("it is not computed in bins of the conditions".to_owned()),
            };
            let place = format!("{} at {} {}", one.observable, bin.condition, bin.label);
            found.push(Candidate::new(figure, place));
        }
    }
    Ok(found)
}

fn of_observable(measure: Measure, one: &ObservableComparison) -> WithFloor {
    match measure {
        Measure::KolmogorovSmirnov => one.ks,
        Measure::Chi2PerNdf => one.chi2_per_ndf,
        Measure::Separation => one.separation,
        Measure::AndersonDarling => one.anderson_darling,
        Measure::Wasserstein => one.wasserstein,
        Measure::EnergyDistance => one.energy_distance,
        Measure::JensenShannon => one.jensen_shannon,
        _ => WithFloor::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_decides_between_amber_and_red() {
        assert_eq!(status(0.1, 0.05, 0.1, 0.2), Status::Green);
        assert_eq!(status(0.15, 0.01, 0.1, 0.2), Status::Amber);
        assert_eq!(status(0.22, 0.05, 0.1, 0.2), Status::Amber);
        assert_eq!(status(0.22, 0.01, 0.1, 0.2), Status::Red);
        assert_eq!(status(0.22, f64::NAN, 0.1, 0.2), Status::Red);
    }
}
