//! What changed from one report to another, such as between two commits.

mod figures;
mod render;

use serde::{Deserialize, Serialize};

use super::error::ReportError;
use super::model::{Criterion, ModelResult, SampleSummary, Status, ValidationReport, WithFloor};
use figures::{Judged, figures};
pub use render::{comparison_markdown, comparison_text};

pub const COMPARISON_FORMAT_VERSION: u32 = 1;
/// Differences beyond so many standard errors count.
pub const SIGMAS: f64 = 2.0;

/// Why two reports cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    #[error("compare reports of different detectors: `{before}` and `{after}`")]
    Detectors { before: String, after: String },

    #[error("compare reports without a model in common: {before} and {after}")]
    Models { before: String, after: String },
}

/// The changes from one report to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportComparison {
    pub format_version: u32,
    pub detector: String,
    /// Standard errors beyond which a difference counts.
    pub sigmas: f64,
    /// What makes the reports hard to compare: other thresholds, reference or settings.
    pub warnings: Vec<String>,
    pub models: Vec<ModelChange>,
}

/// The changes of one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelChange {
    pub before: String,
    pub after: String,
    pub verdict_before: Status,
    pub verdict_after: Status,
    /// Criteria whose status changed.
    pub criteria: Vec<CriterionChange>,
    /// Figures that both reports have.
    pub compared: usize,
    /// Those without an error, that are not equal.
    pub without_error: usize,
    /// Those that are better or worse beyond their errors, the greatest change first.
    pub changes: Vec<FigureChange>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CriterionChange {
    pub name: String,
    pub before: Status,
    pub after: Status,
    pub judged_before: f64,
    pub judged_after: f64,
}

/// A figure that changed by more than its error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FigureChange {
    /// Stable name, such as `separation of E_1 at incident_energy 4.1 GeV`.
    pub name: String,
    pub before: WithFloor,
    pub after: WithFloor,
    /// How far it is from the best value: growth is worse.
    pub worse_by: f64,
    /// In units of √(σ_before² + σ_after²).
    pub sigmas: f64,
}

impl ReportComparison {
    /// As indented JSON; a number that is not finite is `null`.
    ///
    /// # Errors
    /// If it cannot be serialised, which no content of it can cause.
    pub fn to_json(&self) -> Result<String, ReportError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

impl FigureChange {
    pub fn is_better(&self) -> bool {
        self.worse_by < 0.0
    }
}

impl ModelChange {
    /// Figures that are better, and that are worse.
    pub fn counts(&self) -> (usize, usize) {
        let better = self.changes.iter().filter(|change| change.is_better()).count();
        (better, self.changes.len() - better)
    }

    /// How many figures would change so much by chance if nothing had changed: 4.6 % at two
    /// standard errors of a normal distribution.
    pub fn expected_by_chance(&self, sigmas: f64) -> f64 {
        let share = statrs::function::erf::erfc(sigmas / std::f64::consts::SQRT_2);
        share * (self.compared - self.without_error) as f64
    }
}

/// Compares two reports on the same detector.
///
/// Models are matched by name; a report with one model only is matched with the other's only one
/// whatever they are called. With d the distance of a figure from its best value, a figure is
/// better or worse where |d_after − d_before| > 2 √(σ_before² + σ_after²). The errors count as
/// independent: of samples with a common reference that is cautious.
///
/// # Errors
/// Different detectors, or no model in common.
pub fn compare_reports(
    before: &ValidationReport,
    after: &ValidationReport,
) -> Result<ReportComparison, CompareError> {
    if before.detector.name != after.detector.name {
        let name = |report: &ValidationReport| report.detector.name.clone();
        return Err(CompareError::Detectors { before: name(before), after: name(after) });
    }
    let pairs = pairs(before, after)?;
    let mut warnings = warnings(before, after);
    let missing = |from: &ValidationReport, matched: &dyn Fn(&ModelResult) -> bool| {
        let names = from.models.iter().filter(|model| !matched(model));
        names.map(|model| format!("`{}`", model.name)).collect::<Vec<_>>().join(", ")
    };
    let gone = missing(before, &|model| pairs.iter().any(|pair| std::ptr::eq(pair.0, model)));
    let new = missing(after, &|model| pairs.iter().any(|pair| std::ptr::eq(pair.1, model)));
    for (names, words) in [(gone, "only in the first report"), (new, "only in the second report")] {
        if !names.is_empty() {
            warnings.push(format!("{names}: {words}, not compared."));
        }
    }
    Ok(ReportComparison {
        format_version: COMPARISON_FORMAT_VERSION,
        detector: before.detector.name.clone(),
        sigmas: SIGMAS,
        warnings,
        models: pairs.into_iter().map(|(before, after)| model_change(before, after)).collect(),
    })
}

type Pair<'a> = (&'a ModelResult, &'a ModelResult);

fn pairs<'a>(
    before: &'a ValidationReport,
    after: &'a ValidationReport,
) -> Result<Vec<Pair<'a>>, CompareError> {
    if let ([one], [other]) = (&before.models[..], &after.models[..]) {
        return Ok(vec![(one, other)]);
    }
    let same = |model: &'a ModelResult| {
        let other = after.models.iter().find(|other| other.name == model.name)?;
        Some((model, other))
    };
    let pairs: Vec<Pair> = before.models.iter().filter_map(same).collect();
    if pairs.is_empty() {
        let names = |report: &ValidationReport| {
            let names: Vec<String> =
                report.models.iter().map(|model| format!("`{}`", model.name)).collect();
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        };
        return Err(CompareError::Models { before: names(before), after: names(after) });
    }
    Ok(pairs)
}

