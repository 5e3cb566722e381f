use super::labelled::{Accuracy, Labelled};
use super::logistic_regression::{LogisticRegression, LogisticSettings};
use crate::ValidationError;

/// How well a classifier of the events' labels goes from real to generated events and back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassificationPerformance {
    /// Trained on real, judged on real events: what the others are to be held against.
    pub real_to_real: Accuracy,
    /// Trained on real, judged on generated events: GAN-test (Shmelkov, Schmid and Alahari,
    /// arXiv:1807.09499), or TRTS (Esteban, Hyland and Rätsch, arXiv:1706.02633). Low where
    /// generated events do not look like their label; high also for a generator that repeats
    /// itself.
    pub real_to_generated: Accuracy,
    /// Trained on generated, judged on real events: GAN-train, or TSTR. Low also where the
    /// generator leaves some kinds of events out.
    pub generated_to_real: Accuracy,
    /// 100 · generated_to_real / real_to_real: the GAN quality index GQI (Ye et al., ICLR workshop
    /// 2018). NaN where nothing real is told.
    pub quality_index: f64,
}

/// Trains [`LogisticRegression`] (standardised features) on real and on generated events with
/// labels, and judges it by the share of right labels on real and on generated events.
///
/// # Errors
/// No events, or labels and features that do not fit or are not finite.
pub fn classification_performance(
    real_training: &Labelled<'_>,
    real_test: &Labelled<'_>,
    generated: &Labelled<'_>,
    settings: LogisticSettings,
) -> Result<ClassificationPerformance, ValidationError> {
    let models = Models::fit(real_training, generated, real_test, settings)?;
    let judged = |model: &LogisticRegression, test: &Labelled<'_>| {
        Accuracy::of_labels(&model.predict(test.features), test.labels)
    };
    let real_to_real = judged(&models.of_real, real_test);
    let generated_to_real = judged(&models.of_generated, real_test);
    Ok(ClassificationPerformance {
        real_to_real,
        real_to_generated: judged(&models.of_real, generated),
        generated_to_real,
        quality_index: 100.0 * generated_to_real.value / real_to_real.value,
    })
}

/// One classifier of real and one of generated events.
pub(super) struct Models {
    pub of_real: LogisticRegression,
    pub of_generated: LogisticRegression,
}

impl Models {
    /// Both know the labels of all events; `test` is only checked.
    pub(super) fn fit(
        real: &Labelled<'_>,
        generated: &Labelled<'_>,
        test: &Labelled<'_>,
        settings: LogisticSettings,
    ) -> Result<Self, ValidationError> {
        let features = real.features.ncols();
        real.check(features)?;
        generated.check(features)?;
        test.check(features)?;
        let labels = [real.labels, generated.labels, test.labels].concat();
        let labels = labels.into_iter().max().map_or(0, |greatest| greatest + 1);
        Ok(Self {
            of_real: LogisticRegression::fit(real, labels, settings)?,
            of_generated: LogisticRegression::fit(generated, labels, settings)?,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use ndarray::Array2;

    use super::*;

    #[derive(Clone)]
    pub struct Events {
        pub features: Array2<f64>,
        pub labels: Vec<usize>,
    }

    impl Events {
        /// Of three labels around three corners; `spread` is the width of each cloud.
        pub fn new(first: usize, count: usize, spread: f64) -> Self {
            let features = Array2::from_shape_fn((count, 2), |(event, feature)| {
                let corner = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]][event % 3][feature];
                let hash = ((first + event) * 7919 + feature * 104_729 + 31 * event * event) % 1009;
                corner + spread * (hash as f64 / 1009.0 - 0.5)
            });
            Self { features, labels: (0..count).map(|event| event % 3).collect() }
        }

        pub fn named<'a>(&'a self, name: &'a str) -> Labelled<'a> {
            Labelled { name, features: self.features.view(), labels: &self.labels }
        }
    }

    #[test]
    fn equal_samples_do_equally_well_and_wrong_labels_do_not() {
        let sample = |first| Events::new(first, 300, 1.5);
        let (training, test) = (sample(0), sample(1000));
        let run = |generated: &Events| {
            let (training, test) = (training.named("training"), test.named("test"));
            let settings = LogisticSettings::default();
            classification_performance(&training, &test, &generated.named("generated"), settings)
                .expect("fits")
        };
        let same = run(&sample(5000));
        assert!((same.quality_index - 100.0).abs() < 8.0, "{same:?}");
        assert!(same.real_to_real.value > 0.75, "{same:?}");
        let mut turned = sample(5000);
        turned.labels.iter_mut().for_each(|label| *label = (*label + 1) % 3);
        let wrong = run(&turned);
        assert!(wrong.real_to_generated.value < 0.3, "{wrong:?}");
        assert!(wrong.quality_index < 40.0, "{wrong:?}");
    }
}
