use std::collections::BTreeMap;

use detectors::{ConditionKind, Detector, Family};
use ndarray::{Array2, ArrayView2, s};
use serde::{Deserialize, Serialize};

use super::moments::{Measured, Moments};
use super::profile::ProfilePoint;
use crate::metrics::images::{ms_ssim, psnr, sharpness_difference, ssim};
use crate::observables::{ObservableKind, Quantity, radial_power_spectrum};
use crate::{Sample, ValidationError};

/// Relative difference below which two sums of a condition's pixels are the same.
const SAME_CONDITION: f64 = 1e-5;

/// The radial power spectrum of images, as mean and spread over the images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpectrumComparison {
    /// Points at k = 1, 2, … with bins k ± ½.
    pub reference: Vec<ProfilePoint>,
    pub generated: Vec<ProfilePoint>,
}

/// The total of a generated image over that of the reference's image for the same condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FluxRecovery {
    /// One for each pair whose reference has a positive total.
    pub ratios: Vec<f64>,
    pub mean: Measured,
    pub spread: Measured,
    /// Σ of all generated over Σ of all reference totals.
    pub overall: f64,
}

/// Mean of a figure over pairs of images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageFigure {
    /// `psnr`, `ssim`, `ms_ssim` or `sharpness_difference`.
    pub name: String,
    /// `dB` or `1`.
    pub unit: String,
    pub mean: Measured,
    pub spread: Measured,
}

/// Figures of generated images beside those of the reference for the same conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairedImages {
    pub pairs: usize,
    pub flux_recovery: Option<FluxRecovery>,
    /// Those that the size of the images allows. Pairs of equal images, whose ratio in dB is
    /// infinite, are left out of its mean.
    pub figures: Vec<ImageFigure>,
}

/// The mean radial power spectra of both samples, of the images whose values are kept; `None` for
/// detectors that are no image.
pub fn compare_power_spectra(reference: &Sample, generated: &Sample) -> Option<SpectrumComparison> {
    shape(reference.detector())?;
    Some(SpectrumComparison {
        reference: mean_spectrum(reference),
        generated: mean_spectrum(generated),
    })
}

fn mean_spectrum(sample: &Sample) -> Vec<ProfilePoint> {
    let Some(shape) = shape(sample.detector()) else { return Vec::new() };
    let weight = |event: usize| sample.weights().map_or(1.0, |weights| weights[event]);
    let spectra: Vec<(Vec<f64>, f64)> = sample
        .kept_values()
        .outer_iter()
        .zip(sample.kept_events())
        .map(|(row, &event)| {
            (radial_power_spectrum(image(row.view(), shape).view()).power, weight(event))
        })
        .collect();
    let waves = spectra.first().map_or(0, |(power, _)| power.len());
    let point = |k: usize| {
        let moments = Moments::of(spectra.iter().map(|(power, weight)| (power[k], *weight)))?;
        let k = k as f64;
        Some(ProfilePoint::new(k - 0.5, k + 0.5, &moments))
    };
    (1..waves).filter_map(point).collect()
}

