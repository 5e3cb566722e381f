use ndarray::ArrayView2;

use super::labelled::{Accuracy, Labelled};
use super::logistic_regression::LogisticSettings;
use super::performance::Models;
use crate::ValidationError;

/// Two classifiers of the label, one of generated and one of real events, on real validation
/// events (Yang et al., arXiv:1703.01560): the closer their accuracies and the smaller the
/// divergence of what they say, the better the generator has the conditional distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdversarialComparison {
    /// Adversarial accuracy of the classifier of generated events.
    pub of_generated: Accuracy,
    /// Adversarial accuracy of the classifier of real events.
    pub of_real: Accuracy,
    /// Mean of KL(p_g(y|x) ‖ p_r(y|x)) over the validation events, in nats.
    pub divergence: f64,
    /// Standard error of the mean over the events.
    pub divergence_error: f64,
}

/// Adversarial accuracy and divergence with [`LogisticRegression`](super::LogisticRegression)
/// (standardised features) as classifier.
///
/// # Errors
/// No events, or labels and features that do not fit or are not finite.
pub fn adversarial_comparison(
    real: &Labelled<'_>,
    generated: &Labelled<'_>,
    validation: &Labelled<'_>,
    settings: LogisticSettings,
) -> Result<AdversarialComparison, ValidationError> {
    let models = Models::fit(real, generated, validation, settings)?;
    let [of_generated, of_real] = [&models.of_generated, &models.of_real]
        .map(|model| model.probabilities(validation.features));
    let (divergence, divergence_error) =
        adversarial_divergence(of_generated.view(), of_real.view())?;
    let accuracy = |model: &super::LogisticRegression| {
        Accuracy::of_labels(&model.predict(validation.features), validation.labels)
    };
    Ok(AdversarialComparison {
        of_generated: accuracy(&models.of_generated),
        of_real: accuracy(&models.of_real),
        divergence,
        divergence_error,
    })
}

/// The mean of KL(p_g ‖ p_r) = Σ_y p_g ln(p_g / p_r) over events in nats, with its standard error,
/// from what two classifiers of any kind say. 0 ln 0 = 0; infinite where one says never and the
/// other does not.
///
/// ```
/// use ndarray::array;
/// use validation::metrics::classification::adversarial_divergence;
/// let (half, quarter) = (array![[0.5, 0.5]], array![[0.25, 0.75]]);
/// let (divergence, _) = adversarial_divergence(half.view(), quarter.view())?;
/// assert!((divergence - 0.5 * (4.0_f64 / 3.0).ln()).abs() < 1e-15);
/// # Ok::<(), validation::ValidationError>(())
/// ```
///
/// # Shapes
/// `of_generated`, `of_real`: `[events, labels]`, probabilities of each label.
///
/// # Errors
/// Different shapes, or no events.
pub fn adversarial_divergence(
    of_generated: ArrayView2<'_, f64>,
    of_real: ArrayView2<'_, f64>,
) -> Result<(f64, f64), ValidationError> {
    if of_generated.dim() != of_real.dim() {
        let ((events, values), (found_events, found_values)) = (of_generated.dim(), of_real.dim());
        return Err(ValidationError::Shape { found_events, found_values, events, values });
    }
    if of_generated.nrows() == 0 {
        return Err(ValidationError::TooFewEvents {
            purpose: "an adversarial divergence".to_owned(),
            found: 0,
            needed: 1,
        });
    }
    let divergence = |(p, q): (ndarray::ArrayView1<'_, f64>, ndarray::ArrayView1<'_, f64>)| {
        p.iter().zip(q).map(|(&p, &q)| if p > 0.0 { p * (p / q).ln() } else { 0.0 }).sum::<f64>()
    };
    let rows = of_generated.rows().into_iter().zip(of_real.rows());
    let divergences: Vec<f64> = rows.map(divergence).collect();
    let count = divergences.len() as f64;
    let mean = divergences.iter().sum::<f64>() / count;
    let squares: f64 = divergences.iter().map(|value| (value - mean).powi(2)).sum();
    let error = if count > 1.0 { (squares / (count - 1.0) / count).sqrt() } else { f64::INFINITY };
    Ok((mean, error))
}

#[cfg(test)]
mod tests {
    use super::super::performance::tests::Events;
    use super::*;
    use ndarray::array;

    #[test]
    fn equal_samples_diverge_little_and_an_unknown_label_costs() {
        let (training, validation) = (Events::new(0, 600, 1.2), Events::new(1000, 300, 1.2));
        let run = |generated: &Events| {
            adversarial_comparison(
                &training.named("real"),
                &generated.named("generated"),
                &validation.named("validation"),
                LogisticSettings::default(),
            )
            .expect("fits")
        };
        let mut generated = Events::new(5000, 600, 1.2);
        let same = run(&generated);
        assert!(same.divergence > 0.0 && same.divergence < 0.1, "{same:?}");
        assert!((same.of_real.value - same.of_generated.value).abs() < 0.05, "{same:?}");
        generated.labels.iter_mut().for_each(|label| *label = (*label).min(1));
        let missing = run(&generated);
        assert!(missing.divergence > 3.0 * same.divergence, "{missing:?}");
        assert!(missing.of_generated.value < 0.75, "{missing:?}");
    }

    #[test]
    fn what_one_never_says_diverges_without_end() {
        let (never, sometimes) = (array![[1.0, 0.0]], array![[0.5, 0.5]]);
        let found = adversarial_divergence(sometimes.view(), never.view()).expect("fits");
        assert_eq!(found.0, f64::INFINITY);
        let found = adversarial_divergence(never.view(), sometimes.view()).expect("fits");
        assert_eq!(found.0, 2f64.ln());
    }
}
