//! All figures of a report, with the section that each belongs to.

use rayon::prelude::*;

use super::model::{CellShape, LayerImage, ObservableComparison, ValidationReport, WithFloor};
use super::options::FigureStyle;
use super::wording::energy;
use crate::plots::{
    Estimates, FigureContext, FigureSize, Histogram, HistogramSample, LayerMaps, Outside, Plot,
    PlotError, Positions, Profile, ProfileSample, ProfileScale, Roc, RocAxes, RocCurve, Scale,
    Summary, SummaryItem, Table, Units, VerticalScale, number, radial_profile,
    representative_layers,
};

/// A drawn figure.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Name of its files without the extension, and its anchor on the page.
    pub stem: String,
    pub section: String,
    pub title: String,
    pub svg: String,
    /// The same with a logarithmic vertical axis, where that shows more.
    pub log_svg: Option<String>,
    /// Whether the page shows the logarithmic variant first.
    pub log_first: bool,
    /// The numbers behind it.
    pub table: Option<Table>,
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
struct Job {
    stem: String,
    section: String,
    title: String,
    subtitle: String,
    size: FigureSize,
    plot: Box<dyn Plot>,
    log: Option<Box<dyn Plot>>,
    log_first: bool,
}

impl Job {
    fn new(
        stem: &str,
        section: &str,
        title: &str,
        subtitle: &str,
        size: FigureSize,
        plot: impl Plot + 'static,
    ) -> Self {
        Self {
            stem: safe_stem(stem),
            section: section.to_owned(),
            title: title.to_owned(),
            subtitle: subtitle.to_owned(),
            size,
            plot: Box::new(plot),
            log: None,
            log_first: false,
        }
    }
}

/// Draws every figure of the report, in parallel.
///
/// A figure that cannot be drawn, such as the image of a layer without energy, does not stop the
/// report: it is listed as missing.
#[must_use]
pub fn draw_figures(report: &ValidationReport, style: &FigureStyle) -> FigureSet {
    let units = Units::of_summary(&report.detector);
    let mut jobs = overview_jobs(report);
    jobs.extend(per_energy_jobs(report));
    let observables = drawn_observables(report);
    jobs.extend(observable_jobs(report, &observables));
    let images = drawn_images(report);
    jobs.extend(layer_jobs(report, &images, &units));
    jobs.extend(classifier_jobs(report));
    make_stems_unique(&mut jobs);

    let draw = |job: &Job| -> Result<(String, Option<String>), PlotError> {
        let context = FigureContext {
            title: &report.detector.title,
            subtitle: &job.subtitle,
            label: style.label.as_deref(),
            style: style.style,
        };
        let svg = job.plot.svg(&context, job.size)?;
        let log = job.log.as_ref().map(|log| log.svg(&context, job.size)).transpose()?;
        Ok((svg, log))
    };
    let drawn: Vec<_> = jobs.par_iter().map(draw).collect();
    let mut set =
        FigureSet { remarks: remarks(report, &observables, &images), ..Default::default() };
    for (job, drawn) in jobs.into_iter().zip(drawn) {
        let table = job.plot.table();
        let Job { stem, section, title, size, log_first, .. } = job;
        match drawn {
            Ok((svg, log_svg)) => {
                let width = size.width;
                let figure = Figure { stem, section, title, svg, log_svg, log_first, table, width };
                set.figures.push(figure);
            }
            Err(error) => set.missing.push((title, error.to_string())),
        }
    }
    set
}

/// The stem of an observable's figure.
pub(super) fn observable_stem(name: &str) -> String {
    safe_stem(&format!("observable_{name}"))
}

fn overview_jobs(report: &ValidationReport) -> Vec<Job> {
    let particle = report.detector.particle.as_str();
    let mut jobs = vec![];
    if !report.observables.is_empty() {
        let size = FigureSize { width: 820, height: 0 };
        let title = "Separation power of all observables";
        jobs.push(Job::new("summary", SUMMARY, title, particle, size, summary(report)));
    }
    if !report.response.is_empty() {
        for (stem, title, resolution) in [
            ("response", "Mean response against incident energy", false),
            ("resolution", "Resolution against incident energy", true),
        ] {
            let plot = response(report, resolution);
            jobs.push(Job::new(stem, RESPONSE, title, particle, FigureSize::PAPER, plot));
        }
    }
    jobs
}

