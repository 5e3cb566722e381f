use std::f64::consts::FRAC_PI_2;

use serde::{Deserialize, Serialize};

use super::k_means;
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::draws::without_replacement;
use crate::metrics::feature_matrix::check_pair;
use crate::random::{Purpose, generator};

/// What is added to the denominator of an F score, against 0/0.
const TINY: f64 = 1e-10;
/// The angles next to 0 and π/2, where λ would be 0 or infinite.
const LEAST_ANGLE: f64 = 1e-10;

/// The curve of attainable precision and recall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrecisionRecallCurve {
    /// α(λ) = Σ min(λ p, q), `[angles]`, rising.
    pub precision: Vec<f64>,
    /// β(λ) = α(λ) / λ, `[angles]`, falling.
    pub recall: Vec<f64>,
}

impl PrecisionRecallCurve {
    /// The greatest F_β = (1 + β²) α β′ / (β² α + β′) along the curve, with precision α and recall
    /// β′. F_8 weighs recall, F_1/8 precision.
    pub fn greatest_f(&self, beta: f64) -> f64 {
        let square = beta * beta;
        self.precision
            .iter()
            .zip(&self.recall)
            .map(|(p, r)| (1.0 + square) * p * r / (square * p + r + TINY))
            .fold(0.0, f64::max)
    }
}

/// Settings of the curve for samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrecisionRecallSettings {
    /// Default 20.
    pub clusters: usize,
    /// Runs of k-means over whose curves is averaged. Default 10.
    pub runs: u32,
    /// Default 1,001.
    pub angles: usize,
    /// Default 1.
    pub seed: u64,
}

impl Default for PrecisionRecallSettings {
    fn default() -> Self {
        Self { clusters: 20, runs: 10, angles: 1001, seed: 1 }
    }
}

/// The precision-recall curve of two discrete distributions (Sajjadi et al., arXiv:1806.00035,
/// theorem 2 and algorithm 1),
///
/// α(λ) = Σ min(λ p, q), β(λ) = α(λ) / λ
///
/// with the reference p, the generated q and λ = tan of equidistant angles from 0 to π/2, both
/// ends moved inside by 10⁻¹⁰.
///
/// ```
/// use validation::metrics::clusters::precision_recall_of_distributions;
/// let curve = precision_recall_of_distributions(&[2.0, 2.0], &[4.0, 0.0], 3)?;
/// // At λ = 1 both are the common part, ½; at the ends they are 1 and ½.
/// assert!((curve.precision[1] - 0.5).abs() < 1e-12 && (curve.recall[1] - 0.5).abs() < 1e-12);
/// assert!((curve.precision[2] - 1.0).abs() < 1e-12 && (curve.recall[0] - 0.5).abs() < 1e-12);
/// # Ok::<(), validation::ValidationError>(())
/// ```
///
/// # Shapes
/// `reference` and `generated`: `[states]`, counts or probabilities; each is normalised.
///
/// # Errors
/// Different numbers of states, a sum that is not above 0, a negative probability, or fewer than
/// three angles.
pub fn precision_recall_of_distributions(
    reference: &[f64],
    generated: &[f64],
    angles: usize,
) -> Result<PrecisionRecallCurve, ValidationError> {
    let setting =
        |name, found: String, expected| Err(ValidationError::Setting { name, found, expected });
    if angles < 3 {
        return setting("angles", angles.to_string(), "at least 3");
    }
    if reference.len() != generated.len() {
        let found = format!("{} and {}", reference.len(), generated.len());
        return setting("states", found, "as many of both distributions");
    }
    for distribution in [reference, generated] {
        let total: f64 = distribution.iter().sum();
        let negative = distribution.iter().any(|p| p.is_nan() || *p < 0.0);
        if negative || !total.is_finite() || total <= 0.0 {
            let found = format!("{distribution:?}");
            return setting("distribution", found, "none negative, and a finite sum above 0");
        }
    }
    let total = |distribution: &[f64]| distribution.iter().sum::<f64>();
    let (p_total, q_total) = (total(reference), total(generated));
    let step = (FRAC_PI_2 - 2.0 * LEAST_ANGLE) / (angles - 1) as f64;
    let curve = (0..angles).map(|number| {
        let slope = (LEAST_ANGLE + step * number as f64).tan();
        let states = reference.iter().zip(generated);
        let precision: f64 = states.map(|(p, q)| (slope * p / p_total).min(q / q_total)).sum();
        (precision.min(1.0), (precision / slope).min(1.0))
    });
    let (precision, recall) = curve.unzip();
    Ok(PrecisionRecallCurve { precision, recall })
}

