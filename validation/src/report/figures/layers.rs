//! The average event in each layer.

use super::Job;
use crate::plots::{FigureSize, LayerMaps, Units, radial_profile, representative_layers};
use crate::report::model::{CellShape, LayerImage, ValidationReport};

/// Layers that are drawn where there are more than [`MOST_DRAWN_ALL`].
const DRAWN: usize = 6;
const MOST_DRAWN_ALL: usize = 8;

/// Maps and radial profiles, and a remark where not all layers have them.
pub(super) fn jobs(report: &ValidationReport, units: &Units) -> (Vec<Job>, Vec<String>) {
    let Some(first) = report.models.first() else { return (Vec::new(), Vec::new()) };
    let drawn = drawn(&first.layer_images);
    let event = units.event();
    let section = format!("average {event}s");
    let particle = report.detector.particle.as_str();
    let maps = |image: &LayerImage| {
        let of_models = report.models.iter().filter_map(|model| {
            let same = model.layer_images.iter().find(|one| one.layer == image.layer)?;
            Some((model.name.clone(), same.generated.clone()))
        });
        LayerMaps {
            name: image.name.clone(),
            shape: image.shape.clone(),
            reference: (report.reference.label.clone(), image.reference.clone()),
            generated: of_models.collect(),
            units: units.clone(),
        }
    };
    let mut jobs = vec![];
    for image in &drawn {
        // Whole rings are all in the profile.
        if !matches!(image.shape, CellShape::Rings { angular_bins: 1, .. }) {
            let stem = format!("{event}_map_{}", image.layer);
            let title = format!("Average {event} in {}", image.name);
            jobs.push(Job::new(&stem, &section, &title, particle, FigureSize::MAPS, maps(image)));
        }
    }
    for image in &drawn {
        let stem = format!("radial_profile_{}", image.layer);
        let title = format!("Radial profile of {}", image.name);
        let plot = radial_profile(&maps(image));
        jobs.push(Job::new(&stem, &section, &title, particle, FigureSize::PAPER, plot));
    }
    let remarks = if drawn.len() < first.layer_images.len() {
        let layers: Vec<String> = drawn.iter().map(|image| image.layer.to_string()).collect();
        vec![format!(
            "Maps and radial profiles are drawn of layers {}: the first, the one with the most \
             {}, the last, and others between. report.json has all {}.",
            layers.join(", "),
            report.detector.quantity,
            first.layer_images.len()
        )]
    } else {
        Vec::new()
    };
    (jobs, remarks)
}

/// All layers, or some along the depth.
fn drawn(all: &[LayerImage]) -> Vec<&LayerImage> {
    if all.len() <= MOST_DRAWN_ALL {
        return all.iter().collect();
    }
    let sums: Vec<f64> = all.iter().map(|image| image.reference.iter().sum()).collect();
    representative_layers(&sums, DRAWN).into_iter().map(|index| &all[index]).collect()
}