fn summary(report: &ValidationReport) -> Summary {
    let item = |one: &ObservableComparison| SummaryItem {
        group: one.group.clone(),
        label: one.label.clone(),
        family: family(one),
        floor: one.separation.floor,
        values: vec![one.separation.value],
    };
    Summary {
        measure: "Separation power".to_owned(),
        samples: vec![report.generated.label.clone()],
        items: report.observables.iter().map(item).collect(),
    }
}

/// The label of an observable without its layer.
fn family(observable: &ObservableComparison) -> String {
    let Some(layer) = observable.layer else { return observable.label.clone() };
    let suffix = format!("_{layer}");
    let name = observable.name.strip_suffix(&suffix).unwrap_or(&observable.name);
    let layer = format!("layer {layer}");
    if observable.label.contains(&layer) {
        observable.label.replacen(&layer, "each layer", 1)
    } else {
        format!("{}, each layer", crate::plots::literal(name))
    }
}

fn response(report: &ValidationReport, resolution: bool) -> Profile {
    let usable =
        report.response.iter().filter(|point| point.incident_energy_mev > 0.0).collect::<Vec<_>>();
    let sample = |label: &str, pick: &dyn Fn(usize) -> (f64, f64)| {
        let (values, errors): (Vec<f64>, Vec<f64>) = (0..usable.len()).map(pick).unzip();
        ProfileSample {
            label: label.to_owned(),
            estimates: Estimates::symmetric(values, &errors),
            ..ProfileSample::default()
        }
    };
    let label =
        if resolution { "Resolution σ / μ of E_tot / E_inc" } else { "Mean E_tot / E_inc" };
    Profile {
        name: label.to_owned(),
        x_label: "E_inc (GeV)".to_owned(),
        y_label: label.to_owned(),
        positions: Positions::Points(
            usable.iter().map(|point| point.incident_energy_mev / 1e3).collect(),
        ),
        x_scale: Scale::Log,
        y_scale: if resolution { ProfileScale::FromZero } else { ProfileScale::Close },
        reference: sample(&report.reference.label, &|index| match resolution {
            true => (usable[index].reference_resolution, usable[index].reference_resolution_error),
            false => (usable[index].reference_mean, usable[index].reference_mean_error),
        }),
        generated: vec![sample(&report.generated.label, &|index| match resolution {
            true => (usable[index].generated_resolution, usable[index].generated_resolution_error),
            false => (usable[index].generated_mean, usable[index].generated_mean_error),
        })],
        notes: Vec::new(),
    }
}

fn per_energy_jobs(report: &ValidationReport) -> Vec<Job> {
    let mut jobs = vec![];
    for comparison in &report.per_energy {
        let energy = energy(comparison.incident_energy_mev);
        for observable in &comparison.observables {
            jobs.push(histogram_job(
                report,
                observable,
                FigureSize::COMPACT,
                &format!("{}, {energy}", report.detector.particle),
                (RESPONSE, &format!("{} at {energy}", observable.label)),
                &format!("{}_at_{:.0}_MeV", observable.name, comparison.incident_energy_mev),
            ));
        }
    }
    jobs
}

/// All observables, or those of the whole event and the worst of the others.
fn drawn_observables(report: &ValidationReport) -> Vec<&ObservableComparison> {
    let all = &report.observables;
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
    let all = &report.layer_images;
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
    if observables.len() < report.observables.len() {
        remarks.push(format!(
            "So that the page can be read, {} of {} observables have a figure: those of the whole \
             event, and of the single layers the ones with the worst separation power. The table \
             lists all, and report.json has every bin.",
            observables.len(),
            report.observables.len()
        ));
    }
    if images.len() < report.layer_images.len() {
        let layers: Vec<String> = images.iter().map(|image| image.layer.to_string()).collect();
        remarks.push(format!(
            "Maps and radial profiles are drawn of layers {}: the first, the one with the most \
             {}, the last, and others between. report.json has all {}.",
            layers.join(", "),
            report.detector.quantity,
            report.layer_images.len()
        ));
    }
    remarks
}

