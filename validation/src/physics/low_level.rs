use serde::{Deserialize, Serialize};

use super::images::{image, shape};
use super::moments::Moments;
use crate::metrics::images::{LowLevelStatistics, random_filters};
use crate::{Sample, ValidationError};

/// Random filters that images are looked at through, and their side in pixels.
const FILTERS: usize = 8;
const SIDE: usize = 8;

/// A low-level statistic of both samples' images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LowLevelComparison {
    /// `power_slope`, `contrast` or `filter_kurtosis`.
    pub name: String,
    pub reference: Moments,
    pub generated: Moments,
}

/// Mean and spread of [`LowLevelStatistics`] over the images whose values are kept, with eight
/// random filters of 8 × 8 pixels. Empty for detectors that are no image, and for less than two
/// images.
///
/// # Errors
/// Images smaller than the filters.
pub fn compare_low_level(
    reference: &Sample,
    generated: &Sample,
    seed: u64,
) -> Result<Vec<LowLevelComparison>, ValidationError> {
    const FIGURES: [(&str, fn(&LowLevelStatistics) -> f64); 3] = [
        ("power_slope", |found| found.power_slope),
        ("contrast", |found| found.contrast),
        ("filter_kurtosis", |found| found.filter_kurtosis),
    ];
    let Some(shape) = shape(reference.detector()) else { return Ok(Vec::new()) };
    let filters = random_filters(FILTERS, SIDE, seed);
    let of = |sample: &Sample| -> Result<Vec<(LowLevelStatistics, f64)>, ValidationError> {
        let weight = |event: usize| sample.weights().map_or(1.0, |weights| weights[event]);
        let values = sample.kept_values();
        let rows = values.outer_iter().zip(sample.kept_events());
        rows.map(|(row, &event)| {
            let statistics = LowLevelStatistics::of(image(row, shape).view(), &filters)?;
            Ok((statistics, weight(event)))
        })
        .collect()
    };
    let (own, other) = (of(reference)?, of(generated)?);
    let moments = |found: &[(LowLevelStatistics, f64)], figure: fn(&LowLevelStatistics) -> f64| {
        Moments::of(found.iter().map(|(statistics, weight)| (figure(statistics), *weight)))
    };
    let compared = FIGURES.iter().filter_map(|(name, figure)| {
        Some(LowLevelComparison {
            name: (*name).to_owned(),
            reference: moments(&own, *figure)?,
            generated: moments(&other, *figure)?,
        })
    });
    Ok(compared.collect())
}
