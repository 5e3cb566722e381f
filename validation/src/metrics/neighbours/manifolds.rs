use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::candidates::{in_columns, in_rows};
use super::search::{Neighbours, check_count, for_each_tile, within};
use super::space::{Space, Spaces};
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::pairwise::{Scalar, squared_distance};

/// How two samples cover each other's manifolds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ManifoldMeasures {
    /// k of the manifolds' radii.
    pub neighbours: usize,
    /// Share of generated events within the reference's manifold.
    pub precision: f64,
    /// Share of reference events within the generated sample's manifold.
    pub recall: f64,
    /// Mean number of reference balls around a generated event, over k; may exceed 1.
    pub density: f64,
    /// Share of reference events with a generated event in their ball.
    pub coverage: f64,
}

/// Precision and recall (Kynkäänniemi et al., arXiv:1904.06991) and density and coverage (Naeem et
/// al., arXiv:2002.09797), for each k in `neighbours`.
///
/// A sample's manifold is the union of the balls around its events x, with the distance r_k(x) to
/// the k-th nearest other event as their radius; the event itself does not count among its
/// neighbours. An event y is within a ball if |x − y| < r_k(x): strictly, as in PyPI's prdc, where
/// Kynkäänniemi has ≤. Precision and recall are usual with k = 3, density and coverage with k = 5,
/// CaloChallenge takes 5 for all. Several k cost little more than one.
///
/// # Errors
/// Different features, no k or one of 0, or no more events than neighbours in either sample.
pub fn manifold_measures(
    reference: &FeatureMatrix,
    generated: &FeatureMatrix,
    neighbours: &[usize],
) -> Result<Vec<ManifoldMeasures>, ValidationError> {
    reference.check_same_features(generated)?;
    let most = neighbours.iter().copied().max().unwrap_or(0);
    let least = neighbours.iter().copied().min().unwrap_or(0);
    for (features, count) in [(reference, least), (reference, most), (generated, most)] {
        check_count(count, features, features.events() - 1)?;
    }
    Ok(match Spaces::new(&[reference, generated])? {
        Spaces::Single(spaces) => measures(&spaces[0], &spaces[1], neighbours, most),
        Spaces::Double(spaces) => measures(&spaces[0], &spaces[1], neighbours, most),
    })
}

/// Squared radii of the balls around a sample's events in sorted order.
struct Radii {
    /// `[neighbours][events]`
    squares: Vec<Vec<f64>>,
    /// For the greatest k, the greatest of each block.
    farthest: Vec<f64>,
}

impl Radii {
    fn new<T: Scalar>(space: &Space<'_, T>, found: &Neighbours, neighbours: &[usize]) -> Self {
        let of = |k: usize| -> Vec<f64> {
            let squares: Vec<f64> = found.squares(k).collect();
            space.order.iter().map(|&event| squares[event]).collect()
        };
        let squares: Vec<Vec<f64>> = neighbours.iter().map(|&k| of(k)).collect();
        let mut greatest = vec![0.0_f64; space.order.len()];
        for squares in &squares {
            greatest.iter_mut().zip(squares).for_each(|(most, r)| *most = most.max(*r));
        }
        let blocks = 0..space.blocks();
        let farthest = blocks
            .map(|block| greatest[space.block(block)].iter().copied().fold(0.0, f64::max))
            .collect();
        Self { squares, farthest }
    }

    fn greatest(&self, place: usize) -> f64 {
        self.squares.iter().map(|squares| squares[place]).fold(0.0, f64::max)
    }
}

/// Which events are in or around balls, for one k.
#[derive(Clone)]
struct Counts {
    /// Generated events within the reference's manifold.
    precise: Vec<bool>,
    /// Reference events within the generated sample's manifold.
    recalled: Vec<bool>,
    /// Reference events with a generated one in their ball.
    covered: Vec<bool>,
    /// Pairs of a generated event and a reference ball around it.
    balls: u64,
}

impl Counts {
    fn new(reference: usize, generated: usize) -> Self {
        Self {
            precise: vec![false; generated],
            recalled: vec![false; reference],
            covered: vec![false; reference],
            balls: 0,
        }
    }

