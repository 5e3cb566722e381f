use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::candidates::{in_columns, in_rows};
use super::space::{Space, Spaces};
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::feature_matrix::too_few;
use crate::metrics::pairwise::{Scalar, TILE, Tile, multiply, squared_distance};

/// The nearest neighbours of each query.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbours {
    count: usize,
    /// `[queries, count]`
    found: Vec<Neighbour>,
}

/// An event and its squared distance from the query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Neighbour {
    pub(super) square: f64,
    pub(super) event: usize,
}

impl Neighbours {
    pub fn queries(&self) -> usize {
        self.found.len() / self.count
    }

    /// Event and Euclidean distance of each neighbour of a query, the nearest first.
    pub fn of(&self, query: usize) -> impl ExactSizeIterator<Item = (usize, f64)> + '_ {
        let found = &self.found[query * self.count..(query + 1) * self.count];
        found.iter().map(|neighbour| (neighbour.event, neighbour.square.sqrt()))
    }

    /// Distance to the `rank`-th nearest neighbour of each query, 1 for the nearest.
    ///
    /// # Panics
    /// If so many neighbours were not searched.
    pub fn distances(&self, rank: usize) -> Vec<f64> {
        self.squares(rank).map(f64::sqrt).collect()
    }

    pub(super) fn squares(&self, rank: usize) -> impl Iterator<Item = f64> + '_ {
        assert!((1..=self.count).contains(&rank), "{rank} of {} neighbours", self.count);
        self.found.chunks_exact(self.count).map(move |found| found[rank - 1].square)
    }
}

/// The `count` nearest events of `points` to each of `queries`, exactly: of equally distant ones
/// those with the lower number.
///
/// Products of blocks of events tell which pairs may be near, and only of these the distance is
/// computed from the differences of features. The whole matrix of pairs is never kept.
///
/// # Errors
/// Different features, no neighbours wanted, or fewer points than neighbours.
pub fn nearest_neighbours(
    queries: &FeatureMatrix,
    points: &FeatureMatrix,
    count: usize,
) -> Result<Neighbours, ValidationError> {
    queries.check_same_features(points)?;
    check_count(count, points, points.events())?;
    Ok(match Spaces::new(&[queries, points])? {
        Spaces::Single(spaces) => between(&spaces[0], &spaces[1], count),
        Spaces::Double(spaces) => between(&spaces[0], &spaces[1], count),
    })
}

/// The `count` nearest other events of the same sample, as [`nearest_neighbours`]. An equal event
/// is a neighbour at distance 0; the event itself is none.
///
/// # Errors
/// No neighbours wanted, or no more events than neighbours.
pub fn nearest_neighbours_within(
    points: &FeatureMatrix,
    count: usize,
) -> Result<Neighbours, ValidationError> {
    check_count(count, points, points.events() - 1)?;
    Ok(match Spaces::new(&[points])? {
        Spaces::Single(spaces) => within(&spaces[0], count),
        Spaces::Double(spaces) => within(&spaces[0], count),
    })
}

pub(super) fn check_count(
    count: usize,
    points: &FeatureMatrix,
    others: usize,
) -> Result<(), ValidationError> {
    if count == 0 {
        let found = count.to_string();
        return Err(ValidationError::Setting { name: "neighbours", found, expected: "at least 1" });
    }
    if others < count {
        let itself = points.events() - others;
        let purpose = format!("a search for {count} neighbours");
        return Err(too_few(&purpose, points.label(), points.events(), count + itself));
    }
    Ok(())
}

/// The nearest neighbours of a block's events so far.
struct Nearest<T> {
    count: usize,
    /// `[events][≤ count]`, sorted by distance and number.
    found: Vec<Vec<Neighbour>>,
    /// The greatest `columns` − 2 p of a candidate.
    limits: Vec<T>,
    /// Squared distance beyond which no event of the block has a candidate.
    farthest: f64,
}

