use serde::{Deserialize, Serialize};

use super::nearest_neighbours;
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::percentile::percentile;
use crate::metrics::ranks::{mann_whitney, two_sided};

/// Whether generated events are nearer to training events than other real events are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Memorisation {
    /// Generated events that are equal to a training event.
    pub copies: usize,
    /// Median distance of a generated event from the nearest training event.
    pub generated_distance: f64,
    /// Median distance of a held-out event from the nearest training event.
    pub held_out_distance: f64,
    /// Share of generated events nearer to a training event than 95 % of the held-out events: 0.05
    /// for a sample like the held-out one.
    pub share_below: f64,
    /// Probability that a generated event is nearer than a held-out one, and half of that of
    /// equality: ½ for a sample like the held-out one, 1 for copies.
    pub nearer: f64,
    /// Deviation of `nearer` from ½ over its standard deviation (Mann and Whitney): above 0 for
    /// memorised events.
    pub z: f64,
    /// Two-sided, in the normal limit.
    pub p_value: f64,
}

/// Compares the distances of generated events from the nearest training event with those of
/// held-out events, which were not trained on (the data-copying test of Meehan et al.,
/// arXiv:2004.05675, with one cell).
///
/// A generator that lies beside the data is far from training events, too: a probability below ½
/// does not show that nothing is memorised.
///
/// # Errors
/// Different features, or fewer than 20 generated or held-out events.
pub fn memorisation(
    generated: &FeatureMatrix,
    training: &FeatureMatrix,
    held_out: &FeatureMatrix,
) -> Result<Memorisation, ValidationError> {
    for features in [generated, held_out] {
        features.check_events("a test of memorisation", 20)?;
    }
    let mut of_generated = nearest_neighbours(generated, training, 1)?.distances(1);
    let mut of_held_out = nearest_neighbours(held_out, training, 1)?.distances(1);
    // How often a held-out event is farther than a generated one.
    let test = mann_whitney(&of_held_out, &of_generated);
    of_generated.sort_by(f64::total_cmp);
    of_held_out.sort_by(f64::total_cmp);
    let near = percentile(&of_held_out, 5.0);
    let below = of_generated.partition_point(|&distance| distance < near);
    Ok(Memorisation {
        copies: of_generated.partition_point(|&distance| distance == 0.0),
        generated_distance: percentile(&of_generated, 50.0),
        held_out_distance: percentile(&of_held_out, 50.0),
        share_below: below as f64 / of_generated.len() as f64,
        nearer: test.probability,
        z: test.z,
        p_value: two_sided(test.z),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, generator, uniform};
    use ndarray::{Array2, Axis, concatenate};

    fn features(events: usize, stream: u32) -> Array2<f64> {
        let mut generator = generator(8, Purpose::Halves(stream));
        Array2::from_shape_fn((events, 3), |_| uniform(&mut generator))
    }

    fn of(generated: &Array2<f64>) -> Memorisation {
        let matrix =
            |values: &Array2<f64>| FeatureMatrix::new("test", values.view()).expect("valid");
        memorisation(&matrix(generated), &matrix(&features(1000, 1)), &matrix(&features(800, 2)))
            .expect("enough")
    }

    #[test]
    fn memorised_events_are_told_from_new_ones() {
        let new = of(&features(900, 3));
        assert!(new.p_value > 0.01 && (new.share_below - 0.05).abs() < 0.03, "{new:?}");
        assert_eq!(new.copies, 0);
        let training = features(1000, 1);
        let near = &training.slice(ndarray::s![..100, ..]) + 1e-4;
        let mixed = concatenate(Axis(0), &[features(800, 3).view(), near.view()]).expect("fits");
        let some = of(&mixed);
        assert!(some.share_below > 0.13 && some.z > 2.0, "{some:?}");
        let all = of(&training);
        assert_eq!((all.copies, all.nearer, all.generated_distance), (1000, 1.0, 0.0));
        assert!(all.p_value < 1e-20);
    }
}
