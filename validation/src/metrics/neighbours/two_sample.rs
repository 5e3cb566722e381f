use serde::{Deserialize, Serialize};

use super::nearest_neighbours_within;
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::draws::without_replacement;
use crate::metrics::feature_matrix::check_pair;
use crate::metrics::ranks::two_sided;
use crate::random::{Purpose, generator};

/// How often an event's nearest neighbour is of its own sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NeighbourTest {
    /// Events of each sample.
    pub events: usize,
    /// Over all events: ½ if the samples have one distribution, 1 if they are apart, near 0 if each
    /// generated event is a copy of a real one.
    pub accuracy: f64,
    /// Over the real events: low where generated events lie between them.
    pub real_accuracy: f64,
    /// Over the generated events: high where they are close to each other (a collapse).
    pub generated_accuracy: f64,
    /// √(1 / 4n) of the n = 2 `events`: the deviation of as many independent answers.
    pub deviation: f64,
    /// √((1 + m) / 4n) with the share m of events that are the nearest neighbour of their nearest
    /// neighbour: their two answers are one.
    pub paired_deviation: f64,
    /// Two-sided, with `paired_deviation`.
    pub p_value: f64,
    /// Two-sided, with `deviation`: too small, since answers in pairs are counted as independent.
    pub independent_p_value: f64,
}

/// The classifier two-sample test with the nearest neighbour as classifier, leaving out the event
/// itself (Lopez-Paz and Oquab, arXiv:1610.06545; Xu et al., arXiv:1806.07755).
///
/// If the samples have one distribution the accuracy follows N(½, 1/4n) for n independent answers.
/// Two events that are each other's nearest neighbour give the same answer; with labels dealt at
/// random the variance is then (1 + m) / 4n, which the p-value takes (compare Schilling 1986, JASA
/// 81). Of samples of different sizes the larger is thinned at random. Of equally near neighbours
/// the first counts, real ones before generated ones.
///
/// # Errors
/// Different features, or fewer than ten events.
pub fn neighbour_test(
    real: &FeatureMatrix,
    generated: &FeatureMatrix,
    seed: u64,
) -> Result<NeighbourTest, ValidationError> {
    check_pair(real, generated, "a nearest-neighbour test", 10)?;
    let events = real.events().min(generated.events());
    let mut generator = generator(seed, Purpose::Thinning);
    let mut thinned = |features: &FeatureMatrix| {
        if features.events() == events {
            return features.clone();
        }
        features.select(&without_replacement(events, features.events(), &mut generator))
    };
    let both = thinned(real).joined(&thinned(generated));
    let found = nearest_neighbours_within(&both, 1)?;
    let nearest: Vec<usize> =
        (0..2 * events).flat_map(|query| found.of(query).map(|(event, _)| event)).collect();
    let right = |query: &usize| (*query < events) == (nearest[*query] < events);
    let of_real = (0..events).filter(right).count() as f64 / events as f64;
    let of_generated = (events..2 * events).filter(right).count() as f64 / events as f64;
    let paired = (0..2 * events).filter(|&query| nearest[nearest[query]] == query).count();
    let accuracy = (of_real + of_generated) / 2.0;
    let deviation = (1.0 / (8.0 * events as f64)).sqrt();
    let paired_deviation = deviation * (1.0 + paired as f64 / (2 * events) as f64).sqrt();
    Ok(NeighbourTest {
        events,
        accuracy,
        real_accuracy: of_real,
        generated_accuracy: of_generated,
        deviation,
        paired_deviation,
        p_value: two_sided((accuracy - 0.5) / paired_deviation),
        independent_p_value: two_sided((accuracy - 0.5) / deviation),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::uniform;
    use ndarray::Array2;

    fn features(events: usize, shift: f64, stream: u32) -> FeatureMatrix {
        let mut generator = generator(8, Purpose::Halves(stream));
        let values = Array2::from_shape_fn((events, 2), |_| uniform(&mut generator) + shift);
        FeatureMatrix::new("test", values.view()).expect("valid")
    }

    #[test]
    fn under_one_distribution_the_paired_deviation_is_that_of_the_accuracy() {
        let (mut squares, mut p_values) = (0.0, 0.0);
        let tests = 200;
        for number in 0..tests {
            let (a, b) = (features(60, 0.0, 2 * number), features(70, 0.0, 2 * number + 1));
            let found = neighbour_test(&a, &b, 1).expect("enough");
            assert_eq!(found.events, 60);
            squares += ((found.accuracy - 0.5) / found.paired_deviation).powi(2);
            p_values += found.p_value;
        }
        // 1 with a standard deviation of √(2 / 200); the mean p-value ½ with one of 0.02.
        let (variance, mean) = (squares / f64::from(tests), p_values / f64::from(tests));
        assert!((variance - 1.0).abs() < 0.4, "{variance}");
        assert!((mean - 0.5).abs() < 0.1, "{mean}");
    }

    #[test]
    fn samples_apart_copies_and_a_collapse_are_told() {
        let real = features(200, 0.0, 1);
        let apart = neighbour_test(&real, &features(200, 5.0, 2), 1).expect("enough");
        assert_eq!((apart.accuracy, apart.p_value < 1e-20), (1.0, true));
        let moved = real.view().to_owned() + 1e-6;
        let moved = FeatureMatrix::new("moved", moved.view()).expect("valid");
        let copies = neighbour_test(&real, &moved, 1).expect("enough");
        assert_eq!((copies.accuracy, copies.p_value < 1e-20), (0.0, true));
        let collapsed = 0.5 + 1e-3 * &features(200, 0.0, 3).view();
        let collapsed = FeatureMatrix::new("collapsed", collapsed.view()).expect("valid");
        let collapse = neighbour_test(&real, &collapsed, 1).expect("enough");
        assert!(collapse.generated_accuracy > 0.99 && collapse.real_accuracy > 0.9);
        assert!(neighbour_test(&real, &features(9, 0.0, 2), 1).is_err());
    }
}