impl<T: Scalar> Nearest<T> {
    fn new(events: usize, count: usize) -> Self {
        Self {
            count,
            found: vec![Vec::with_capacity(count); events],
            limits: vec![T::rounded(f64::INFINITY); events],
            farthest: f64::INFINITY,
        }
    }

    /// Takes the pair if it is among the nearest. The new limit for the event at `place`.
    fn take(
        &mut self,
        query: &Space<'_, T>,
        place: Place,
        point: &Space<'_, T>,
        other: usize,
    ) -> T {
        let found = &mut self.found[place.in_block];
        let event = point.order[other];
        let full = found.len() == self.count;
        let better = |square: f64, than: &Neighbour| (square, event) < (than.square, than.event);
        // Equal events may be many: no distance is computed that could not change anything.
        let pointless =
            found.last().is_some_and(|last| full && last.square == 0.0 && last.event < event);
        if !pointless {
            let square = squared_distance(query.event(place.in_space), point.event(other));
            if !full || found.last().is_some_and(|last| better(square, last)) {
                if full {
                    found.pop();
                }
                let at = found.partition_point(|than| !better(square, than));
                found.insert(at, Neighbour { square, event });
            }
        }
        match found.last() {
            Some(last) if found.len() == self.count => query.limit(place.in_space, last.square),
            _ => T::rounded(f64::INFINITY),
        }
    }

    fn update_farthest(&mut self) {
        let squares = self.found.iter().map(|found| match found.last() {
            Some(last) if found.len() == self.count => last.square,
            _ => f64::INFINITY,
        });
        self.farthest = squares.fold(0.0, f64::max);
    }
}

/// Where an event is in the sorted order.
#[derive(Clone, Copy)]
struct Place {
    in_block: usize,
    in_space: usize,
}

impl<T: Scalar> Space<'_, T> {
    /// Products p with another event for which `shrunk` − 2 p exceeds this are of a squared
    /// distance above `square`.
    pub(super) fn limit(&self, place: usize, square: f64) -> T {
        T::rounded(square + self.least - self.points.squares[place] * (1.0 - self.error))
    }
}

fn between<T: Scalar>(queries: &Space<'_, T>, points: &Space<'_, T>, count: usize) -> Neighbours {
    let blocks: Vec<Mutex<Nearest<T>>> = (0..queries.blocks())
        .map(|block| Mutex::new(Nearest::new(queries.block(block).len(), count)))
        .collect();
    let mut pairs: Vec<(usize, usize)> = (0..queries.blocks())
        .flat_map(|row| (0..points.blocks()).map(move |column| (row, column)))
        .collect();
    nearest_first(&mut pairs, queries, points);
    for_each_tile(
        queries,
        points,
        &pairs,
        |row, column| queries.squared_gap(row, points, column) <= lock(&blocks[row]).farthest,
        |(row, column), products| {
            let (rows, columns) = (queries.block(row), points.block(column));
            let mut nearest = lock(&blocks[row]);
            take_rows(&mut nearest, queries, &rows, points, &columns, products);
        },
    );
    gathered(queries, blocks, count)
}

pub(super) fn within<T: Scalar>(points: &Space<'_, T>, count: usize) -> Neighbours {
    let blocks: Vec<Mutex<Nearest<T>>> = (0..points.blocks())
        .map(|block| Mutex::new(Nearest::new(points.block(block).len(), count)))
        .collect();
    let mut pairs: Vec<(usize, usize)> =
        (0..points.blocks()).flat_map(|row| (0..=row).map(move |column| (row, column))).collect();
    nearest_first(&mut pairs, points, points);
    let wanted = |row, column| {
        let gap = points.squared_gap(row, points, column);
        gap <= lock(&blocks[row]).farthest || gap <= lock(&blocks[column]).farthest
    };
    for_each_tile(points, points, &pairs, wanted, |(row, column), products| {
        let (rows, columns) = (points.block(row), points.block(column));
        if row == column {
            // An event is not its own neighbour: nothing compares with this.
            let width = columns.len();
            for place in 0..rows.len() {
                products[place * width + place] = T::rounded(f64::NAN);
            }
        }
        take_rows(&mut lock(&blocks[row]), points, &rows, points, &columns, products);
        if row != column {
            take_columns(&mut lock(&blocks[column]), points, &rows, &columns, products);
        }
    });
    gathered(points, blocks, count)
}

