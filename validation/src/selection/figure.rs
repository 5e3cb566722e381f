use std::fmt;

use detectors::Detector;
use serde::{Deserialize, Serialize};

use crate::classifier::{ClassifierSettings, FEWEST_EVENTS, FeatureSet, SampleFeatures, classify};
use crate::compare::observables_without_floor;
use crate::report::model::ObservableComparison;
use crate::{Sample, Silent, ValidationError};

/// What one checkpoint is better than another in. Lower is better for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Figure {
    /// The mean of χ²/ndf of the total and χ²/ndf of the layers (of a table, that of the columns):
    /// [`response_chi2_per_ndf`](super::response_chi2_per_ndf) and
    /// [`layer_chi2_per_ndf`](super::layer_chi2_per_ndf).
    #[default]
    Chi2PerNdf,
    /// χ²/ndf of the total alone, which FastCaloGAN chooses by (arXiv:2109.02551).
    TotalChi2PerNdf,
    /// The separation power, ½ Σ (p − q)² / (p + q), averaged over all observables.
    Separation,
    /// The Kolmogorov–Smirnov distance, averaged over all observables.
    KolmogorovSmirnov,
    /// Area under the ROC curve of a classifier on high-level features; 1 − AUC where it is below ½.
    AucHighLevel,
    /// The same on single cells.
    AucLowLevel,
}

impl Figure {
    pub const ALL: [Self; 6] = [
        Self::Chi2PerNdf,
        Self::TotalChi2PerNdf,
        Self::Separation,
        Self::KolmogorovSmirnov,
        Self::AucHighLevel,
        Self::AucLowLevel,
    ];

    /// As it is written in settings, logs and model files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chi2PerNdf => "chi2-per-ndf",
            Self::TotalChi2PerNdf => "total-chi2-per-ndf",
            Self::Separation => "separation",
            Self::KolmogorovSmirnov => "kolmogorov-smirnov",
            Self::AucHighLevel => "auc-high-level",
            Self::AucLowLevel => "auc-low-level",
        }
    }

    /// Whether events of this detector have it: a table has no total, and no cells.
    pub fn exists(self, detector: &Detector) -> bool {
        match self {
            Self::TotalChi2PerNdf | Self::AucLowLevel => !detector.layers().is_empty(),
            _ => true,
        }
    }

    /// Whether a sample has enough events for it.
    ///
    /// # Errors
    /// [`ValidationError::TooFewEvents`] where a classifier could not be trained.
    pub fn check(self, events: usize) -> Result<(), ValidationError> {
        match self {
            Self::AucHighLevel | Self::AucLowLevel if events < FEWEST_EVENTS => {
                Err(ValidationError::TooFewEvents {
                    purpose: format!("the sample that a model is chosen with by `{}`", self.name()),
                    found: events,
                    needed: FEWEST_EVENTS,
                })
            }
            _ => Ok(()),
        }
    }

    /// Whether a checkpoint with `value` is better than one with `best`. What is not a number never
    /// is.
    pub fn is_better(self, value: f64, best: f64) -> bool {
        value.is_finite() && (value < best || !best.is_finite())
    }

    /// The figure of a generated sample, from its events; `None` for the two χ²/ndf, which are
    /// computed from sums alone.
    ///
    /// The classifier is the default one with half the width and a quarter of the epochs: it ranks
    /// checkpoints, and trains again for each.
    ///
    /// # Errors
    /// Samples that are not of one detector, or too few events for a classifier.
    pub fn of_samples(
        self,
        reference: &Sample,
        generated: &Sample,
    ) -> Result<Option<f64>, ValidationError> {
        let features = match self {
            Self::Chi2PerNdf | Self::TotalChi2PerNdf => return Ok(None),
            Self::Separation => {
                return mean(reference, generated, |c| c.separation.value).map(Some);
            }
            Self::KolmogorovSmirnov => return mean(reference, generated, |c| c.ks.value).map(Some),
            Self::AucHighLevel => FeatureSet::HighLevel,
            Self::AucLowLevel => FeatureSet::LowLevel,
        };
        let settings = ClassifierSettings {
            hidden_width: 128,
            maximum_epochs: 10,
            ..ClassifierSettings::default()
        };
        let of = |sample| SampleFeatures::of(features, sample, |_| true);
        let name = format!("{} features", features.name());
        let (reference, generated) = (of(reference), of(generated));
        let found = classify(&reference, &generated, &settings.check()?, &name, &Silent)?;
        Ok(Some(found.auc.max(1.0 - found.auc)))
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chi2PerNdf => "χ²/ndf",
            Self::TotalChi2PerNdf => "χ²/ndf of the total",
            Self::Separation => "mean separation power",
            Self::KolmogorovSmirnov => "mean Kolmogorov–Smirnov distance",
            Self::AucHighLevel => "AUC on high-level features",
            Self::AucLowLevel => "AUC on low-level features",
        })
    }
}

