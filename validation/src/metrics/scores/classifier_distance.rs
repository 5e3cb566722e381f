use serde::{Deserialize, Serialize};

use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::checks::setting;
use crate::metrics::frechet::frechet_distance;
use crate::metrics::kernels::{KernelDistanceSettings, kernel_distance};

/// What made the features: figures are comparable only where it is the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extractor {
    /// Such as `inception-v3-2015, pool3` or `digits-classifier, layer 3`.
    pub name: String,
    /// Of its weights: SHA-256 in hexadecimal, or what identifies them.
    pub hash: String,
}

/// The features of a sample's events, and what made them.
#[derive(Debug, Clone)]
pub struct ExtractedFeatures {
    pub extractor: Extractor,
    pub features: FeatureMatrix,
}

/// A distance between the features of two samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassifierDistance {
    pub value: f64,
    /// Where there is one.
    pub deviation: Option<f64>,
    pub extractor: Extractor,
    pub reference_events: usize,
    pub generated_events: usize,
}

/// The Fréchet distance of a classifier's features, FID where it is Inception: see
/// [`frechet_distance`]. It is the square; it falls with the number of events, which the result
/// therefore tells.
///
/// # Errors
/// Features of different extractors, one without name or hash, or what [`frechet_distance`]
/// refuses.
pub fn frechet_classifier_distance(
    reference: &ExtractedFeatures,
    generated: &ExtractedFeatures,
) -> Result<ClassifierDistance, ValidationError> {
    check_extractors(reference, generated)?;
    let value = frechet_distance(&reference.features, &generated.features)?;
    Ok(distance(reference, generated, value, None))
}

/// The kernel distance of a classifier's features, KID where it is Inception: see
/// [`kernel_distance`].
///
/// # Errors
/// Features of different extractors, one without name or hash, or what [`kernel_distance`] refuses.
pub fn kernel_classifier_distance(
    reference: &ExtractedFeatures,
    generated: &ExtractedFeatures,
    settings: &KernelDistanceSettings,
) -> Result<ClassifierDistance, ValidationError> {
    check_extractors(reference, generated)?;
    let found = kernel_distance(&reference.features, &generated.features, settings)?;
    Ok(distance(reference, generated, found.mean, Some(found.deviation)))
}

fn distance(
    reference: &ExtractedFeatures,
    generated: &ExtractedFeatures,
    value: f64,
    deviation: Option<f64>,
) -> ClassifierDistance {
    ClassifierDistance {
        value,
        deviation,
        extractor: reference.extractor.clone(),
        reference_events: reference.features.events(),
        generated_events: generated.features.events(),
    }
}

fn check_extractors(
    reference: &ExtractedFeatures,
    generated: &ExtractedFeatures,
) -> Result<(), ValidationError> {
    let Extractor { name, hash } = &generated.extractor;
    let found = format!("`{name}` with hash `{hash}`");
    if name.is_empty() || hash.is_empty() {
        return Err(setting("extractor", found, "a name and a hash"));
    }
    if reference.extractor != generated.extractor {
        return Err(setting("extractor", found, "the same as the reference's"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, arr2};

    fn extracted(hash: &str, values: &Array2<f64>) -> ExtractedFeatures {
        let extractor = Extractor { name: "classifier".to_owned(), hash: hash.to_owned() };
        let features = FeatureMatrix::new("x", values.view()).expect("valid");
        ExtractedFeatures { extractor, features }
    }

    #[test]
    fn a_distance_tells_what_it_was_measured_with() {
        let first = extracted("a1", &arr2(&[[1.0], [3.0]]));
        let second = extracted("a1", &arr2(&[[4.0], [10.0], [7.0]]));
        let found = frechet_classifier_distance(&first, &second).expect("valid");
        // (2 − 7)² + (√2 − 3)²
        let expected = 25.0 + (2f64.sqrt() - 3.0).powi(2);
        approx::assert_relative_eq!(found.value, expected, max_relative = 1e-13);
        assert_eq!((found.reference_events, found.generated_events), (2, 3));
        assert_eq!(found.extractor, first.extractor);
        let settings = KernelDistanceSettings { subsets: 2, subset_size: 2, seed: 1 };
        let found = kernel_classifier_distance(&first, &second, &settings).expect("valid");
        assert!(found.deviation.is_some() && found.extractor.hash == "a1");
    }

    #[test]
    fn features_of_different_or_unknown_extractors_are_refused() {
        let first = extracted("a1", &arr2(&[[1.0], [3.0]]));
        let refused = |second| frechet_classifier_distance(&first, &second).expect_err("refused");
        let second = extracted("b2", &arr2(&[[4.0], [10.0]]));
        assert_eq!(
            refused(second).to_string(),
            "setting `extractor` is `classifier` with hash `b2`, expected the same as the reference's"
        );
        assert!(refused(extracted("", &arr2(&[[4.0]]))).to_string().ends_with("a name and a hash"));
    }
}
