use super::labelled::{Accuracy, Labelled};
use super::logistic_regression::{LogisticRegression, LogisticSettings};
use super::performance::Models;
use crate::ValidationError;

/// What is lost in a classifier's boundary where it learns from generated events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundaryDistortion {
    /// Of the classifier of real events, on real test events.
    pub of_real: Accuracy,
    /// Of the classifier of generated events, on the same.
    pub of_generated: Accuracy,
    /// Accuracy of the first less that of the second.
    pub gap: f64,
    /// Standard error of the gap on the same n events, √(b + c − (b − c)²/n) / n, where b events
    /// are right for the first only, and c for the second only.
    pub gap_error: f64,
    /// Mean of ln p(y) − max over other labels of ln p, of the first less the second: how much
    /// less clearly the labels are told, even where they are told right.
    pub margin_gap: f64,
}

/// Keeps the margin of impossible labels finite.
const LEAST_PROBABILITY: f64 = 1e-12;

/// The distortion of the boundary between labels (Santurkar, Schmidt and Mądry, arXiv:1711.00970):
/// linear classifiers ([`LogisticRegression`], standardised features) of real and of as many
/// generated events, both judged on real events. A generator that covers the modes but not
/// their outskirts has a gap.
///
/// Of more generated events than real ones the first are used.
///
/// # Errors
/// No events, fewer generated than real events, or labels and features that do not fit or are not
/// finite.
pub fn boundary_distortion(
    real_training: &Labelled<'_>,
    real_test: &Labelled<'_>,
    generated: &Labelled<'_>,
    settings: LogisticSettings,
) -> Result<BoundaryDistortion, ValidationError> {
    let events = real_training.labels.len();
    generated.check(real_training.features.ncols())?;
    if generated.labels.len() < events {
        return Err(ValidationError::TooFewEvents {
            purpose: format!("sample `{}`", generated.name),
            found: generated.labels.len(),
            needed: events,
        });
    }
    let as_many = Labelled {
        name: generated.name,
        features: generated.features.slice_move(ndarray::s![..events, ..]),
        labels: &generated.labels[..events],
    };
    let models = Models::fit(real_training, &as_many, real_test, settings)?;
    let labels = real_test.labels;
    let guesses =
        [&models.of_real, &models.of_generated].map(|model| model.predict(real_test.features));
    let count = labels.len() as f64;
    let (mut only_first, mut only_second) = (0.0, 0.0);
    for (event, label) in labels.iter().enumerate() {
        match (guesses[0][event] == *label, guesses[1][event] == *label) {
            (true, false) => only_first += 1.0,
            (false, true) => only_second += 1.0,
            _ => {}
        }
    }
    let difference: f64 = only_first - only_second;
    let variance = only_first + only_second - difference * difference / count;
    Ok(BoundaryDistortion {
        of_real: Accuracy::of_labels(&guesses[0], labels),
        of_generated: Accuracy::of_labels(&guesses[1], labels),
        gap: difference / count,
        gap_error: variance.max(0.0).sqrt() / count,
        margin_gap: mean_margin(&models.of_real, real_test)
            - mean_margin(&models.of_generated, real_test),
    })
}

fn mean_margin(model: &LogisticRegression, test: &Labelled<'_>) -> f64 {
    let probabilities = model.probabilities(test.features);
    let margins = probabilities.rows().into_iter().zip(test.labels).map(|(event, &label)| {
        let others = event.iter().enumerate().filter(|(other, _)| *other != label);
        let greatest = others.map(|(_, p)| *p).fold(0.0, f64::max);
        event[label].max(LEAST_PROBABILITY).ln() - greatest.max(LEAST_PROBABILITY).ln()
    });
    margins.sum::<f64>() / test.labels.len() as f64
}

#[cfg(test)]
mod tests {
    use super::super::performance::tests::Events;
    use super::*;

    #[test]
    fn a_moved_boundary_costs_accuracy() {
        let (training, test) = (Events::new(0, 300, 1.2), Events::new(1000, 300, 1.2));
        let run = |generated: &Events| {
            boundary_distortion(
                &training.named("training"),
                &test.named("test"),
                &generated.named("generated"),
                LogisticSettings::default(),
            )
        };
        let mut generated = Events::new(5000, 400, 1.2);
        let same = run(&generated).expect("fits");
        assert!(same.gap.abs() <= 3.0 * same.gap_error, "{same:?}");
        // The second kind is generated too far out.
        for (event, label) in generated.labels.iter().enumerate() {
            if *label == 1 {
                generated.features[[event, 0]] += 1.5;
            }
        }
        let moved = run(&generated).expect("fits");
        assert!(moved.gap > 3.0 * moved.gap_error && moved.gap > 0.1, "{moved:?}");
        let difference = moved.of_real.value - moved.of_generated.value;
        assert!((difference - moved.gap).abs() < 1e-12);
        assert_eq!(
            run(&Events::new(5000, 299, 1.2)).expect_err("is refused").to_string(),
            "sample `generated` has 299 events, needs at least 300"
        );
    }
}