fn observable_jobs(report: &ValidationReport, observables: &[&ObservableComparison]) -> Vec<Job> {
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
                &report.detector.particle,
                (group, &observable.label),
                &format!("observable_{}", observable.name),
            ));
        }
    }
    jobs
}

fn histogram_job(
    report: &ValidationReport,
    observable: &ObservableComparison,
    size: FigureSize,
    subtitle: &str,
    (section, title): (&str, &str),
    stem: &str,
) -> Job {
    let histogram = histogram(report, observable);
    let log: Option<Box<dyn Plot>> = histogram.spans_decades().then(|| {
        Box::new(Histogram { vertical: VerticalScale::Logarithmic, ..histogram.clone() }) as _
    });
    let log_first = observable.log_y && log.is_some();
    Job { log, log_first, ..Job::new(stem, section, title, subtitle, size, histogram) }
}

fn histogram(report: &ValidationReport, observable: &ObservableComparison) -> Histogram {
    let pair = &observable.histogram;
    let outside = |elsewhere| Outside { elsewhere, ..Outside::default() };
    let with_floor =
        |figure: &WithFloor| format!("{} (floor {})", number(figure.value), number(figure.floor));
    Histogram {
        name: observable.name.clone(),
        label: observable.label.clone(),
        edges: pair.edges.clone(),
        log_x: observable.log_x,
        vertical: VerticalScale::Linear,
        reference: HistogramSample {
            label: report.reference.label.clone(),
            sums: pair.reference.clone(),
            variances: pair.reference_variances.clone(),
            entries: pair.reference_entries,
            outside: outside(pair.reference_outside),
            remark: String::new(),
        },
        generated: vec![HistogramSample {
            label: report.generated.label.clone(),
            sums: pair.generated.clone(),
            variances: pair.generated_variances.clone(),
            entries: pair.generated_entries,
            outside: outside(pair.generated_outside),
            remark: String::new(),
        }],
        notes: vec![
            format!("KS = {}", with_floor(&observable.ks)),
            format!("χ^{{2}}/ndf = {}", with_floor(&observable.chi2_per_ndf)),
            format!("Separation = {}", with_floor(&observable.separation)),
        ],
    }
}

fn layer_jobs(report: &ValidationReport, images: &[&LayerImage], units: &Units) -> Vec<Job> {
    let event = units.event();
    let section = format!("average {event}s");
    let particle = report.detector.particle.as_str();
    let maps = |image: &LayerImage| LayerMaps {
        name: image.name.clone(),
        shape: image.shape.clone(),
        reference: (report.reference.label.clone(), image.reference.clone()),
        generated: vec![(report.generated.label.clone(), image.generated.clone())],
        units: units.clone(),
    };
    let mut jobs = vec![];
    for &image in images {
        // Whole rings are all in the profile.
        if !matches!(image.shape, CellShape::Rings { angular_bins: 1, .. }) {
            let stem = format!("{event}_map_{}", image.layer);
            let title = format!("Average {event} in {}", image.name);
            jobs.push(Job::new(&stem, &section, &title, particle, FigureSize::MAPS, maps(image)));
        }
    }
    for &image in images {
        let stem = format!("radial_profile_{}", image.layer);
        let title = format!("Radial profile of {}", image.name);
        let plot = radial_profile(&maps(image));
        jobs.push(Job::new(&stem, &section, &title, particle, FigureSize::PAPER, plot));
    }
    jobs
}

fn classifier_jobs(report: &ValidationReport) -> Vec<Job> {
    if report.classifiers.is_empty() {
        return vec![];
    }
    let curve = |one: &super::model::ClassifierResult| RocCurve {
        label: one.features.clone(),
        points: one.roc.clone(),
        auc: one.auc.value,
        auc_error: None,
        floor: Some(one.auc.floor),
    };
    let roc = Roc { curves: report.classifiers.iter().map(curve).collect(), axes: RocAxes::Rates };
    let title = "ROC curves of the classifiers";
    let particle = &report.detector.particle;
    let log = Box::new(Roc { axes: RocAxes::Rejection, ..roc.clone() });
    let job = Job::new("roc", CLASSIFIERS, title, particle, FigureSize::SQUARE, roc);
    vec![Job { log: Some(log), ..job }]
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
