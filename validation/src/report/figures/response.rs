//! Response and resolution against the incident energy.

use super::Job;
use crate::physics::{Coefficient, ResolutionFit};
use crate::plots::{Estimates, FigureSize, Positions, Profile, ProfileSample, ProfileScale, Scale};
use crate::report::model::{ResponsePoint, ValidationReport};

const SECTION: &str = "energy response";

pub(super) fn jobs(report: &ValidationReport) -> Vec<Job> {
    let energies = energies(report);
    if energies.is_empty() {
        return Vec::new();
    }
    let particle = report.detector.particle.as_str();
    [
        ("response", "Mean response against incident energy", false),
        ("resolution", "Resolution against incident energy", true),
    ]
    .map(|(stem, title, resolution)| {
        let plot = profile(report, &energies, resolution);
        Job::new(stem, SECTION, title, particle, FigureSize::PAPER, plot)
    })
    .into_iter()
    .collect()
}

/// The energies in MeV at which any model has a point, rising.
fn energies(report: &ValidationReport) -> Vec<f64> {
    let points = report.models.iter().flat_map(|model| &model.response);
    let mut energies: Vec<f64> = points.map(|point| point.incident_energy_mev).collect();
    energies.retain(|energy| *energy > 0.0 && energy.is_finite());
    energies.sort_by(f64::total_cmp);
    energies.dedup();
    energies
}

fn profile(report: &ValidationReport, energies: &[f64], resolution: bool) -> Profile {
    let range = match (energies.first(), energies.last()) {
        (Some(first), Some(last)) if resolution && first < last => Some((first / 1e3, last / 1e3)),
        _ => None,
    };
    // The fitted a/√E ⊕ b/E ⊕ c as a line with its parameters in the legend.
    let with_fit = |mut sample: ProfileSample, fit: Option<&ResolutionFit>| {
        if let (Some(fit), Some(range)) = (fit, range) {
            let drawn = drawn_fit(fit);
            sample.curve = drawn.curve(range);
            sample.remark = drawn.words();
        }
        sample
    };
    let sample = |label: &str, find: &dyn Fn(f64) -> Option<(f64, f64)>| {
        let found = energies.iter().map(|&energy| find(energy).unwrap_or((f64::NAN, f64::NAN)));
        let (values, errors): (Vec<f64>, Vec<f64>) = found.unzip();
        ProfileSample {
            label: label.to_owned(),
            estimates: Estimates::symmetric(values, &errors),
            ..ProfileSample::default()
        }
    };
    let of_reference = |point: &ResponsePoint| {
        if resolution {
            (point.reference_resolution, point.reference_resolution_error)
        } else {
            (point.reference_mean, point.reference_mean_error)
        }
    };
    let of_generated = |point: &ResponsePoint| {
        if resolution {
            (point.generated_resolution, point.generated_resolution_error)
        } else {
            (point.generated_mean, point.generated_mean_error)
        }
    };
    let at = |points: &[ResponsePoint], energy: f64| {
        points.iter().find(|point| point.incident_energy_mev == energy).cloned()
    };
    let label =
        if resolution { "Resolution σ / μ of E_tot / E_inc" } else { "Mean E_tot / E_inc" };
    Profile {
        name: label.to_owned(),
        x_label: "E_inc (GeV)".to_owned(),
        y_label: label.to_owned(),
        positions: Positions::Points(energies.iter().map(|energy| energy / 1e3).collect()),
        x_scale: Scale::Log,
        y_scale: if resolution { ProfileScale::FromZero } else { ProfileScale::Close },
        reference: with_fit(
            sample(&report.reference.label, &|energy| {
                let points = report.models.iter().find_map(|model| at(&model.response, energy));
                points.as_ref().map(of_reference)
            }),
            report
                .models
                .first()
                .and_then(|model| model.physics.resolution.as_ref()?.reference_fit.as_ref()),
        ),
        generated: report
            .models
            .iter()
            .map(|model| {
                let points = sample(&model.name, &|energy| {
                    at(&model.response, energy).as_ref().map(of_generated)
                });
                let fits = model.physics.resolution.as_ref();
                with_fit(points, fits.and_then(|fits| fits.generated_fit.as_ref()))
            })
            .collect(),
        notes: Vec::new(),
    }
}

fn drawn_fit(fit: &ResolutionFit) -> crate::plots::ResolutionFit {
    let term = |term: Coefficient| (term.value, term.error.unwrap_or(0.0));
    crate::plots::ResolutionFit {
        stochastic: term(fit.stochastic),
        noise: term(fit.noise),
        constant: term(fit.constant),
    }
}
