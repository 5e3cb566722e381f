use rayon::prelude::*;

use super::nearest_neighbours;
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::draws::direction;
use crate::metrics::pairwise::squared_distance;
use crate::random::{Purpose, generator, mixed};

/// Events that are equal, or nearly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicates {
    /// Of the whole sample.
    pub events: usize,
    /// The numbers of the events that are alike, of each group of at least two, in ascending order;
    /// the groups by their first event.
    pub groups: Vec<Vec<usize>>,
}

impl Duplicates {
    /// Events less different ones.
    pub fn surplus(&self) -> usize {
        self.groups.iter().map(|group| group.len() - 1).sum()
    }

    /// Surplus over all events.
    pub fn share(&self) -> f64 {
        self.surplus() as f64 / self.events as f64
    }

    /// Pairs of events of one group.
    pub fn pairs(&self) -> u64 {
        self.groups.iter().map(|group| (group.len() as u64 * (group.len() as u64 - 1)) / 2).sum()
    }
}

/// Events of a sample that are equal in all features, by their hashes. 0 and −0 are equal.
///
/// A reference has duplicates, too, where events are empty or features few: hold the share against
/// its own.
///
/// ```
/// use ndarray::arr2;
/// use validation::metrics::{FeatureMatrix, neighbours::duplicates};
/// let sample = arr2(&[[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]]);
/// let found = duplicates(&FeatureMatrix::new("sample", sample.view())?);
/// assert_eq!((found.groups.as_slice(), found.surplus()), ([vec![0, 2]].as_slice(), 1));
/// # Ok::<(), validation::ValidationError>(())
/// ```
pub fn duplicates(features: &FeatureMatrix) -> Duplicates {
    let mut hashed = hashes(features);
    hashed.par_sort_unstable();
    let mut groups = Vec::new();
    for candidates in hashed.chunk_by(|a, b| a.0 == b.0) {
        // Of equal hashes almost always one group; chance may join more.
        let mut left: Vec<usize> = candidates.iter().map(|&(_, event)| event).collect();
        while let Some(&first) = left.first() {
            let alike = |event: &usize| features.event(*event) == features.event(first);
            let (group, others) = left.iter().partition::<Vec<usize>, _>(|event| alike(event));
            if group.len() > 1 {
                groups.push(group);
            }
            left = others;
        }
    }
    groups.sort_unstable();
    Duplicates { events: features.events(), groups }
}

/// Groups of events that are joined by distances of at most `distance`.
///
/// Each pair that is so near is also as near along any direction: only pairs that are near along
/// several are looked at, in the order along the first. It finds all of them.
///
/// # Errors
/// A distance that is below 0 or not a number.
pub fn near_duplicates(
    features: &FeatureMatrix,
    distance: f64,
) -> Result<Duplicates, ValidationError> {
    if distance.is_nan() || distance < 0.0 {
        let found = distance.to_string();
        return Err(ValidationError::Setting { name: "distance", found, expected: "at least 0" });
    }
    let equal = duplicates(features);
    let mut sets = Sets::new(features.events());
    for group in &equal.groups {
        group.iter().for_each(|&event| sets.join(group[0], event));
    }
    // One of each group of equal events is enough.
    let mut events: Vec<usize> = (0..features.events()).filter(|&e| sets.root(e) == e).collect();
    let along = projections(features);
    // A sum of d rounded terms is off by less than d ε |x|, on both sides.
    let origin = vec![0.0; features.features()];
    let size = (0..features.events())
        .map(|event| squared_distance(features.event(event), &origin).sqrt())
        .fold(0.0, f64::max);
    let rounding = 4.0 * features.features() as f64 * f64::EPSILON * size;
    let reach = distance + rounding;
    events.sort_by(|&a, &b| along[a][0].total_cmp(&along[b][0]).then(a.cmp(&b)));
    for (place, &event) in events.iter().enumerate() {
        for &other in &events[place + 1..] {
            if along[other][0] - along[event][0] > reach {
                break;
            }
            let near = |i: usize| (along[other][i] - along[event][i]).abs() <= reach;
            if (1..DIRECTIONS).all(near)
                && sets.root(event) != sets.root(other)
                && squared_distance(features.event(event), features.event(other)).sqrt() <= distance
            {
                sets.join(event, other);
            }
        }
    }
    Ok(Duplicates { events: features.events(), groups: sets.groups() })
}

/// The events of `generated` that are equal to an event of `training`, with the first such.
///
/// # Errors
/// Different features.
pub fn copies(
    generated: &FeatureMatrix,
    training: &FeatureMatrix,
) -> Result<Vec<(usize, usize)>, ValidationError> {
    generated.check_same_features(training)?;
    let mut known = hashes(training);
    known.par_sort_unstable();
    let found = hashes(generated).into_iter().filter_map(|(hash, event)| {
        let first = known.partition_point(|entry| entry.0 < hash);
        known[first..]
            .iter()
            .take_while(|entry| entry.0 == hash)
            .find(|entry| training.event(entry.1) == generated.event(event))
            .map(|entry| (event, entry.1))
    });
    Ok(found.collect())
}