fn take_rows<T: Scalar>(
    nearest: &mut Nearest<T>,
    queries: &Space<'_, T>,
    rows: &Range<usize>,
    points: &Space<'_, T>,
    columns: &Range<usize>,
    products: &[T],
) {
    let mut limits = std::mem::take(&mut nearest.limits);
    in_rows(products, &points.shrunk[columns.clone()], &mut limits, |row, column| {
        let place = Place { in_block: row, in_space: rows.start + row };
        nearest.take(queries, place, points, columns.start + column)
    });
    nearest.limits = limits;
    nearest.update_farthest();
}

/// The columns' events look for neighbours among the rows.
fn take_columns<T: Scalar>(
    nearest: &mut Nearest<T>,
    points: &Space<'_, T>,
    rows: &Range<usize>,
    columns: &Range<usize>,
    products: &[T],
) {
    let mut limits = std::mem::take(&mut nearest.limits);
    in_columns(products, &points.shrunk[rows.clone()], &mut limits, |row, column| {
        let place = Place { in_block: column, in_space: columns.start + column };
        nearest.take(points, place, points, rows.start + row)
    });
    nearest.limits = limits;
    nearest.update_farthest();
}

/// Blocks that may hold the nearest pairs come first: the limits are then low for the others.
fn nearest_first<T: Scalar>(
    pairs: &mut [(usize, usize)],
    rows: &Space<'_, T>,
    columns: &Space<'_, T>,
) {
    pairs.sort_by_cached_key(|&(row, column)| {
        // Of numbers not below 0 the bits have the order of the values.
        (rows.squared_gap(row, columns, column).to_bits(), row.abs_diff(column), row)
    });
}

/// Calls `of` with the inner products of each pair of blocks that is `wanted` when its turn comes;
/// several at a time.
pub(super) fn for_each_tile<T: Scalar>(
    rows: &Space<'_, T>,
    columns: &Space<'_, T>,
    pairs: &[(usize, usize)],
    wanted: impl Fn(usize, usize) -> bool + Sync,
    of: impl Fn((usize, usize), &mut [T]) + Sync,
) {
    let next = AtomicUsize::new(0);
    (0..rayon::current_num_threads()).into_par_iter().with_max_len(1).for_each(|_| {
        let mut products: Vec<T> = std::iter::repeat_n(T::ZERO, TILE * TILE).collect();
        while let Some(&(row, column)) = pairs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if !wanted(row, column) {
                continue;
            }
            let tile = Tile { rows: rows.block(row), columns: columns.block(column) };
            let products = &mut products[..tile.rows.len() * tile.columns.len()];
            multiply(&rows.points, &columns.points, &tile, products);
            of((row, column), products);
        }
    });
}

