use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::image_error;
use crate::ValidationError;
use crate::observables::radial_power_spectrum;
use crate::random::{Purpose, generator, uniform};

/// What natural images are told from made ones by, without a network (Zeng et al.,
/// arXiv:1708.02688).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LowLevelStatistics {
    /// Slope of the radial power spectrum, [`crate::observables::PowerSpectrum::slope`].
    pub power_slope: f64,
    /// [`contrast`].
    pub contrast: f64,
    /// [`filter_kurtosis`].
    pub filter_kurtosis: f64,
}

impl LowLevelStatistics {
    /// # Errors
    /// As those of [`filter_kurtosis`].
    pub fn of(
        image: ArrayView2<'_, f64>,
        filters: &[Array2<f64>],
    ) -> Result<Self, ValidationError> {
        Ok(Self {
            filter_kurtosis: filter_kurtosis(image, filters)?,
            power_slope: radial_power_spectrum(image).slope(),
            contrast: contrast(image),
        })
    }
}

/// Standard deviation of the pixels (over their number) over their mean; 0 where the mean is 0.
pub fn contrast(image: ArrayView2<'_, f64>) -> f64 {
    let count = image.len() as f64;
    let mean = image.sum() / count;
    let variance = image.fold(0.0, |sum, pixel| sum + (pixel - mean) * (pixel - mean)) / count;
    if mean == 0.0 || image.is_empty() { 0.0 } else { variance.sqrt() / mean }
}

/// The kurtosis ⟨(v − v̄)⁴⟩ / ⟨(v − v̄)²⟩² of what a filter gives on all its places inside of the
/// image, averaged over filters: 3 for noise, more for images with edges. A filter that gives the
/// same everywhere counts as 3.
///
/// # Shapes
/// `image`: `[rows, columns]`; each filter the same or smaller.
///
/// # Errors
/// No filters, or one that is larger than the image.
pub fn filter_kurtosis(
    image: ArrayView2<'_, f64>,
    filters: &[Array2<f64>],
) -> Result<f64, ValidationError> {
    if filters.is_empty() {
        return Err(image_error("have no filters to look through".to_owned()));
    }
    let mut sum = 0.0;
    for filter in filters {
        let fits = |axis| filter.shape()[axis] <= image.shape()[axis];
        if filter.is_empty() || !fits(0) || !fits(1) {
            let (found, expected) = (filter.shape(), image.shape());
            let problem = format!("have shape {expected:?}, too small for a filter of {found:?}");
            return Err(image_error(problem));
        }
        let responses: Vec<f64> = image
            .windows(filter.dim())
            .into_iter()
            .map(|window| (&window * filter).sum())
            .collect();
        sum += kurtosis(&responses);
    }
    Ok(sum / filters.len() as f64)
}

fn kurtosis(values: &[f64]) -> f64 {
    const OF_NOISE: f64 = 3.0;
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let moment = |power| values.iter().map(|v| (v - mean).powi(power)).sum::<f64>() / count;
    let variance = moment(2);
    if variance > 0.0 { moment(4) / (variance * variance) } else { OF_NOISE }
}

/// Filters of normal random numbers, each with the mean 0 and the sum of squares 1.
///
/// # Shapes
/// `[side, side]` each.
pub fn random_filters(count: usize, side: usize, seed: u64) -> Vec<Array2<f64>> {
    let mut generator = generator(seed, Purpose::RandomFilters);
    let mut normal = || {
        let radius = (-2.0 * (1.0 - uniform(&mut generator)).ln()).sqrt();
        radius * (std::f64::consts::TAU * uniform(&mut generator)).cos()
    };
    (0..count)
        .map(|_| {
            let mut filter = Array2::from_shape_simple_fn((side, side), &mut normal);
            filter -= filter.sum() / filter.len() as f64;
            let norm = filter.mapv(|weight| weight * weight).sum().sqrt();
            if norm > 0.0 { filter / norm } else { filter }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_the_kurtosis_of_noise_and_a_point_has_more() {
        let filters = random_filters(6, 8, 3);
        for filter in &filters {
            approx::assert_abs_diff_eq!(filter.sum(), 0.0, epsilon = 1e-12);
            approx::assert_relative_eq!(filter.mapv(|w| w * w).sum(), 1.0, epsilon = 1e-12);
        }
        let mut numbers = generator(1, Purpose::RandomFilters);
        let noise = Array2::from_shape_simple_fn((96, 96), || {
            (0..12).map(|_| uniform(&mut numbers)).sum::<f64>()
        });
        let found = LowLevelStatistics::of(noise.view(), &filters).expect("fits");
        assert!((found.filter_kurtosis - 3.0).abs() < 0.25, "{found:?}");
        assert!((found.contrast - 1.0 / 6.0).abs() < 0.01 && found.power_slope.abs() < 0.2);
        let mut point = Array2::zeros((96, 96));
        point[[50, 40]] = 1.0;
        assert!(filter_kurtosis(point.view(), &filters).expect("fits") > 50.0);
    }

    #[test]
    fn constant_images_and_large_filters() {
        let flat = Array2::from_elem((8, 8), 2.0);
        let statistics = LowLevelStatistics::of(flat.view(), &[Array2::eye(3)]).expect("fits");
        assert_eq!((statistics.contrast, statistics.filter_kurtosis), (0.0, 3.0));
        assert_eq!(contrast(Array2::zeros((4, 4)).view()), 0.0);
        let error = filter_kurtosis(flat.view(), &[Array2::eye(9)]).expect_err("too large");
        assert!(error.to_string().contains("too small for a filter of [9, 9]"), "{error}");
        assert!(filter_kurtosis(flat.view(), &[]).is_err());
    }
}