fn mean(
    reference: &Sample,
    generated: &Sample,
    figure: fn(&ObservableComparison) -> f64,
) -> Result<f64, ValidationError> {
    let compared = observables_without_floor(reference, generated)?;
    Ok(compared.iter().map(figure).sum::<f64>() / compared.len().max(1) as f64)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::random::{Purpose, generator, uniform};

    /// Showers whose cells have a mean energy of `mean` MeV, of 1 GeV.
    fn showers(seed: u64, mean: f64) -> Sample {
        let detector = detectors::builtin("calochallenge-photons").expect("built in");
        let mut random = generator(seed, Purpose::Halves(0));
        let shape = (300, detector.value_count());
        let values =
            Array2::from_shape_simple_fn(shape, || (2.0 * mean * uniform(&mut random)) as f32);
        let conditions = Array2::from_elem((300, 1), 1024.0);
        Sample::new("test", &detector, conditions, values, None, Vec::new()).expect("valid")
    }

    #[test]
    fn names_are_those_of_the_settings() {
        for figure in Figure::ALL {
            let written = serde_json::to_string(&figure).expect("a name");
            assert_eq!(written, format!("\"{}\"", figure.name()));
        }
    }

    #[test]
    fn every_figure_ranks_a_worse_sample_behind_a_better_one() {
        let (reference, same, worse) = (showers(1, 2.6), showers(2, 2.6), showers(3, 3.2));
        for figure in Figure::ALL {
            let of = |sample| figure.of_samples(&reference, sample).expect("comparable");
            let (Some(better), Some(worse)) = (of(&same), of(&worse)) else {
                assert!(matches!(figure, Figure::Chi2PerNdf | Figure::TotalChi2PerNdf));
                continue;
            };
            assert!(figure.is_better(better, worse), "{figure}: {better} {worse}");
            assert!(!figure.is_better(worse, better), "{figure}");
        }
    }

    #[test]
    fn a_classifier_needs_events() {
        let few = Figure::AucHighLevel.check(49).expect_err("too few").to_string();
        assert_eq!(
            few,
            "the sample that a model is chosen with by `auc-high-level` has 49 events, needs at \
             least 50"
        );
        assert!(Figure::AucHighLevel.check(50).is_ok() && Figure::Separation.check(1).is_ok());
    }

    #[test]
    fn what_is_not_a_number_is_never_better() {
        let figure = Figure::default();
        assert!(!figure.is_better(f64::NAN, 1.0));
        assert!(!figure.is_better(f64::INFINITY, f64::NAN));
        assert!(figure.is_better(1.0, f64::NAN));
    }

    #[test]
    fn a_table_has_no_total_and_no_cells() {
        let table = detectors::builtin("rich-pid").expect("built in");
        let without: Vec<Figure> = Figure::ALL.into_iter().filter(|f| !f.exists(&table)).collect();
        assert_eq!(without, [Figure::TotalChi2PerNdf, Figure::AucLowLevel]);
    }
}
