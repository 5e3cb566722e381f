use serde::{Deserialize, Serialize};

use super::parzen::best_bandwidth;
use super::parzen_log_densities;
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::percentile::percentile;

/// How much of the data lies where the model has most of its events.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ModelCoverage {
    /// C: 0.95 for a model that is the data's distribution.
    pub coverage: f64,
    /// log t.
    pub threshold: f64,
    /// σ of the model's density.
    pub bandwidth: f64,
}

/// The coverage metric C = P_data(p_model > t) with P_model(p_model > t) = 0.95 (Tolstikhin et al.,
/// arXiv:1701.02386, section 4).
///
/// p_model is a Parzen window of every second generated event; the others give t, and choose the
/// width from `bandwidths` by their likelihood. Events of the window itself would lie above t by
/// their own Gaussian.
///
/// # Errors
/// No bandwidths or one that is not above 0, different features, or fewer than 40 generated events.
pub fn model_coverage(
    data: &FeatureMatrix,
    generated: &FeatureMatrix,
    bandwidths: &[f64],
) -> Result<ModelCoverage, ValidationError> {
    generated.check_events("a coverage", 40)?;
    let every_second = |first: usize| {
        generated.select(&(first..generated.events()).step_by(2).collect::<Vec<_>>())
    };
    let (window, others) = (every_second(0), every_second(1));
    let (_, bandwidth) = best_bandwidth(&window, &others, bandwidths)?;
    let of_data = parzen_log_densities(data, &window, bandwidth)?;
    let of_model = parzen_log_densities(&others, &window, bandwidth)?;
    let (coverage, threshold) = coverage_of_densities(&of_data, &of_model, 0.95)?;
    Ok(ModelCoverage { coverage, threshold, bandwidth })
}

/// The share of `data`'s densities above t, and t, above which the share `share` of `model`'s
/// densities lies (their quantile 1 − `share`, linear between two values).
///
/// ```
/// use validation::metrics::likelihood::coverage_of_densities;
/// let (coverage, t) = coverage_of_densities(&[0.5, 2.0, 3.0, 9.0], &[0.0, 1.0, 2.0, 3.0, 4.0], 0.75)?;
/// assert_eq!((coverage, t), (0.75, 1.0));
/// # Ok::<(), validation::ValidationError>(())
/// ```
///
/// # Errors
/// No densities of either, or a share that is not between 0 and 1.
pub fn coverage_of_densities(
    data: &[f64],
    model: &[f64],
    share: f64,
) -> Result<(f64, f64), ValidationError> {
    if !(share > 0.0 && share < 1.0) {
        let found = share.to_string();
        return Err(ValidationError::Setting { name: "share", found, expected: "between 0 and 1" });
    }
    if data.is_empty() || model.is_empty() {
        let purpose = "a coverage".to_owned();
        return Err(ValidationError::TooFewEvents { purpose, found: 0, needed: 1 });
    }
    let mut sorted = model.to_vec();
    sorted.sort_by(f64::total_cmp);
    let threshold = percentile(&sorted, 100.0 * (1.0 - share));
    let above = data.iter().filter(|density| **density > threshold).count();
    Ok((above as f64 / data.len() as f64, threshold))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::likelihood::bandwidths_about;
    use crate::random::{Purpose, generator, uniform};
    use ndarray::Array2;

    fn features(events: usize, width: f64, stream: u32) -> FeatureMatrix {
        let mut generator = generator(8, Purpose::Halves(stream));
        let values = Array2::from_shape_fn((events, 2), |_| width * uniform(&mut generator));
        FeatureMatrix::new("test", values.view()).expect("valid")
    }

    #[test]
    fn a_model_of_half_the_data_covers_half() {
        let data = features(1000, 1.0, 1);
        let coverage = |generated: &FeatureMatrix| {
            let bandwidths = bandwidths_about(&data, generated).expect("a median");
            model_coverage(&data, generated, &bandwidths).expect("valid").coverage
        };
        let same = coverage(&features(2000, 1.0, 2));
        assert!((same - 0.95).abs() < 0.03, "{same}");
        // A square of half the area.
        let half = coverage(&features(2000, 0.5_f64.sqrt(), 2));
        assert!((half - 0.5).abs() < 0.06, "{half}");
        assert!(model_coverage(&data, &features(39, 1.0, 2), &[0.1]).is_err());
        assert!(coverage_of_densities(&[], &[1.0], 0.9).is_err());
        assert!(coverage_of_densities(&[1.0], &[1.0], 1.0).is_err());
    }
}
