use faer::{MatMut, MatRef};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::draws::below;
use crate::metrics::linear_algebra::multiply;
use crate::metrics::pairwise::{Points, common_centre, squared_distance};
use crate::random::{Purpose, generator, uniform};

/// Rounds after which the search for clusters ends in any case.
const ROUNDS: usize = 100;
/// Events of one task.
const CHUNK: usize = 512;

/// Clusters of events by their nearest centres.
#[derive(Debug, Clone, PartialEq)]
pub struct Clusters {
    /// `[clusters, features]`
    pub centres: Array2<f64>,
    /// The cluster of each event.
    pub of_events: Vec<usize>,
    /// Σ |x − centre|².
    pub inertia: f64,
    pub rounds: usize,
}

impl Clusters {
    /// The cluster whose centre is nearest to each event; of equally near ones the first.
    ///
    /// # Errors
    /// Other features than the clusters'.
    pub fn assign(&self, features: &FeatureMatrix) -> Result<Vec<usize>, ValidationError> {
        if features.features() != self.centres.ncols() {
            return Err(ValidationError::Shape {
                found_events: features.events(),
                found_values: features.features(),
                events: features.events(),
                values: self.centres.ncols(),
            });
        }
        let centre = common_centre(features, features);
        let points = Points::new(features, Some(&centre));
        let centres: Vec<f64> = self
            .centres
            .rows()
            .into_iter()
            .flat_map(|row| row.iter().zip(&centre).map(|(x, c)| x - c).collect::<Vec<_>>())
            .collect();
        Ok(nearest(&points, &centres).into_iter().map(|(cluster, _)| cluster).collect())
    }
}

/// k-means clusters from random first centres: the first an event at random, each further one an
/// event with a probability in proportion to its squared distance from the nearest centre so far
/// (k-means++; Arthur and Vassilvitskii 2007).
///
/// `run` tells runs of one seed apart.
///
/// # Errors
/// No clusters, or more than events.
pub fn k_means(
    features: &FeatureMatrix,
    clusters: usize,
    seed: u64,
    run: u32,
) -> Result<Clusters, ValidationError> {
    check(features, clusters)?;
    let mut generator = generator(seed, Purpose::Clusters(run));
    let mut chosen = vec![below(features.events(), &mut generator)];
    let mut squares = vec![f64::INFINITY; features.events()];
    while chosen.len() < clusters {
        let latest = features.event(chosen[chosen.len() - 1]);
        squares.par_iter_mut().enumerate().for_each(|(event, square)| {
            *square = square.min(squared_distance(features.event(event), latest));
        });
        let total: f64 = squares.iter().sum();
        let mut left = uniform(&mut generator) * total;
        let drawn = squares.iter().position(|square| {
            left -= square;
            left < 0.0
        });
        // Where all events are at a centre, or rounding left something over.
        let drawn = drawn.unwrap_or_else(|| below(features.events(), &mut generator));
        chosen.push(drawn);
    }
    let first = features.view().select(ndarray::Axis(0), &chosen);
    k_means_from(features, first.view())
}

/// k-means clusters from these first centres (Lloyd 1982): events go to the nearest centre, centres
/// to the mean of their events, until no event changes or after 100 rounds. A centre without events
/// goes to the event farthest from its own.
///
/// # Shapes
/// `centres`: `[clusters, features]`
///
/// # Errors
/// No clusters, more than events, or centres of other features.
pub fn k_means_from(
    features: &FeatureMatrix,
    centres: ArrayView2<'_, f64>,
) -> Result<Clusters, ValidationError> {
    let (clusters, dimensions) = centres.dim();
    check(features, clusters)?;
    if dimensions != features.features() {
        return Err(ValidationError::Shape {
            found_events: clusters,
            found_values: dimensions,
            events: clusters,
            values: features.features(),
        });
    }
    let origin = common_centre(features, features);
    let points = Points::new(features, Some(&origin));
    let mut centres: Vec<f64> = centres
        .rows()
        .into_iter()
        .flat_map(|row| row.iter().zip(&origin).map(|(x, c)| x - c).collect::<Vec<_>>())
        .collect();
    let mut found = nearest(&points, &centres);
    let mut rounds = 0;
    while rounds < ROUNDS {
        rounds += 1;
        occupy(&mut found, clusters);
        centres = means(&points, &found, clusters);
        let next = nearest(&points, &centres);
        let changed = next.iter().zip(&found).any(|(next, found)| next.0 != found.0);
        found = next;
        if !changed {
            break;
        }
    }
    let centre = |cluster: usize| &centres[cluster * dimensions..(cluster + 1) * dimensions];
    let event = |number: usize| &points.values[number * dimensions..(number + 1) * dimensions];
    let squares: Vec<f64> = found
        .par_iter()
        .enumerate()
        .map(|(number, &(cluster, _))| squared_distance(event(number), centre(cluster)))
        .collect();
    let centres = Array2::from_shape_fn((clusters, dimensions), |(cluster, feature)| {
        centres[cluster * dimensions + feature] + origin[feature]
    });
    Ok(Clusters {
        centres,
        of_events: found.into_iter().map(|(cluster, _)| cluster).collect(),
        inertia: squares.iter().sum(),
        rounds,
    })
}

fn check(features: &FeatureMatrix, clusters: usize) -> Result<(), ValidationError> {
    if clusters == 0 {
        let found = clusters.to_string();
        return Err(ValidationError::Setting { name: "clusters", found, expected: "at least 1" });
    }
    features.check_events(&format!("a search for {clusters} clusters"), clusters)
}

