//! Histograms of the observables.

use super::Job;
use super::job::{OtherForm, safe_stem};
use crate::plots::{
    FigureSize, Histogram, HistogramSample, Outside, Plot, VerticalScale, number, with_error,
};
use crate::report::model::{ObservableComparison, ValidationReport, WithFloor};

/// Observables that have a figure.
const MOST_DRAWN: usize = 60;

/// The stem of an observable's figure.
pub(in crate::report) fn observable_stem(name: &str) -> String {
    safe_stem(&format!("observable_{name}"))
}

/// A figure for each observable, and a remark where not all have one.
pub(super) fn jobs(report: &ValidationReport) -> (Vec<Job>, Vec<String>) {
    let Some(first) = report.models.first() else { return (Vec::new(), Vec::new()) };
    let drawn = drawn(report, &first.observables);
    // Groups in the order of their first observable, whatever order the observables have.
    let mut groups: Vec<&str> = vec![];
    for observable in &drawn {
        if !groups.contains(&observable.group.as_str()) {
            groups.push(&observable.group);
        }
    }
    let mut jobs = vec![];
    for group in groups {
        for observable in drawn.iter().filter(|one| one.group == group) {
            let name = observable.name.as_str();
            let of_models = report.models.iter().map(|model| {
                let same = model.observables.iter().find(|one| one.name == name);
                (model.name.as_str(), same)
            });
            jobs.push(histogram_job(
                report,
                &of_models.filter_map(|(name, one)| Some((name, one?))).collect::<Vec<_>>(),
                FigureSize::PAPER,
                &report.detector.particle,
                (group, &observable.label),
                &observable_stem(name),
            ));
        }
    }
    let (count, all) = (drawn.len(), first.observables.len());
    let remarks = if count < all {
        vec![format!(
            "So that the page can be read, {count} of {all} observables have a figure: those of \
             the whole event, and of the single layers the ones with the worst separation power. \
             The tables list all, and report.json has every bin."
        )]
    } else {
        Vec::new()
    };
    (jobs, remarks)
}

/// All observables, or those of the whole event and the worst of the others.
fn drawn<'a>(
    report: &ValidationReport,
    all: &'a [ObservableComparison],
) -> Vec<&'a ObservableComparison> {
    if all.len() <= MOST_DRAWN {
        return all.iter().collect();
    }
    // Of the worst model; what is not a number needs a look.
    let separation = |index: usize| {
        let of_models = report.models.iter().filter_map(|model| model.observables.get(index));
        let values = of_models.map(|one| one.separation.value);
        values
            .map(|value| if value.is_nan() { f64::INFINITY } else { value })
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|&a, &b| {
        let of_layer = |index: usize| all[index].layer.is_some();
        of_layer(a).cmp(&of_layer(b)).then(separation(b).total_cmp(&separation(a)))
    });
    order.truncate(MOST_DRAWN);
    order.sort_unstable();
    order.into_iter().map(|index| &all[index]).collect()
}

/// One observable of several models in a figure, with a logarithmic form where that shows more.
pub(super) fn histogram_job(
    report: &ValidationReport,
    models: &[(&str, &ObservableComparison)],
    size: FigureSize,
    subtitle: &str,
    (section, title): (&str, &str),
    stem: &str,
) -> Job {
    let histogram = histogram(report, models, size);
    let log_first = models.first().is_some_and(|(_, one)| one.log_y);
    let variant: Option<Box<dyn Plot>> = histogram.spans_decades().then(|| {
        Box::new(Histogram { vertical: VerticalScale::Logarithmic, ..histogram.clone() }) as _
    });
    let job = Job::new(stem, section, title, subtitle, size, histogram);
    let names = ["linear axis", "logarithmic axis"];
    let variant = variant.map(|plot| OtherForm { plot, first: log_first, names });
    Job { variant, ..job }
}

fn histogram(
    report: &ValidationReport,
    models: &[(&str, &ObservableComparison)],
    size: FigureSize,
) -> Histogram {
    let Some((_, first)) = models.first() else { return Histogram::default() };
    let pair = &first.histogram;
    let alone = models.len() == 1;
    let generated = models.iter().map(|(name, one)| {
        let pair = &one.histogram;
        HistogramSample {
            label: (*name).to_owned(),
            sums: pair.generated.clone(),
            variances: pair.generated_variances.clone(),
            entries: pair.generated_entries,
            outside: outside(pair.generated_underflow, pair.generated_overflow),
            remark: if alone || size == FigureSize::COMPACT {
                String::new()
            } else {
                short_statistics(one)
            },
        }
    });
    Histogram {
        name: first.name.clone(),
        label: first.label.clone(),
        edges: pair.edges.clone(),
        log_x: first.log_x,
        vertical: VerticalScale::Linear,
        reference: HistogramSample {
            label: report.reference.label.clone(),
            sums: pair.reference.clone(),
            variances: pair.reference_variances.clone(),
            entries: pair.reference_entries,
            outside: outside(pair.reference_underflow, pair.reference_overflow),
            remark: String::new(),
        },
        generated: generated.collect(),
        notes: if alone { statistics(first) } else { Vec::new() },
    }
}

fn outside(below: usize, above: usize) -> Outside {
    Outside { below, above, elsewhere: 0 }
}

/// Lines for a corner of the figure.
fn statistics(one: &ObservableComparison) -> Vec<String> {
    if let Some(reason) = &one.abstained {
        return vec![format!("No tests: {}", crate::plots::literal(reason))];
    }
    let line = |name: &str, figure: &WithFloor| {
        let value = with_error(figure.value, figure.error);
        format!("{name} = {value} (floor {})", number(figure.floor))
    };
    vec![
        line("KS", &one.ks),
        line("χ^{2}/ndf", &one.chi2_per_ndf),
        line("Separation", &one.separation),
    ]
}

/// The same in one line, for the legend.
fn short_statistics(one: &ObservableComparison) -> String {
    if one.abstained.is_some() {
        return "no tests".to_owned();
    }
    format!(
        "KS {}, χ^{{2}}/ndf {}, separation {}",
        number(one.ks.value),
        number(one.chi2_per_ndf.value),
        number(one.separation.value)
    )
}
