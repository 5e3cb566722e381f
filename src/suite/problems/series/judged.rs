use ndarray::s;
use validation::ValidationError;
use validation::metrics::series::{
    SeriesScaling, SeriesScoreSettings, SeriesSet, discriminative_score, predictive_score,
};

use super::measures::{autocorrelation_error, correlation_error, marginal_transport};
use crate::events::Events;
use crate::suite::system::Measures;

/// Units of the scores' recurrent layer where there are fewer than this many features twice:
/// TimeGAN's half of the features would be a single one, which tells little.
const FEWEST_UNITS: usize = 4;

/// How series are judged: the two scores that TimeGAN made customary, and quick measures.
#[derive(Debug, Clone)]
pub(super) struct Judge {
    pub steps: usize,
    pub features: usize,
    discriminative: SeriesScoreSettings,
    predictive: SeriesScoreSettings,
}

impl Judge {
    /// With as many iterations as TimeGAN's code. `scaling`: none for values from 0 to 1.
    pub(super) fn new(steps: usize, features: usize, scaling: SeriesScaling, seed: u64) -> Self {
        let hidden = (features < 2).then_some(FEWEST_UNITS);
        let with = |settings| SeriesScoreSettings { hidden, scaling, seed, ..settings };
        Self {
            steps,
            features,
            discriminative: with(SeriesScoreSettings::discriminative()),
            predictive: with(SeriesScoreSettings::predictive()),
        }
    }

    /// With so many iterations for both scores.
    #[cfg(test)]
    pub(super) fn with_iterations(mut self, iterations: usize) -> Self {
        self.discriminative.iterations = iterations;
        self.predictive.iterations = iterations;
        self
    }

    fn set(
        &self,
        label: &str,
        events: &Events,
        count: usize,
    ) -> Result<SeriesSet, ValidationError> {
        let rows = events.values.slice(s![..count, ..]);
        let shape = (count, self.steps, self.features);
        let series = rows.to_shape(shape).map_err(|_| ValidationError::Sample {
            label: label.to_owned(),
            problem: format!("has {} values an event, expected {shape:?} series", rows.ncols()),
        })?;
        SeriesSet::new(label, series.view())
    }

    /// The scores, and the quick measures.
    ///
    /// # Errors
    /// Series that are not finite, or too few.
    pub(super) fn all(&self, test: &Events, samples: &Events) -> Result<Measures, ValidationError> {
        let count = test.len().min(samples.len());
        let (real, made) = (self.set("data", test, count)?, self.set("samples", samples, count)?);
        let mut measures = self.quick(test, samples);
        let told = discriminative_score(&real, &made, &self.discriminative)?;
        measures.set("discriminative score", told.score);
        let predicted = predictive_score(&real, &made, &self.predictive)?;
        measures.set("predictive score", predicted.score);
        Ok(measures)
    }

    /// What needs no training.
    pub(super) fn quick(&self, test: &Events, samples: &Events) -> Measures {
        let count = test.len().min(samples.len());
        let rows = |events: &Events| events.values.slice(s![..count, ..]).to_owned();
        let (real, made) = (rows(test), rows(samples));
        let shape = (self.steps, self.features);
        let mut measures = Measures::from([
            ("marginal W1", marginal_transport(real.view(), made.view())),
            ("autocorrelation error", autocorrelation_error(real.view(), made.view(), shape)),
        ]);
        if let Some(error) = correlation_error(real.view(), made.view(), shape) {
            measures.set("correlation error", error);
        }
        measures
    }
}
