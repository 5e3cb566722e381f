use serde::{Deserialize, Serialize};

use super::{Kernel, maximum_mean_discrepancy};
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::draws::without_replacement;
use crate::metrics::feature_matrix::check_pair;
use crate::random::{Purpose, generator};

/// Settings of the kernel distance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KernelDistanceSettings {
    /// Default 100.
    pub subsets: usize,
    /// Events of each subset. Default 1,000.
    pub subset_size: usize,
    /// Default 1.
    pub seed: u64,
}

impl Default for KernelDistanceSettings {
    fn default() -> Self {
        Self { subsets: 100, subset_size: 1000, seed: 1 }
    }
}

/// Mean and standard deviation (of the population, ddof 0) over the subsets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct KernelDistance {
    pub mean: f64,
    pub deviation: f64,
}

/// The kernel distance, KID where the features are those of Inception: the unbiased squared
/// discrepancy with the kernel (x·y / d + 1)³ of random subsets, drawn without replacement, and its
/// mean and deviation (Bińkowski et al., arXiv:1801.01401, as in torch-fidelity 0.4.0). It may be
/// below 0.
///
/// # Errors
/// Settings that cannot be used, different features, or fewer events than a subset has.
pub fn kernel_distance(
    reference: &FeatureMatrix,
    generated: &FeatureMatrix,
    settings: &KernelDistanceSettings,
) -> Result<KernelDistance, ValidationError> {
    let setting = |name, found: usize, expected| {
        Err(ValidationError::Setting { name, found: found.to_string(), expected })
    };
    if settings.subsets == 0 {
        return setting("subsets", settings.subsets, "at least 1");
    }
    if settings.subset_size < 2 {
        return setting("subset_size", settings.subset_size, "at least 2");
    }
    check_pair(reference, generated, "a kernel distance", settings.subset_size)?;
    let kernel = Kernel::polynomial(3, reference.features());
    let values = (0..settings.subsets)
        .map(|subset| {
            let number = u32::try_from(subset).unwrap_or(u32::MAX);
            let mut generator = generator(settings.seed, Purpose::KernelSubset(number));
            let mut subset = |features: &FeatureMatrix| {
                let size = settings.subset_size;
                features.select(&without_replacement(size, features.events(), &mut generator))
            };
            let (first, second) = (subset(reference), subset(generated));
            Ok(maximum_mean_discrepancy(&first, &second, &kernel)?.unbiased)
        })
        .collect::<Result<Vec<f64>, ValidationError>>()?;
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    Ok(KernelDistance { mean, deviation: variance.sqrt() })
}