    /// Adds those of a tile that begins at these events.
    fn add(&mut self, tile: &Self, reference: usize, generated: usize) {
        let join = |all: &mut [bool], tile: &[bool]| {
            all.iter_mut().zip(tile).for_each(|(all, tile)| *all |= tile);
        };
        join(&mut self.precise[generated..], &tile.precise);
        join(&mut self.recalled[reference..], &tile.recalled);
        join(&mut self.covered[reference..], &tile.covered);
        self.balls += tile.balls;
    }
}

/// The squared distance of a pair, as exactly as it is asked for.
struct Pair<'a, T> {
    reference: &'a Space<'a, T>,
    generated: &'a Space<'a, T>,
    places: (usize, usize),
    /// From the product, and how much it may be off by.
    rounded: f64,
    error: f64,
    exact: Option<f64>,
}

impl<'a, T: Scalar> Pair<'a, T> {
    fn new(
        reference: &'a Space<'a, T>,
        generated: &'a Space<'a, T>,
        places: (usize, usize),
        product: f64,
    ) -> Self {
        let squares = reference.points.squares[places.0] + generated.points.squares[places.1];
        let error = reference.error * squares + reference.least;
        let rounded = squares - 2.0 * product;
        Self { reference, generated, places, rounded, error, exact: None }
    }

    /// Whether the squared distance is below `square`.
    fn is_below(&mut self, square: f64) -> bool {
        if self.rounded + self.error < square {
            return true;
        }
        if self.rounded - self.error >= square {
            return false;
        }
        let (row, column) = self.places;
        let exact = || squared_distance(self.reference.event(row), self.generated.event(column));
        *self.exact.get_or_insert_with(exact) < square
    }
}