fn gathered<T>(queries: &Space<'_, T>, blocks: Vec<Mutex<Nearest<T>>>, count: usize) -> Neighbours {
    let none = Neighbour { square: f64::NAN, event: usize::MAX };
    let mut found = vec![none; queries.order.len() * count];
    let nearest = blocks
        .into_iter()
        .flat_map(|block| block.into_inner().unwrap_or_else(PoisonError::into_inner).found);
    for (&event, nearest) in queries.order.iter().zip(nearest) {
        found[event * count..(event + 1) * count].copy_from_slice(&nearest);
    }
    Neighbours { count, found }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    /// Clusters of very different widths, far from each other and from the origin, and copies.
    fn features(events: usize, scale: f64, seed: usize) -> FeatureMatrix {
        let values = Array2::from_shape_fn((events, 6), |(event, feature)| {
            let event = if event % 10 == 9 { event / 20 } else { event };
            let step = ((event * 7919 + feature * 104_729 + seed * event * feature) % 1009) as f64;
            let cluster = event % 3;
            let width = [1.0, scale.recip(), scale][cluster];
            1e3 + 10.0 * cluster as f64 + width * step / 1009.0
        });
        FeatureMatrix::new("test", values.view()).expect("valid")
    }

    fn by_definition(query: &[f64], points: &FeatureMatrix, skip: Option<usize>) -> Vec<Neighbour> {
        let mut all: Vec<Neighbour> = (0..points.events())
            .filter(|&event| Some(event) != skip)
            .map(|event| Neighbour { square: squared_distance(query, points.event(event)), event })
            .collect();
        all.sort_by(|a, b| a.square.total_cmp(&b.square).then(a.event.cmp(&b.event)));
        all
    }

    #[test]
    fn neighbours_are_those_of_all_distances_in_their_order() {
        for scale in [2.0, 1e3, 1e6] {
            let (queries, points) = (features(300, scale, 1), features(700, scale, 2));
            let found = nearest_neighbours(&queries, &points, 4).expect("enough");
            let inside = nearest_neighbours_within(&points, 4).expect("enough");
            assert_eq!((found.queries(), inside.queries()), (300, 700));
            for query in 0..300 {
                let expected = by_definition(queries.event(query), &points, None);
                assert_eq!(found.found[4 * query..4 * query + 4], expected[..4], "{scale} {query}");
            }
            for query in 0..700 {
                let expected = by_definition(points.event(query), &points, Some(query));
                let inside = &inside.found[4 * query..4 * query + 4];
                assert_eq!(inside, &expected[..4], "{scale} {query}");
            }
        }
    }

    #[test]
    fn single_precision_is_left_where_it_tells_no_neighbours_apart() {
        let single = |scale| {
            let features = features(500, scale, 1);
            let spaces = Spaces::new(&[&features]).expect("finite");
            matches!(spaces, Spaces::Single(_))
        };
        assert!(single(2.0));
        assert!(!single(1e6));
    }

    #[test]
    fn threads_do_not_change_it() {
        let points = features(1500, 10.0, 3);
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("threads start")
                .install(|| nearest_neighbours_within(&points, 3).expect("enough"))
        };
        assert_eq!(with(1), with(4));
    }

    #[test]
    fn equal_events_are_neighbours_at_distance_0() {
        let equal = FeatureMatrix::new("equal", Array2::<f64>::ones((600, 3)).view());
        let found = nearest_neighbours_within(&equal.expect("valid"), 2).expect("enough");
        assert_eq!(found.of(0).collect::<Vec<_>>(), [(1, 0.0), (2, 0.0)]);
        assert_eq!(found.of(599).collect::<Vec<_>>(), [(0, 0.0), (1, 0.0)]);
    }

    #[test]
    fn too_few_events_and_too_great_values_are_refused() {
        let three = features(3, 2.0, 1);
        let refused = nearest_neighbours_within(&three, 3).expect_err("too few").to_string();
        assert_eq!(refused, "a search for 3 neighbours of `test` has 3 events, needs at least 4");
        assert!(nearest_neighbours(&three, &three, 3).is_ok());
        assert!(nearest_neighbours(&three, &three, 4).is_err());
        assert!(nearest_neighbours(&three, &three, 0).is_err());
        let great = ndarray::arr2(&[[1e200], [-1e200], [0.0]]);
        let great = FeatureMatrix::new("great", great.view()).expect("finite");
        assert!(matches!(
            nearest_neighbours_within(&great, 1),
            Err(ValidationError::Sample { .. })
        ));
    }
}
