//! Correlations of the observables.

use super::Job;
use crate::plots::{Correlations, FigureSize};
use crate::report::model::ValidationReport;

const SECTION: &str = "correlations";

/// One figure of all models whose matrices are of the same observables as the first one's.
pub(super) fn jobs(report: &ValidationReport) -> Vec<Job> {
    let Some(first) = report.models.iter().find_map(|model| model.correlations.as_ref()) else {
        return Vec::new();
    };
    let generated = report.models.iter().filter_map(|model| {
        let own = model.correlations.as_ref().filter(|own| own.names == first.names)?;
        Some((model.name.clone(), own.generated.clone()))
    });
    let plot = Correlations {
        names: first.labels.clone(),
        reference: (report.reference.label.clone(), first.reference.clone()),
        generated: generated.collect(),
        measure: "Pearson correlation".to_owned(),
    };
    let title = "Correlations of the observables";
    let particle = report.detector.particle.as_str();
    vec![Job::new("correlations", SECTION, title, particle, FigureSize::MAPS, plot)]
}
