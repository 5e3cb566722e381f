use ndarray::Array3;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::adam::Adam;
use super::gradient::Readout;
use super::network::{Layout, sigmoid};
use super::training::{Deck, batch_gradient, chosen, outputs, split};
use super::{SeriesScoreSettings, SeriesSet};
use crate::ValidationError;
use crate::metrics::checks::problem_of;
use crate::random::{Purpose, generator};

/// How well a recurrent network tells generated series from real ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DiscriminativeScore {
    /// |accuracy − ½|: 0 for equal distributions, ½ where each series is told.
    pub score: f64,
    /// On the test series: the mean of the shares of real and generated series that are told.
    pub accuracy: f64,
    /// Of the accuracy where it is ½, by the numbers of test series. The score of equal
    /// distributions is about this, not 0.
    pub error: f64,
    pub real_tested: usize,
    pub generated_tested: usize,
}

/// The discriminative score (Yoon, Jarrett and van der Schaar, NeurIPS 2019): |accuracy − ½| of a
/// recurrent network that learns to tell real from generated series and is tested on others.
///
/// The network is a layer of gated recurrent units, half as many as features, and a linear output
/// from its last state; binary cross entropy, Adam. The units are PyTorch's, which apply the reset gate after the product with the
/// state; the authors' are TensorFlow's, which apply it before.
///
/// # Errors
/// Settings that cannot be used, series of different shape, fewer than two series in a set, or a
/// training that diverges.
pub fn discriminative_score(
    real: &SeriesSet,
    generated: &SeriesSet,
    settings: &SeriesScoreSettings,
) -> Result<DiscriminativeScore, ValidationError> {
    settings.check()?;
    for set in [real, generated] {
        if set.series() < 2 {
            let purpose = format!("a discriminative score of `{}`", set.label());
            let found = set.series();
            return Err(ValidationError::TooFewEvents { purpose, found, needed: 2 });
        }
    }
    let (real, generated) = real.scaled_with(generated, settings.scaling)?;
    let layout = Layout { inputs: real.dim().2, hidden: settings.units(real.dim().2) };
    // Different splits: otherwise series that were copied in order would be told apart by it.
    let (real_trained, real_tested) = split(real.dim().0, settings.test_share, settings.seed);
    let (generated_trained, generated_tested) =
        split(generated.dim().0, settings.test_share, settings.seed.wrapping_add(1));
    let sets = [chosen(real.view(), &real_trained), chosen(generated.view(), &generated_trained)];
    let mut random = generator(settings.seed, Purpose::SeriesWeights);
    let parameters = train(layout, &sets, settings, &mut random)?;
    let told = |values: &Array3<f64>, is_real: bool| {
        let outputs = outputs(layout, &parameters, values.view());
        let right = |output: f64| if is_real { output > 0.0 } else { output <= 0.0 };
        let told = outputs.iter().filter(|series| series.last().is_some_and(|&last| right(last)));
        told.count() as f64 / outputs.len() as f64
    };
    let (real_tested, generated_tested) =
        (chosen(real.view(), &real_tested), chosen(generated.view(), &generated_tested));
    let accuracy = (told(&real_tested, true) + told(&generated_tested, false)) / 2.0;
    let (real_tested, generated_tested) = (real_tested.dim().0, generated_tested.dim().0);
    // Of the mean of two shares with variances 1 / 4n.
    let variance = (1.0 / real_tested as f64 + 1.0 / generated_tested as f64) / 16.0;
    Ok(DiscriminativeScore {
        score: (accuracy - 0.5).abs(),
        accuracy,
        error: variance.sqrt(),
        real_tested,
        generated_tested,
    })
}

/// `sets`: real and generated series. An output above 0 says "real".
fn train(
    layout: Layout,
    sets: &[Array3<f64>; 2],
    settings: &SeriesScoreSettings,
    random: &mut ChaCha8Rng,
) -> Result<Vec<f64>, ValidationError> {
    let mut parameters = layout.first_parameters(random);
    let mut adam = Adam::new(parameters.len(), settings.learning_rate);
    let mut decks =
        [0, 1].map(|number| Deck::new(sets[number as usize].dim().0, settings.seed, number));
    let share = 1.0 / settings.batch as f64;
    for iteration in 0..settings.iterations {
        let mut gradient = vec![0.0; parameters.len()];
        for ((set, deck), sign) in sets.iter().zip(&mut decks).zip([1.0, -1.0]) {
            // ln(1 + exp(∓ output)) and its derivative.
            let loss = move |_: usize, _: usize, output: f64| {
                let margin = sign * output;
                let value = (-margin).max(0.0) + (-margin.abs()).exp().ln_1p();
                (share * value, -sign * share * sigmoid(-margin))
            };
            let batch = deck.deal(settings.batch);
            let (value, part) =
                batch_gradient(layout, &parameters, set.view(), &batch, Readout::Last, &loss);
            if !value.is_finite() {
                let problem = format!("diverges in iteration {iteration} of the network");
                return Err(problem_of("training on series", problem));
            }
            for (sum, part) in gradient.iter_mut().zip(part) {
                *sum += part;
            }
        }
        adam.step(&mut parameters, &gradient);
    }
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use super::super::series_set::examples::{noise, sines};
    use super::*;

    /// Fewer, larger steps than the published ones.
    fn settings() -> SeriesScoreSettings {
        SeriesScoreSettings {
            iterations: 300,
            batch: 64,
            learning_rate: 1e-2,
            ..SeriesScoreSettings::discriminative()
        }
    }

    #[test]
    fn sines_are_like_sines_and_unlike_noise() {
        let (first, second) = (sines(1, 1000), sines(2, 1000));
        let found = discriminative_score(&first, &second, &settings()).expect("valid");
        assert!(found.score < 3.5 * found.error, "{found:?}");
        assert_eq!((found.real_tested, found.generated_tested), (200, 200));
        let found = discriminative_score(&first, &noise(3, 1000), &settings()).expect("valid");
        assert!(found.score > 0.45, "{found:?}");
    }

    #[test]
    fn the_seed_decides_and_small_sets_are_refused() {
        let (first, second) = (sines(1, 60), noise(2, 60));
        let short = SeriesScoreSettings { iterations: 5, ..settings() };
        let score = |settings| discriminative_score(&first, &second, settings).expect("valid");
        assert_eq!(score(&short), score(&short));
        assert!(discriminative_score(&first, &sines(1, 1), &short).is_err());
        let never = SeriesScoreSettings { iterations: 0, ..short };
        assert!(discriminative_score(&first, &second, &never).is_err());
    }
}
