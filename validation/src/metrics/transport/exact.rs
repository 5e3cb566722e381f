use rayon::prelude::*;

use super::cheapest_assignment;
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::pairwise::squared_distance;

/// Events of a sample up to which the exact distance is computed: the time grows as their cube, to
/// some ten seconds here.
pub const EXACT_EVENTS: usize = 4000;

/// The exact Wasserstein distance of order 1 or 2 of two samples of as many events,
///
/// W_p = (min_π 1/n Σ_i |x_i − y_π(i)|^p)^(1/p)
///
/// with Euclidean distances in all features: for equal weights the cheapest transport is a
/// permutation π (Birkhoff). Features enter as they are.
///
/// The distance of two samples of one distribution falls only as n^(−1/d) in d features: it is to
/// be held against that of two reference samples of as many events.
///
/// ```
/// use ndarray::arr2;
/// use validation::metrics::{FeatureMatrix, transport::exact_wasserstein};
/// let first = FeatureMatrix::new("first", arr2(&[[0.0, 0.0], [3.0, 0.0]]).view())?;
/// let second = FeatureMatrix::new("second", arr2(&[[3.0, 1.0], [0.0, 3.0]]).view())?;
/// assert_eq!(exact_wasserstein(&first, &second, 1)?, 2.0);
/// assert!((exact_wasserstein(&first, &second, 2)? - 5.0_f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), validation::ValidationError>(())
/// ```
///
/// # Errors
/// Another order, different features, different numbers of events, or more than [`EXACT_EVENTS`].
pub fn exact_wasserstein(
    first: &FeatureMatrix,
    second: &FeatureMatrix,
    order: u32,
) -> Result<f64, ValidationError> {
    first.check_same_features(second)?;
    if !(1..=2).contains(&order) {
        let found = order.to_string();
        return Err(ValidationError::Setting { name: "order", found, expected: "1 or 2" });
    }
    let events = first.events();
    if second.events() != events {
        return Err(ValidationError::Shape {
            found_events: second.events(),
            found_values: second.features(),
            events,
            values: first.features(),
        });
    }
    if events > EXACT_EVENTS {
        return Err(ValidationError::Setting {
            name: "events of an exact transport",
            found: events.to_string(),
            expected: "at most 4000",
        });
    }
    let costs: Vec<f64> = (0..events)
        .into_par_iter()
        .flat_map_iter(|event| {
            let own = first.event(event);
            (0..events).map(move |other| {
                let square = squared_distance(own, second.event(other));
                if order == 1 { square.sqrt() } else { square }
            })
        })
        .collect();
    let mean = cheapest_assignment(events, &costs).cost / events as f64;
    Ok(if order == 1 { mean } else { mean.max(0.0).sqrt() })
}
