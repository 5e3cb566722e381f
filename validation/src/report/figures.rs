//! All figures of a report, with the section that each belongs to.

use rayon::prelude::*;

use super::model::{CellShape, LayerImage, ObservableComparison, ValidationReport};
use crate::plots::{
    FigureContext, FigureSize, MAP_SIZE, PlotError, ROC_SIZE, Units, histogram_figure,
    layer_map_figure, radial_profile_figure, representative_layers, resolution_figure,
    response_figure, roc_figure, summary_figure,
};

/// A drawn figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Name of its files without the extension, and its anchor on the page.
    pub stem: String,
    pub section: String,
    pub title: String,
    pub svg: String,
    /// Width in CSS pixels.
    pub width: u32,
}

/// The figures of a report in its order, and why others are missing.
#[derive(Debug, Clone, Default)]
pub struct FigureSet {
    pub figures: Vec<Figure>,
    /// Title of a figure that could not be drawn, and the reason.
    pub missing: Vec<(String, String)>,
    /// What was left out on purpose: figures of detectors with many layers or observables.
    pub remarks: Vec<String>,
}

/// Layers that are drawn where there are more than [`MOST_LAYERS_DRAWN_ALL`].
const LAYERS_DRAWN: usize = 6;
const MOST_LAYERS_DRAWN_ALL: usize = 8;
/// Observables that have a figure.
const OBSERVABLES_DRAWN: usize = 60;

const SUMMARY: &str = "summary";
const RESPONSE: &str = "energy response";
const CLASSIFIERS: &str = "classifiers";

/// A figure to draw.
struct Job<'a> {
    stem: String,
    section: String,
    title: String,
    width: u32,
    draw: Box<dyn Fn() -> Result<String, PlotError> + Send + Sync + 'a>,
}

/// Draws every figure of the report, in parallel.
///
/// A figure that cannot be drawn, such as the image of a layer without energy, does not stop the
/// report: it is listed as missing.
#[must_use]
pub fn draw_figures(report: &ValidationReport) -> FigureSet {
    let units = Units::of_summary(&report.detector);
    let mut jobs = overview_jobs(report);
    jobs.extend(per_condition_jobs(report));
    let observables = drawn_observables(report);
    jobs.extend(observable_jobs(report, &observables));
    let images = drawn_images(report);
    jobs.extend(layer_jobs(report, &images, &units));
    jobs.extend(classifier_jobs(report));
    make_stems_unique(&mut jobs);

    let drawn: Vec<_> = jobs.par_iter().map(|job| (job.draw)()).collect();
    let mut set =
        FigureSet { remarks: remarks(report, &observables, &images), ..Default::default() };
    for (job, svg) in jobs.into_iter().zip(drawn) {
        let Job { stem, section, title, width, .. } = job;
        match svg {
            Ok(svg) => set.figures.push(Figure { stem, section, title, svg, width }),
            Err(error) => set.missing.push((title, error.to_string())),
        }
    }
    set
}

/// The stem of an observable's figure.
pub(super) fn observable_stem(name: &str) -> String {
    safe_stem(&format!("observable_{name}"))
}

fn context<'a>(report: &'a ValidationReport, subtitle: &'a str) -> FigureContext<'a> {
    FigureContext {
        title: &report.detector.title,
        subtitle,
        reference_label: &report.reference.label,
        generated_label: &report.models[0].generated.label,
    }
}

fn overview_jobs(report: &ValidationReport) -> Vec<Job<'_>> {
    let context = context(report, &report.detector.particle);
    let mut jobs = vec![];
    if !report.models[0].observables.is_empty() {
        jobs.push(Job {
            stem: "summary".to_owned(),
            section: SUMMARY.to_owned(),
            title: "Separation power of all observables".to_owned(),
            width: 820,
            draw: Box::new(move || summary_figure(&report.models[0].observables, &context)),
        });
    }
    if !report.models[0].response.is_empty() {
        jobs.push(Job {
            stem: "response".to_owned(),
            section: RESPONSE.to_owned(),
            title: "Mean response against incident energy".to_owned(),
            width: FigureSize::PAPER.width,
            draw: Box::new(move || {
                response_figure(&report.models[0].response, &context, FigureSize::PAPER)
            }),
        });
        jobs.push(Job {
            stem: "resolution".to_owned(),
            section: RESPONSE.to_owned(),
            title: "Resolution against incident energy".to_owned(),
            width: FigureSize::PAPER.width,
            draw: Box::new(move || {
                resolution_figure(&report.models[0].response, &context, FigureSize::PAPER)
            }),
        });
    }
    jobs
}

fn per_condition_jobs(report: &ValidationReport) -> Vec<Job<'_>> {
    let mut jobs = vec![];
    for bin in &report.models[0].per_condition {
        for observable in &bin.observables {
            let subtitle = format!("{}, {}", report.detector.particle, bin.label);
            jobs.push(histogram_job(
                report,
                observable,
                FigureSize::COMPACT,
                subtitle,
                (RESPONSE, &format!("{} at {}", observable.label, bin.label)),
                &format!("{}_at_{}_{}", observable.name, bin.condition, bin.label),
            ));
        }
    }
    jobs
}