/// The cluster of the nearest centre and the squared distance from it, for each event.
fn nearest(points: &Points, centres: &[f64]) -> Vec<(usize, f64)> {
    let dimensions = points.dimensions;
    let clusters = centres.len() / dimensions;
    let squares: Vec<f64> =
        centres.chunks_exact(dimensions).map(|c| c.iter().map(|x| x * x).sum()).collect();
    let centres = MatRef::from_row_major_slice(centres, clusters, dimensions);
    points
        .values
        .par_chunks(CHUNK * dimensions)
        .zip(points.squares.par_chunks(CHUNK))
        .flat_map_iter(|(events, own)| {
            let mut products = vec![0.0; own.len() * clusters];
            multiply(
                MatMut::from_row_major_slice_mut(&mut products, own.len(), clusters),
                MatRef::from_row_major_slice(events, own.len(), dimensions),
                centres.transpose(),
                1.0,
            );
            let of = |(products, own): (&[f64], &f64)| {
                let mut best = (0, f64::INFINITY);
                for (cluster, (product, square)) in products.iter().zip(&squares).enumerate() {
                    let beyond = square - 2.0 * product;
                    if beyond < best.1 {
                        best = (cluster, beyond);
                    }
                }
                (best.0, (own + best.1).max(0.0))
            };
            products.chunks_exact(clusters).zip(own).map(of).collect::<Vec<_>>()
        })
        .collect()
}

/// Gives each cluster without events the event that is farthest from its centre.
fn occupy(found: &mut [(usize, f64)], clusters: usize) {
    let mut events = vec![0_usize; clusters];
    for &(cluster, _) in found.iter() {
        events[cluster] += 1;
    }
    for empty in 0..clusters {
        if events[empty] > 0 {
            continue;
        }
        let farthest = (0..found.len())
            .filter(|&event| events[found[event].0] > 1)
            .max_by(|&a, &b| found[a].1.total_cmp(&found[b].1).then(b.cmp(&a)))
            .expect("as many events as clusters, so that one cluster has two");
        events[found[farthest].0] -= 1;
        events[empty] = 1;
        found[farthest] = (empty, 0.0);
    }
}

/// The mean of each cluster's events, `[clusters, features]`.
fn means(points: &Points, found: &[(usize, f64)], clusters: usize) -> Vec<f64> {
    let dimensions = points.dimensions;
    let mut members = vec![Vec::new(); clusters];
    for (event, &(cluster, _)) in found.iter().enumerate() {
        members[cluster].push(event);
    }
    members
        .par_iter()
        .flat_map_iter(|events| {
            let mut mean = vec![0.0; dimensions];
            for &event in events {
                let values = &points.values[event * dimensions..(event + 1) * dimensions];
                mean.iter_mut().zip(values).for_each(|(mean, value)| *mean += value);
            }
            let count = events.len() as f64;
            mean.into_iter().map(move |sum| sum / count)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four narrow groups at the corners of a square, one of them with a tenth of the events.
    fn corners() -> FeatureMatrix {
        let mut generator = generator(4, Purpose::Halves(1));
        let values = Array2::from_shape_fn((930, 2), |(event, feature)| {
            let corner = if event < 900 { event % 3 } else { 3 };
            let at = if corner >> feature & 1 == 1 { 50.0 } else { 40.0 };
            at + uniform(&mut generator)
        });
        FeatureMatrix::new("corners", values.view()).expect("valid")
    }

    #[test]
    fn groups_that_are_apart_are_found() {
        let corners = corners();
        let found = k_means(&corners, 4, 1, 0).expect("enough");
        for event in 0..930 {
            let like = if event < 900 { event % 3 } else { 900 };
            assert_eq!(found.of_events[event], found.of_events[like], "{event}");
        }
        // 930 events in two uniform features.
        assert!((found.inertia / 930.0 - 2.0 / 12.0).abs() < 0.01, "{}", found.inertia);
        assert_eq!(found.assign(&corners).expect("the same features"), found.of_events);
    }

    #[test]
    fn a_centre_without_events_is_moved_to_some() {
        let corners = corners();
        let first = ndarray::arr2(&[[40.0, 40.0], [45.0, 45.0], [1e6, 1e6], [2e6, -1e6]]);
        let found = k_means_from(&corners, first.view()).expect("enough");
        let mut events = [0; 4];
        found.of_events.iter().for_each(|&cluster| events[cluster] += 1);
        assert!(events.iter().all(|&events| events > 0), "{events:?}");
    }

    #[test]
    fn equal_events_and_as_many_clusters_as_events_are_no_trouble() {
        let equal = FeatureMatrix::new("equal", Array2::<f64>::ones((5, 3)).view()).expect("valid");
        let found = k_means(&equal, 5, 1, 0).expect("enough");
        assert_eq!(found.inertia, 0.0);
        assert!(k_means(&equal, 6, 1, 0).is_err());
        assert!(k_means(&equal, 0, 1, 0).is_err());
    }

    #[test]
    fn runs_differ_and_threads_do_not_matter() {
        let corners = corners();
        let with = |threads, run| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("threads start").install(|| k_means(&corners, 12, 1, run).expect("enough"))
        };
        assert_eq!(with(1, 0), with(3, 0));
        assert_ne!(with(1, 0).of_events, with(1, 1).of_events);
    }
}
