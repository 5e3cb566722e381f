//! Profiles, rings, identification, power spectra.

use super::Job;
use crate::physics::pid::{EfficiencyPoint, IdentificationCurve};
use crate::physics::{ProfileComparison, ProfilePoint};
use crate::plots::{
    Efficiency, Estimates, FigureSize, IdentificationCurves, Positions, Profile, ProfileSample,
    ProfileScale, Scale,
};
use crate::report::model::{ModelResult, PhysicsResult, ValidationReport};

const PROFILES: &str = "shower profiles";
const RINGS: &str = "rings";
const IDENTIFICATION: &str = "particle identification";
const IMAGES: &str = "power spectrum";

pub(super) fn jobs(report: &ValidationReport) -> Vec<Job> {
    let Some(first) = report.models.first() else { return Vec::new() };
    let particle = report.detector.particle.as_str();
    let mut jobs = Vec::new();
    for (number, of) in first.physics.profiles.iter().enumerate() {
        let others = each(report, |physics| physics.profiles.get(number));
        let stem = format!("profile_{}", of.name);
        jobs.extend(profile_job(report, PROFILES, &stem, particle, &others));
    }
    for (group, of) in first.physics.rings.iter().enumerate() {
        let species = of.species.as_deref().unwrap_or("all tracks");
        for number in 0..of.profiles.len() {
            let others = each(report, |physics| physics.rings.get(group)?.profiles.get(number));
            let stem = format!("{}_{species}", of.profiles[number].name);
            jobs.extend(profile_job(report, RINGS, &stem, species, &others));
        }
    }
    if let Some(of) = &first.physics.power_spectra {
        let as_profile =
            |reference: &[ProfilePoint], generated: &[ProfilePoint]| ProfileComparison {
                name: "power_spectrum".to_owned(),
                x_label: "Wave number k (1 / image)".to_owned(),
                y_label: "Mean power".to_owned(),
                logarithmic_x: false,
                reference: reference.to_vec(),
                generated: generated.to_vec(),
            };
        let all: Vec<ProfileComparison> = report
            .models
            .iter()
            .map(|model| {
                let own = model.physics.power_spectra.as_ref();
                as_profile(&of.reference, own.map_or(&[], |own| own.generated.as_slice()))
            })
            .collect();
        let others: Vec<Option<&ProfileComparison>> = all.iter().map(Some).collect();
        jobs.extend(profile_job(report, IMAGES, "power_spectrum", particle, &others));
    }
    for (number, of) in first.physics.identification.iter().enumerate() {
        jobs.push(efficiency_job(report, number, of));
    }
    jobs
}

/// Something of each model, in their order.
fn each<'a, T>(
    report: &'a ValidationReport,
    of: impl Fn(&'a PhysicsResult) -> Option<&'a T>,
) -> Vec<Option<&'a T>> {
    report.models.iter().map(|model: &ModelResult| of(&model.physics)).collect()
}

fn profile_job(
    report: &ValidationReport,
    section: &str,
    stem: &str,
    subtitle: &str,
    of_models: &[Option<&ProfileComparison>],
) -> Option<Job> {
    let first = of_models.iter().copied().flatten().next()?;
    if first.reference.is_empty() {
        return None;
    }
    let edges: Vec<f64> = first
        .reference
        .iter()
        .map(|point| point.low)
        .chain(first.reference.last().map(|point| point.high))
        .collect();
    // Bins without events are left out: what is left need not be side by side.
    let together = first.reference.windows(2).all(|pair| pair[0].high == pair[1].low);
    let middle = |point: &ProfilePoint| {
        if first.logarithmic_x {
            (point.low * point.high).sqrt()
        } else {
            0.5 * (point.low + point.high)
        }
    };
    let positions = if together {
        Positions::Edges(edges)
    } else {
        Positions::Points(first.reference.iter().map(middle).collect())
    };
    let sample = |label: &str, points: &[ProfilePoint]| {
        let at = |low: f64| points.iter().find(|point| point.low == low);
        let found = first.reference.iter().map(|point| {
            at(point.low).map_or((f64::NAN, f64::NAN), |own| (own.mean.value, own.mean.error))
        });
        let (values, errors): (Vec<f64>, Vec<f64>) = found.unzip();
        ProfileSample {
            label: label.to_owned(),
            estimates: Estimates::symmetric(values, &errors),
            ..ProfileSample::default()
        }
    };
    let means = || first.reference.iter().map(|point| point.mean.value);
    let (least, greatest) = (means().fold(f64::INFINITY, f64::min), means().fold(0.0, f64::max));
    let y_scale = if least > 0.0 && greatest > 100.0 * least {
        ProfileScale::Logarithmic
    } else {
        ProfileScale::FromZero
    };
    let generated =
        report.models.iter().zip(of_models).map(|(model, own)| {
            sample(&model.name, own.map_or(&[], |own| own.generated.as_slice()))
        });
    let plot = Profile {
        name: first.y_label.clone(),
        x_label: first.x_label.clone(),
        y_label: first.y_label.clone(),
        positions,
        x_scale: if first.logarithmic_x { Scale::Log } else { Scale::Linear },
        y_scale,
        reference: sample(&report.reference.label, &first.reference),
        generated: generated.collect(),
        notes: Vec::new(),
    };
    let title = format!("{} against {}", first.y_label, first.x_label);
    Some(Job::new(stem, section, &title, subtitle, FigureSize::PAPER, plot))
}

fn efficiency_job(report: &ValidationReport, number: usize, of: &IdentificationCurve) -> Job {
    let curve = |points: &[EfficiencyPoint]| {
        let mut curve: Vec<(f64, f64)> = points
            .iter()
            .map(|point| (point.efficiency.value, point.misidentification.value))
            .collect();
        curve.sort_by(|a, b| a.0.total_cmp(&b.0));
        curve
    };
    let of_models = each(report, |physics| physics.identification.get(number));
    let plot = Efficiency {
        reference_label: report.reference.label.clone(),
        generated_labels: report.models.iter().map(|model| model.name.clone()).collect(),
        pairs: vec![IdentificationCurves {
            label: format!("{} against {}", of.signal, of.background),
            reference: curve(&of.reference),
            generated: of_models
                .into_iter()
                .map(|own| own.map_or_else(Vec::new, |own| curve(&own.generated)))
                .collect(),
        }],
        x_label: format!("{} efficiency", of.signal),
        y_label: format!("{} misidentification probability", of.background),
    };
    let title = format!("{} against {} by {}", of.signal, of.background, of.variable);
    let stem = format!("identification_{}_{}", of.signal, of.background);
    Job::new(&stem, IDENTIFICATION, &title, &of.variable, FigureSize::COMPACT, plot)
}