fn measures<T: Scalar>(
    reference: &Space<'_, T>,
    generated: &Space<'_, T>,
    neighbours: &[usize],
    most: usize,
) -> Vec<ManifoldMeasures> {
    let of_reference = Radii::new(reference, &within(reference, most), neighbours);
    let of_generated = Radii::new(generated, &within(generated, most), neighbours);
    let (n, m) = (reference.order.len(), generated.order.len());
    let counts = Mutex::new(vec![Counts::new(n, m); neighbours.len()]);
    let pairs: Vec<(usize, usize)> = (0..reference.blocks())
        .flat_map(|row| (0..generated.blocks()).map(move |column| (row, column)))
        .collect();
    let wanted = |row: usize, column: usize| {
        let gap = reference.squared_gap(row, generated, column);
        gap <= of_reference.farthest[row].max(of_generated.farthest[column])
    };
    for_each_tile(reference, generated, &pairs, wanted, |(row, column), products| {
        let (rows, columns) = (reference.block(row), generated.block(column));
        let mut tile = vec![Counts::new(rows.len(), columns.len()); neighbours.len()];
        let pair = |row: usize, column: usize| {
            let product = products[row * columns.len() + column].value();
            Pair::new(reference, generated, (rows.start + row, columns.start + column), product)
        };
        let limit = |place| reference.limit(place, of_reference.greatest(place));
        let fixed: Vec<T> = rows.clone().map(limit).collect();
        in_rows(products, &generated.shrunk[columns.clone()], &mut fixed.clone(), |row, column| {
            let mut pair = pair(row, column);
            for (counts, radii) in tile.iter_mut().zip(&of_reference.squares) {
                if pair.is_below(radii[rows.start + row]) {
                    counts.precise[column] = true;
                    counts.covered[row] = true;
                    counts.balls += 1;
                }
            }
            fixed[row]
        });
        let limit = |place| generated.limit(place, of_generated.greatest(place));
        let fixed: Vec<T> = columns.clone().map(limit).collect();
        in_columns(products, &reference.shrunk[rows.clone()], &mut fixed.clone(), |row, column| {
            let mut pair = pair(row, column);
            for (counts, radii) in tile.iter_mut().zip(&of_generated.squares) {
                counts.recalled[row] |= pair.is_below(radii[columns.start + column]);
            }
            fixed[column]
        });
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (counts, tile) in counts.iter_mut().zip(&tile) {
            counts.add(tile, rows.start, columns.start);
        }
    });
    let counts = counts.into_inner().unwrap_or_else(PoisonError::into_inner);
    let share = |events: &[bool]| {
        events.iter().filter(|&&event| event).count() as f64 / events.len() as f64
    };
    neighbours
        .iter()
        .zip(counts)
        .map(|(&k, counts)| ManifoldMeasures {
            neighbours: k,
            precision: share(&counts.precise),
            recall: share(&counts.recalled),
            density: counts.balls as f64 / (k * m) as f64,
            coverage: share(&counts.covered),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::neighbours::nearest_neighbours_within;
    use crate::random::{Purpose, generator, uniform};
    use ndarray::Array2;

    fn features(events: usize, width: f64, stream: u32) -> FeatureMatrix {
        let mut generator = generator(5, Purpose::Halves(stream));
        let values =
            Array2::from_shape_fn((events, 8), |_| width * (uniform(&mut generator) - 0.5));
        FeatureMatrix::new("test", values.view()).expect("valid")
    }

    fn by_definition(
        reference: &FeatureMatrix,
        generated: &FeatureMatrix,
        k: usize,
    ) -> ManifoldMeasures {
        let radii = |features| {
            nearest_neighbours_within(features, k).expect("enough").squares(k).collect::<Vec<_>>()
        };
        let (r, g) = (radii(reference), radii(generated));
        let near = |i: usize, j: usize, square: f64| {
            squared_distance(reference.event(i), generated.event(j)) < square
        };
        let (n, m) = (reference.events(), generated.events());
        let share = |count: usize, of: usize| count as f64 / of as f64;
        let balls = |j| (0..n).filter(|&i| near(i, j, r[i])).count();
        let covered = |i| (0..m).any(|j| near(i, j, r[i]));
        let recalled = |i| (0..m).any(|j| near(i, j, g[j]));
        ManifoldMeasures {
            neighbours: k,
            precision: share((0..m).filter(|&j| balls(j) > 0).count(), m),
            recall: share((0..n).filter(|&i| recalled(i)).count(), n),
            density: share((0..m).map(balls).sum(), k * m),
            coverage: share((0..n).filter(|&i| covered(i)).count(), n),
        }
    }

    #[test]
    fn they_follow_their_definitions_for_each_k_and_width() {
        let reference = features(600, 1.0, 1);
        // Of a collapsed sample each event is in nearly every ball.
        for width in [1.0, 0.7, 1.4, 1e-3] {
            let generated = features(500, width, 2);
            let found = manifold_measures(&reference, &generated, &[5, 3]).expect("enough");
            for (found, k) in found.iter().zip([5, 3]) {
                assert_eq!(*found, by_definition(&reference, &generated, k), "{width}");
            }
        }
    }

    #[test]
    fn a_sample_covers_itself_and_disjoint_ones_nothing() {
        let (reference, far) =
            (features(300, 1.0, 1), features(300, 1.0, 2).view().to_owned() + 9.0);
        let itself = manifold_measures(&reference, &reference, &[3]).expect("enough")[0];
        assert_eq!((itself.precision, itself.recall, itself.coverage), (1.0, 1.0, 1.0));
        let far = FeatureMatrix::new("far", far.view()).expect("valid");
        let apart = manifold_measures(&reference, &far, &[3]).expect("enough")[0];
        assert_eq!((apart.precision, apart.recall), (0.0, 0.0));
        assert_eq!((apart.density, apart.coverage), (0.0, 0.0));
    }

    #[test]
    fn neighbours_that_are_not_there_are_refused() {
        let (few, many) = (features(5, 1.0, 1), features(50, 1.0, 2));
        assert!(manifold_measures(&many, &many, &[]).is_err());
        assert!(manifold_measures(&many, &many, &[3, 0]).is_err());
        assert!(manifold_measures(&few, &many, &[5]).is_err());
        assert!(manifold_measures(&many, &few, &[5]).is_err());
        assert!(manifold_measures(&many, &few, &[4]).is_ok());
    }
}