/// The median distance of an event from the nearest other one: the scale for a distance of near
/// duplicates. Of more than 512 events, 512 at equal steps are asked.
///
/// # Errors
/// Fewer than two events.
pub fn median_spacing(features: &FeatureMatrix) -> Result<f64, ValidationError> {
    const EVENTS: usize = 512;
    features.check_events("a median spacing", 2)?;
    let taken = features.events().min(EVENTS);
    let chosen: Vec<usize> = (0..taken).map(|n| n * features.events() / taken).collect();
    // The nearest is the event itself, or equal to it.
    let mut distances = nearest_neighbours(&features.select(&chosen), features, 2)?.distances(2);
    distances.sort_by(f64::total_cmp);
    Ok(crate::metrics::percentile::percentile(&distances, 50.0))
}

/// Hash and number of each event.
fn hashes(features: &FeatureMatrix) -> Vec<(u64, usize)> {
    features
        .as_slice()
        .par_chunks(features.features())
        .map(|event| {
            // −0 + 0 is 0.
            event.iter().fold(0, |hash, value| mixed(hash ^ (value + 0.0).to_bits()))
        })
        .enumerate()
        .map(|(event, hash)| (hash, event))
        .collect()
}

const DIRECTIONS: usize = 4;

/// Each event along random directions of length 1.
fn projections(features: &FeatureMatrix) -> Vec<[f64; DIRECTIONS]> {
    let mut generator = generator(0, Purpose::Directions);
    let directions: [Vec<f64>; DIRECTIONS] =
        std::array::from_fn(|_| direction(features.features(), &mut generator));
    features
        .as_slice()
        .par_chunks(features.features())
        .map(|event| {
            let along =
                |direction: &Vec<f64>| direction.iter().zip(event).map(|(x, y)| x * y).sum::<f64>();
            directions.each_ref().map(along)
        })
        .collect()
}

/// Disjoint sets of events (union by the lower number, with shortened paths).
struct Sets {
    parents: Vec<usize>,
}

impl Sets {
    fn new(events: usize) -> Self {
        Self { parents: (0..events).collect() }
    }

    fn root(&mut self, mut event: usize) -> usize {
        while self.parents[event] != event {
            self.parents[event] = self.parents[self.parents[event]];
            event = self.parents[event];
        }
        event
    }

    fn join(&mut self, first: usize, second: usize) {
        let (first, second) = (self.root(first), self.root(second));
        self.parents[first.max(second)] = first.min(second);
    }

    fn groups(mut self) -> Vec<Vec<usize>> {
        let mut of_roots = vec![Vec::new(); self.parents.len()];
        for event in 0..self.parents.len() {
            let root = self.root(event);
            of_roots[root].push(event);
        }
        of_roots.retain(|group| group.len() > 1);
        of_roots
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::uniform;
    use ndarray::{Array2, arr2};

    fn features(events: usize, dimensions: usize) -> Array2<f64> {
        let mut generator = generator(8, Purpose::Halves(1));
        Array2::from_shape_fn((events, dimensions), |_| 100.0 + uniform(&mut generator))
    }

    fn matrix(values: &Array2<f64>) -> FeatureMatrix {
        FeatureMatrix::new("test", values.view()).expect("valid")
    }

    #[test]
    fn one_per_cent_of_copies_are_found_and_nothing_else() {
        let mut values = features(20_000, 12);
        for copy in 0..200 {
            let row = values.row(copy * 7).to_owned();
            values.row_mut(19_999 - 13 * copy).assign(&row);
        }
        let found = duplicates(&matrix(&values));
        assert_eq!((found.groups.len(), found.surplus(), found.share()), (200, 200, 0.01));
        assert_eq!(found.groups[1], [7, 19_986]);
        let near = near_duplicates(&matrix(&values), 1e-9).expect("valid");
        assert_eq!(near, found);
    }

    #[test]
    fn near_copies_are_found_within_their_distance() {
        let mut values = features(3000, 12);
        for copy in 0..30 {
            let row = values.row(copy).to_owned();
            let mut to = values.row_mut(2999 - copy);
            to.assign(&row);
            to[copy % 12] += 1e-3;
        }
        let sample = matrix(&values);
        assert_eq!(duplicates(&sample).surplus(), 0);
        let near = |distance| near_duplicates(&sample, distance).expect("valid");
        assert_eq!(near(1.1e-3).surplus(), 30);
        assert_eq!(near(1.1e-3).groups[4], [4, 2995]);
        assert_eq!(near(0.9e-3).surplus(), 0);
        assert!(near_duplicates(&sample, f64::NAN).is_err());
        // Far below the usual distance between events.
        assert!(median_spacing(&sample).expect("enough") > 0.2);
    }

    #[test]
    fn a_collapsed_sample_is_one_group() {
        let values = 1e-9 * features(3000, 3);
        let near = near_duplicates(&matrix(&values), 1e-6).expect("valid");
        assert_eq!((near.groups.len(), near.surplus()), (1, 2999));
        assert_eq!(near.pairs(), 3000 * 2999 / 2);
        let equal = duplicates(&matrix(&Array2::zeros((500, 3))));
        assert_eq!((equal.groups.len(), equal.pairs()), (1, 500 * 499 / 2));
    }

    #[test]
    fn copies_of_training_events_are_named() {
        let training = matrix(&arr2(&[[1.0, 2.0], [0.0, 4.0], [1.0, 2.0]]));
        let generated = matrix(&arr2(&[[-0.0, 4.0], [1.0, 3.0], [1.0, 2.0]]));
        assert_eq!(copies(&generated, &training).expect("valid"), [(0, 1), (2, 0)]);
        assert!(copies(&generated, &matrix(&arr2(&[[1.0]]))).is_err());
    }
}
