//! Curves of the trainings that made the models.

use super::Job;
use crate::plots::{FigureSize, Training, TrainingPanel, TrainingSeries, literal};
use crate::report::model::{TrainingCurve, ValidationReport};

const SECTION: &str = "training";
/// Panels of a figure; more quantities make more figures.
const PANELS: usize = 4;
/// Series that share a panel.
const SERIES: usize = 6;

/// Figures of each model with a record of its training.
pub(super) fn jobs(report: &ValidationReport) -> Vec<Job> {
    let particle = report.detector.particle.as_str();
    let several = report.models.iter().filter(|model| !model.training.is_empty()).count() > 1;
    let mut jobs = Vec::new();
    for (index, model) in report.models.iter().enumerate() {
        let panels = panels(&model.training);
        for (part, panels) in panels.chunks(PANELS).enumerate() {
            let mut stem = "training".to_owned();
            if several {
                stem += &format!("_of_{}", index + 1);
            }
            if part > 0 {
                stem += &format!("_{}", part + 1);
            }
            let height = 160 + 150 * u32::try_from(panels.len()).unwrap_or(1);
            let size = FigureSize { height, ..FigureSize::PAPER };
            let plot = Training { x_label: "Iteration".to_owned(), panels: panels.to_vec() };
            let title = format!("Training of {}", literal(&model.name));
            let subtitle = if several { model.name.as_str() } else { particle };
            jobs.push(Job::new(&stem, SECTION, &title, subtitle, size, plot));
        }
    }
    jobs
}

/// Curves with the same last word share a panel: `critic.loss` and `generator.loss`, but of a
/// learning rate all.
fn panels(curves: &[TrainingCurve]) -> Vec<TrainingPanel> {
    let mut quantities: Vec<(String, Vec<&TrainingCurve>)> = Vec::new();
    for curve in curves {
        let last = curve.name.rsplit('.').next().unwrap_or(&curve.name);
        let quantity = if last.ends_with("learning_rate") { "learning_rate" } else { last };
        match quantities.iter_mut().find(|(known, same)| known == quantity && same.len() < SERIES) {
            Some((_, same)) => same.push(curve),
            None => quantities.push((quantity.to_owned(), vec![curve])),
        }
    }
    let panel = |(quantity, curves): (String, Vec<&TrainingCurve>)| {
        let values = || curves.iter().flat_map(|curve| &curve.points).map(|point| point.1);
        let (low, high) = values()
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        let words = crate::observables::capitalised(&quantity.replace('_', " "));
        let series = curves.iter().map(|curve| {
            let owner = curve.name.strip_suffix(&quantity).unwrap_or(&curve.name);
            let owner = owner.trim_end_matches(['.', '_']).replace(['.', '_'], " ");
            let label = if owner.is_empty() { words.clone() } else { owner };
            TrainingSeries { label, points: curve.points.clone() }
        });
        TrainingPanel {
            series: series.collect(),
            y_label: literal(&words),
            logarithmic: low > 0.0 && high > 30.0 * low,
        }
    };
    quantities.into_iter().map(panel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_share_a_panel_and_small_rates_are_logarithmic() {
        let curve = |name: &str, last: f64| TrainingCurve {
            name: name.to_owned(),
            points: vec![(1.0, 1.0), (2.0, last)],
        };
        let names = ["critic.loss", "generator.loss", "generator_learning_rate", "variance_ratio"];
        let curves: Vec<TrainingCurve> = names
            .iter()
            .zip([-1.0, 0.5, 1e-4, 0.9])
            .map(|(name, last)| curve(name, last))
            .collect();
        let found = panels(&curves);
        let labels: Vec<&str> = found.iter().map(|panel| panel.y_label.as_str()).collect();
        assert_eq!(labels, ["Loss", "Learning rate", "Variance ratio"]);
        assert_eq!(found[0].series.len(), 2);
        assert_eq!(found[0].series[1].label, "generator");
        assert!(found[1].logarithmic && !found[0].logarithmic);
    }
}