/// All observables, or those of the whole event and the worst of the others.
fn drawn_observables(report: &ValidationReport) -> Vec<&ObservableComparison> {
    let all = &report.models[0].observables;
    if all.len() <= OBSERVABLES_DRAWN {
        return all.iter().collect();
    }
    let mut order: Vec<usize> = (0..all.len()).collect();
    // What is not a number needs a look.
    let separation = |index: usize| match all[index].separation.value {
        value if value.is_nan() => f64::INFINITY,
        value => value,
    };
    order.sort_by(|&a, &b| {
        let whole = |index: usize| all[index].layer.is_some();
        whole(a).cmp(&whole(b)).then(separation(b).total_cmp(&separation(a)))
    });
    order.truncate(OBSERVABLES_DRAWN);
    order.sort_unstable();
    order.into_iter().map(|index| &all[index]).collect()
}

/// All layers, or some along the depth.
fn drawn_images(report: &ValidationReport) -> Vec<&LayerImage> {
    let all = &report.models[0].layer_images;
    if all.len() <= MOST_LAYERS_DRAWN_ALL {
        return all.iter().collect();
    }
    let sums: Vec<f64> = all.iter().map(|image| image.reference.iter().sum()).collect();
    let chosen = representative_layers(&sums, LAYERS_DRAWN);
    chosen.into_iter().map(|index| &all[index]).collect()
}

fn remarks(
    report: &ValidationReport,
    observables: &[&ObservableComparison],
    images: &[&LayerImage],
) -> Vec<String> {
    let mut remarks = Vec::new();
    if observables.len() < report.models[0].observables.len() {
        remarks.push(format!(
            "So that the page can be read, {} of {} observables have a figure: those of the whole \
             event, and of the single layers the ones with the worst separation power. The table \
             lists all, and report.json has every bin.",
            observables.len(),
            report.models[0].observables.len()
        ));
    }
    if images.len() < report.models[0].layer_images.len() {
        let layers: Vec<String> = images.iter().map(|image| image.layer.to_string()).collect();
        remarks.push(format!(
            "Maps and radial profiles are drawn of layers {}: the first, the one with the most \
             {}, the last, and others between. report.json has all {}.",
            layers.join(", "),
            report.detector.quantity,
            report.models[0].layer_images.len()
        ));
    }
    remarks
}

fn observable_jobs<'a>(
    report: &'a ValidationReport,
    observables: &[&'a ObservableComparison],
) -> Vec<Job<'a>> {
    // Groups in the order of their first observable, whatever order the observables have.
    let mut groups: Vec<&str> = vec![];
    for observable in observables {
        if !groups.contains(&observable.group.as_str()) {
            groups.push(&observable.group);
        }
    }
    let mut jobs = vec![];
    for group in groups {
        for &observable in observables.iter().filter(|one| one.group == group) {
            jobs.push(histogram_job(
                report,
                observable,
                FigureSize::PAPER,
                report.detector.particle.clone(),
                (group, &observable.label),
                &format!("observable_{}", observable.name),
            ));
        }
    }
    jobs
}

fn histogram_job<'a>(
    report: &'a ValidationReport,
    observable: &'a ObservableComparison,
    size: FigureSize,
    subtitle: String,
    (section, title): (&str, &str),
    stem: &str,
) -> Job<'a> {
    Job {
        stem: safe_stem(stem),
        section: section.to_owned(),
        title: title.to_owned(),
        width: size.width,
        draw: Box::new(move || histogram_figure(observable, &context(report, &subtitle), size)),
    }
}

fn layer_jobs<'a>(
    report: &'a ValidationReport,
    images: &[&'a LayerImage],
    units: &'a Units,
) -> Vec<Job<'a>> {
    let context = context(report, &report.detector.particle);
    let event = units.event();
    let section = format!("average {event}s");
    let mut jobs = vec![];
    for &image in images {
        // Whole rings are all in the profile.
        if !matches!(image.shape, CellShape::Rings { angular_bins: 1, .. }) {
            jobs.push(Job {
                stem: format!("{event}_map_{}", image.layer),
                section: section.clone(),
                title: format!("Average {event} in {}", image.name),
                width: MAP_SIZE.width,
                draw: Box::new(move || layer_map_figure(image, units, &context, MAP_SIZE)),
            });
        }
    }
    for &image in images {
        jobs.push(Job {
            stem: format!("radial_profile_{}", image.layer),
            section: section.clone(),
            title: format!("Radial profile of {}", image.name),
            width: FigureSize::PAPER.width,
            draw: Box::new(move || {
                radial_profile_figure(image, units, &context, FigureSize::PAPER)
            }),
        });
    }
    jobs
}

fn classifier_jobs(report: &ValidationReport) -> Vec<Job<'_>> {
    if report.models[0].classifiers.is_empty() {
        return vec![];
    }
    let context = context(report, &report.detector.particle);
    vec![Job {
        stem: "roc".to_owned(),
        section: CLASSIFIERS.to_owned(),
        title: "ROC curves of the classifiers".to_owned(),
        width: ROC_SIZE.width,
        draw: Box::new(move || roc_figure(&report.models[0].classifiers, &context, ROC_SIZE)),
    }]
}

/// A file name without what file systems or addresses could misread.
fn safe_stem(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "_-".contains(c) { c } else { '_' };
    name.chars().map(safe).take(80).collect()
}

fn make_stems_unique(jobs: &mut [Job]) {
    let mut seen = std::collections::HashMap::<String, usize>::new();
    for job in jobs {
        let count = seen.entry(job.stem.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            job.stem = format!("{}_{count}", job.stem);
        }
    }
}