/// The precision-recall curve of two samples: of their shares in k-means clusters of both together,
/// averaged over runs of k-means (Sajjadi et al., arXiv:1806.00035).
///
/// Of samples of different sizes the larger is thinned at random, since clusters follow the larger
/// one. The authors' program has k-means by small batches, the best of ten starts; here it is the
/// whole sample and one start a run.
///
/// # Errors
/// Settings that cannot be used, different features, or fewer events in a sample than clusters.
pub fn precision_recall_curve(
    reference: &FeatureMatrix,
    generated: &FeatureMatrix,
    settings: &PrecisionRecallSettings,
) -> Result<PrecisionRecallCurve, ValidationError> {
    if settings.runs == 0 {
        let found = settings.runs.to_string();
        return Err(ValidationError::Setting { name: "runs", found, expected: "at least 1" });
    }
    check_pair(reference, generated, "a precision-recall curve", settings.clusters)?;
    let events = reference.events().min(generated.events());
    let mut generator = generator(settings.seed, Purpose::Thinning);
    let mut thinned = |features: &FeatureMatrix| {
        if features.events() == events {
            return features.clone();
        }
        features.select(&without_replacement(events, features.events(), &mut generator))
    };
    let both = thinned(reference).joined(&thinned(generated));
    let mut mean = PrecisionRecallCurve {
        precision: vec![0.0; settings.angles],
        recall: vec![0.0; settings.angles],
    };
    for run in 0..settings.runs {
        let clusters = k_means(&both, settings.clusters, settings.seed, run)?;
        let mut shares = [vec![0.0; settings.clusters], vec![0.0; settings.clusters]];
        for (event, &cluster) in clusters.of_events.iter().enumerate() {
            shares[usize::from(event >= events)][cluster] += 1.0;
        }
        let [p, q] = &shares;
        let curve = precision_recall_of_distributions(p, q, settings.angles)?;
        let add = |to: &mut [f64], from: &[f64]| {
            to.iter_mut().zip(from).for_each(|(to, from)| *to += from / f64::from(settings.runs));
        };
        add(&mut mean.precision, &curve.precision);
        add(&mut mean.recall, &curve.recall);
    }
    Ok(mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::uniform;
    use ndarray::Array2;

    fn groups(events: usize, groups: usize, stream: u32) -> FeatureMatrix {
        let mut generator = generator(4, Purpose::Halves(stream));
        let values = Array2::from_shape_fn((events, 2), |(event, feature)| {
            let at = if feature == 0 { 10.0 * (event % groups) as f64 } else { 0.0 };
            at + uniform(&mut generator)
        });
        FeatureMatrix::new("groups", values.view()).expect("valid")
    }

    #[test]
    fn equal_distributions_reach_one_and_disjoint_ones_nothing() {
        let of =
            |p: &[f64], q: &[f64]| precision_recall_of_distributions(p, q, 1001).expect("valid");
        let equal = of(&[1.0, 3.0], &[2.0, 6.0]);
        assert!((equal.greatest_f(8.0) - 1.0).abs() < 1e-9);
        assert!((equal.greatest_f(0.125) - 1.0).abs() < 1e-9);
        let disjoint = of(&[1.0, 0.0], &[0.0, 1.0]);
        assert_eq!((disjoint.greatest_f(8.0), disjoint.greatest_f(0.125)), (0.0, 0.0));
    }

    #[test]
    fn half_of_the_groups_is_recall_of_half() {
        let (all, half) = (groups(1000, 4, 1), groups(700, 2, 2));
        let settings = PrecisionRecallSettings { clusters: 4, runs: 3, ..Default::default() };
        let curve = precision_recall_curve(&all, &half, &settings).expect("enough");
        let (f_8, f_eighth) = (curve.greatest_f(8.0), curve.greatest_f(0.125));
        // Along the curve: precision to 1, recall to ½.
        assert!(f_eighth > 0.97 && (f_8 - 0.5).abs() < 0.05, "{f_8} {f_eighth}");
        let turned = precision_recall_curve(&half, &all, &settings).expect("enough");
        assert!((turned.greatest_f(8.0) - f_eighth).abs() < 0.05);
    }

    #[test]
    fn what_is_no_distribution_is_refused() {
        let of = |p: &[f64], q: &[f64], angles| precision_recall_of_distributions(p, q, angles);
        assert!(of(&[1.0], &[1.0, 2.0], 1001).is_err());
        assert!(of(&[0.0], &[1.0], 1001).is_err());
        assert!(of(&[2.0, -1.0], &[1.0, 1.0], 1001).is_err());
        assert!(of(&[1.0, f64::NAN], &[1.0, 1.0], 1001).is_err());
        assert!(of(&[1.0], &[1.0], 2).is_err());
        let few = groups(10, 2, 1);
        assert!(precision_recall_curve(&few, &few, &PrecisionRecallSettings::default()).is_err());
    }
}