/// Compares image by image where the samples are pairs: event k of both was made for the same
/// condition, as `generate --conditions` does with the reference's file. They are taken for pairs
/// if they have equally many events, and every condition of the same number is the same (of an
/// image its sum); else `None`. The data range of an image is that of the reference's image,
/// greatest less least pixel; pairs without a range are left out.
pub fn paired_images(reference: &Sample, generated: &Sample) -> Option<PairedImages> {
    const NAMES: [(&str, &str); 4] =
        [("psnr", "dB"), ("ssim", "1"), ("ms_ssim", "1"), ("sharpness_difference", "dB")];
    let shape = shape(reference.detector())?;
    if !are_pairs(reference, generated) {
        return None;
    }
    let mut found: [Vec<(f64, f64)>; NAMES.len()] = Default::default();
    let weight = |event: usize| reference.weights().map_or(1.0, |weights| weights[event]);
    let mut pairs = 0;
    let others: BTreeMap<usize, usize> =
        generated.kept_events().iter().enumerate().map(|(row, &event)| (event, row)).collect();
    for (row, &event) in reference.kept_events().iter().enumerate() {
        let Some(&other) = others.get(&event) else { continue };
        let a = image(reference.kept_values().row(row), shape);
        let b = image(generated.kept_values().row(other), shape);
        let (low, high) =
            a.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &pixel| {
                (low.min(pixel), high.max(pixel))
            });
        if high <= low {
            continue;
        }
        pairs += 1;
        let figures: [Measure; NAMES.len()] = [psnr, ssim, ms_ssim, sharpness_difference];
        for (found, figure) in found.iter_mut().zip(figures) {
            // Images that are too small for a figure do not have it.
            if let Ok(value) = figure(a.view(), b.view(), high - low)
                && value.is_finite()
            {
                found.push((value, weight(event)));
            }
        }
    }
    let figures = found.into_iter().zip(NAMES).filter_map(|(values, (name, unit))| {
        let Moments { mean, spread, .. } = Moments::of(values)?;
        Some(ImageFigure { name: name.to_owned(), unit: unit.to_owned(), mean, spread })
    });
    let figures = figures.collect();
    Some(PairedImages { pairs, flux_recovery: flux_recovery(reference, generated), figures })
}

type Measure = fn(ArrayView2<'_, f64>, ArrayView2<'_, f64>, f64) -> Result<f64, ValidationError>;

/// Of samples that are pairs.
fn flux_recovery(reference: &Sample, generated: &Sample) -> Option<FluxRecovery> {
    let kind = ObservableKind { quantity: Quantity::Total, layer: None };
    let (own, other) = (reference.observables().get(kind)?, generated.observables().get(kind)?);
    let weight = |event: usize| reference.weights().map_or(1.0, |weights| weights[event]);
    let pairs: Vec<(f64, f64)> = own
        .iter()
        .zip(other)
        .enumerate()
        .filter(|(_, (own, _))| **own > 0.0)
        .map(|(event, (own, other))| (other / own, weight(event)))
        .collect();
    let Moments { mean, spread, .. } = Moments::of(pairs.iter().copied())?;
    let sum = |totals: &[f64]| {
        totals.iter().enumerate().map(|(event, total)| weight(event) * total).sum::<f64>()
    };
    let ratios = pairs.into_iter().map(|(ratio, _)| ratio).collect();
    Some(FluxRecovery { ratios, mean, spread, overall: sum(other) / sum(own) })
}

fn are_pairs(reference: &Sample, generated: &Sample) -> bool {
    let same = |index: usize| {
        let pairs = reference.condition(index).iter().zip(generated.condition(index));
        pairs.into_iter().all(|(a, b)| (a - b).abs() <= SAME_CONDITION * a.abs().max(b.abs()))
    };
    let detector = reference.detector();
    detector.name() == generated.detector().name()
        && reference.events() == generated.events()
        && (0..detector.conditions().len()).all(same)
}

/// Rows and columns of a map that is made for a map.
pub(super) fn shape(detector: &Detector) -> Option<(usize, usize)> {
    let [columns, rows, 1] = detector.grid()? else { return None };
    let is_image = |kind: &ConditionKind| matches!(kind, ConditionKind::Image(_));
    let of_image = detector.conditions().iter().any(|condition| is_image(&condition.kind));
    (detector.family() == Family::Radio || of_image).then_some((rows, columns))
}

pub(super) fn image(
    row: ndarray::ArrayView1<'_, f32>,
    (rows, columns): (usize, usize),
) -> Array2<f64> {
    let pixels = row.slice(s![..rows * columns]).mapv(f64::from);
    pixels.into_shape_with_order((rows, columns)).expect("a row has all pixels of the image")
}
