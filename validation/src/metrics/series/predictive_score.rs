use ndarray::{Array3, ArrayView3};
use serde::{Deserialize, Serialize};

use super::adam::Adam;
use super::gradient::Readout;
use super::network::{Layout, sigmoid};
use super::training::{Deck, batch_gradient, outputs, part};
use super::{SeriesScoreSettings, SeriesSet};
use crate::ValidationError;
use crate::metrics::checks::problem_of;
use crate::random::{Purpose, generator};

/// How well a recurrent network that learned from generated series predicts real ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PredictiveScore {
    /// Mean absolute error of the next value on the real series, in the units after scaling.
    pub score: f64,
    /// Standard error of it, by the scatter from series to series.
    pub error: f64,
}

/// The predictive score (Yoon, Jarrett and van der Schaar, NeurIPS 2019): train on synthetic, test
/// on real. A recurrent network learns on the generated series to predict the last feature of the
/// next step from the other features up to now, and is tested on all real series by its mean
/// absolute error. Of series with a single feature it is this feature that predicts itself. To be
/// read beside the score of a network that learned from real series.
///
/// The network is a layer of gated recurrent units, half as many as features, and a sigmoid output
/// at each step, so that only values between 0 and 1 can be predicted: see
/// [`SeriesScaling`](super::SeriesScaling). Mean absolute error, Adam.
///
/// # Errors
/// Settings that cannot be used, series of different shape, or a training that diverges.
pub fn predictive_score(
    real: &SeriesSet,
    generated: &SeriesSet,
    settings: &SeriesScoreSettings,
) -> Result<PredictiveScore, ValidationError> {
    settings.check()?;
    let (real, generated) = real.scaled_with(generated, settings.scaling)?;
    let (_, steps, features) = real.dim();
    let layout = Layout { inputs: known_features(features), hidden: settings.units(features) };
    let parameters = train(layout, &generated, settings)?;
    let predictions = outputs(layout, &parameters, known(&real));
    let wanted = wanted(&real);
    let errors: Vec<f64> = predictions
        .iter()
        .enumerate()
        .map(|(series, outputs)| {
            let error = |(step, &output): (usize, &f64)| {
                (sigmoid(output) - wanted[(series, step, 0)]).abs()
            };
            outputs.iter().enumerate().map(error).sum::<f64>() / (steps - 1) as f64
        })
        .collect();
    let count = errors.len() as f64;
    let score = errors.iter().sum::<f64>() / count;
    let squares: f64 = errors.iter().map(|error| (error - score).powi(2)).sum();
    // One series has no scatter: its error is then 0/0, and left at 0.
    let error = (squares / (count - 1.0).max(1.0) / count).sqrt();
    Ok(PredictiveScore { score, error })
}

fn known_features(features: usize) -> usize {
    (features - 1).max(1)
}

/// What is predicted from: all steps but the last, of all features but the last.
fn known(values: &Array3<f64>) -> ArrayView3<'_, f64> {
    let (_, steps, features) = values.dim();
    part(values, 0..steps - 1, 0..known_features(features))
}

/// What is predicted: the last feature of all steps but the first.
fn wanted(values: &Array3<f64>) -> ArrayView3<'_, f64> {
    let (_, steps, features) = values.dim();
    part(values, 1..steps, features - 1..features)
}

fn train(
    layout: Layout,
    generated: &Array3<f64>,
    settings: &SeriesScoreSettings,
) -> Result<Vec<f64>, ValidationError> {
    let (known, wanted) = (known(generated), wanted(generated));
    let mut random = generator(settings.seed, Purpose::SeriesWeights);
    let mut parameters = layout.first_parameters(&mut random);
    let mut adam = Adam::new(parameters.len(), settings.learning_rate);
    let mut deck = Deck::new(generated.dim().0, settings.seed, 0);
    let share = 1.0 / (settings.batch * wanted.dim().1) as f64;
    let loss = |series: usize, step: usize, output: f64| {
        let predicted = sigmoid(output);
        let difference = predicted - wanted[(series, step, 0)];
        let slope = if difference == 0.0 { 0.0 } else { difference.signum() };
        (share * difference.abs(), share * slope * predicted * (1.0 - predicted))
    };
    for iteration in 0..settings.iterations {
        let batch = deck.deal(settings.batch);
        let (value, gradient) =
            batch_gradient(layout, &parameters, known, &batch, Readout::EveryStep, &loss);
        if !value.is_finite() {
            let problem = format!("diverges in iteration {iteration} of the network");
            return Err(problem_of("training on series", problem));
        }
        adam.step(&mut parameters, &gradient);
    }
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use super::super::series_set::examples::{noise, sines};
    use super::*;

    fn settings() -> SeriesScoreSettings {
        SeriesScoreSettings {
            iterations: 600,
            batch: 32,
            learning_rate: 1e-2,
            hidden: Some(4),
            ..SeriesScoreSettings::predictive()
        }
    }

    #[test]
    fn sines_teach_to_predict_sines_and_noise_does_not() {
        let real = sines(1, 300);
        let from_sines = predictive_score(&real, &sines(2, 300), &settings()).expect("valid");
        let from_noise = predictive_score(&real, &noise(3, 300), &settings()).expect("valid");
        assert!(from_sines.score + 0.05 < from_noise.score, "{from_sines:?} {from_noise:?}");
        assert!(from_sines.error > 0.0 && from_sines.error < 0.02);
    }

    #[test]
    fn a_single_feature_predicts_itself() {
        let constant = |value: f64, series| {
            let values =
                Array3::from_shape_fn(
                    (series, 4, 1),
                    |(number, _, _)| {
                        if number == 0 { 0.0 } else { value }
                    },
                );
            SeriesSet::new("constant", values.view()).expect("valid")
        };
        let found = predictive_score(&constant(1.0, 2), &constant(1.0, 40), &settings());
        assert!(found.expect("valid").score < 0.05);
        let one = SeriesSet::new("one", Array3::<f64>::zeros((1, 3, 2)).view()).expect("valid");
        assert_eq!(predictive_score(&one, &one, &settings()).expect("valid").error, 0.0);
        assert!(predictive_score(&one, &constant(1.0, 2), &settings()).is_err());
    }
}