fn warnings(before: &ValidationReport, after: &ValidationReport) -> Vec<String> {
    let mut warnings = Vec::new();
    if before.thresholds.sha256 != after.thresholds.sha256 {
        warnings.push(format!(
            "The thresholds differ ({} and {}): a changed verdict may come from them.",
            before.thresholds.source, after.thresholds.source
        ));
    }
    if !same_sample(&before.reference, &after.reference) {
        warnings.push(
            "The reference samples differ: figures and floors may have changed with them."
                .to_owned(),
        );
    }
    let second = [&before.second_reference, &after.second_reference];
    let same = match second {
        [None, None] => true,
        [Some(one), Some(other)] => same_sample(one, other),
        _ => false,
    };
    if !same || before.floor != after.floor {
        warnings.push("The floors were made in different ways.".to_owned());
    }
    if before.settings != after.settings {
        warnings.push("The settings of the validation differ.".to_owned());
    }
    if before.showerforge_version != after.showerforge_version {
        warnings.push(format!(
            "The reports were made by showerforge {} and {}.",
            before.showerforge_version, after.showerforge_version
        ));
    }
    warnings
}

/// By the hashes of the files, or where there are none by label and number of events.
fn same_sample(one: &SampleSummary, other: &SampleSummary) -> bool {
    let hashes = |sample: &SampleSummary| -> Vec<String> {
        sample.files.iter().map(|file| file.sha256.clone()).collect()
    };
    if one.files.is_empty() || other.files.is_empty() {
        return one.label == other.label && one.events == other.events;
    }
    hashes(one) == hashes(other) && one.events == other.events
}

fn model_change(before: &ModelResult, after: &ModelResult) -> ModelChange {
    let criteria = before.verdict.criteria.iter().enumerate().filter_map(|(index, one)| {
        let same = |other: &&Criterion| other.name == one.name && other.measure == one.measure;
        // Two criteria may have one name: the one in the same place comes first.
        let own = after.verdict.criteria.get(index).filter(same);
        let other = own.or_else(|| after.verdict.criteria.iter().find(same))?;
        (one.status != other.status).then(|| CriterionChange {
            name: one.name.clone(),
            before: one.status,
            after: other.status,
            judged_before: one.judged,
            judged_after: other.judged,
        })
    });
    let (of_before, of_after) = (figures(before), figures(after));
    let (mut compared, mut without_error) = (0, 0);
    let mut changes = Vec::new();
    for (name, judged) in &of_before {
        let Some(other) = of_after.get(name) else { continue };
        compared += 1;
        match change(name, judged, other) {
            Change::WithoutError => without_error += 1,
            Change::Within => {}
            Change::Beyond(change) => changes.push(change),
        }
    }
    changes.sort_by(|a, b| b.sigmas.total_cmp(&a.sigmas).then(a.name.cmp(&b.name)));
    ModelChange {
        before: before.name.clone(),
        after: after.name.clone(),
        verdict_before: before.verdict.status,
        verdict_after: after.verdict.status,
        criteria: criteria.collect(),
        compared,
        without_error,
        changes,
    }
}

enum Change {
    /// Different, and nobody knows by how many errors.
    WithoutError,
    Within,
    Beyond(FigureChange),
}

fn change(name: &str, before: &Judged, after: &Judged) -> Change {
    let worse_by = after.distance() - before.distance();
    if worse_by == 0.0 || worse_by.is_nan() {
        return Change::Within;
    }
    let known = |error: f64| if error.is_finite() { error } else { 0.0 };
    let error = known(before.figure.error).hypot(known(after.figure.error));
    if error <= 0.0 {
        return Change::WithoutError;
    }
    let sigmas = worse_by.abs() / error;
    if sigmas <= SIGMAS {
        return Change::Within;
    }
    Change::Beyond(FigureChange {
        name: name.to_owned(),
        before: before.figure,
        after: after.figure,
        worse_by,
        sigmas,
    })
}
