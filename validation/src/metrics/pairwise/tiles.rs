use std::ops::Range;

use faer::{MatMut, MatRef};
use rayon::prelude::*;

use super::{Points, Scalar};
use crate::metrics::linear_algebra;

/// Events of a tile's side: a tile and its two sets of events fit the second-level cache.
pub(crate) const TILE: usize = 256;

/// Pairs of the events in `rows` with those in `columns`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tile {
    pub(crate) rows: Range<usize>,
    pub(crate) columns: Range<usize>,
}

impl Tile {
    /// Pairs for which the tile stands, if it is one of [`within`]: each off the diagonal stands
    /// for its mirror image, too.
    pub(crate) fn times(&self) -> f64 {
        if self.is_diagonal() { 1.0 } else { 2.0 }
    }

    /// Of a tile of [`within`]: whether it holds each event's pair with itself.
    pub(crate) fn is_diagonal(&self) -> bool {
        self.rows == self.columns
    }
}

fn sides(events: usize) -> impl Iterator<Item = Range<usize>> + Clone {
    (0..events).step_by(TILE).map(move |start| start..events.min(start + TILE))
}

/// The tiles of all pairs of `rows` events with `columns` others.
pub(crate) fn between(rows: usize, columns: usize) -> Vec<Tile> {
    let tile = |rows: Range<usize>| move |columns| Tile { rows: rows.clone(), columns };
    sides(rows).flat_map(|rows| sides(columns).map(tile(rows))).collect()
}

/// The tiles on and below the diagonal of the pairs of `events` with each other.
pub(crate) fn within(events: usize) -> Vec<Tile> {
    let mut tiles = between(events, events);
    tiles.retain(|tile| tile.columns.start <= tile.rows.start);
    tiles
}

/// Calls `of` with each tile and its inner products, `[rows, columns]`, which it may change.
/// Results in the order of the tiles. Each product is computed on one thread, so that it is the
/// same on any number of them.
pub(crate) fn map_tiles<R: Send>(
    rows: &Points,
    columns: &Points,
    tiles: &[Tile],
    of: impl Fn(&Tile, &mut [f64]) -> R + Sync,
) -> Vec<R> {
    tiles
        .par_iter()
        .map_init(
            || vec![0.0; TILE * TILE],
            |products, tile| {
                let products = &mut products[..tile.rows.len() * tile.columns.len()];
                multiply(rows, columns, tile, products);
                of(tile, products)
            },
        )
        .collect()
}

/// The inner products of a tile's events, `[rows, columns]`, on one thread.
pub(crate) fn multiply<T: Scalar>(
    rows: &Points<T>,
    columns: &Points<T>,
    tile: &Tile,
    products: &mut [T],
) {
    let dimensions = rows.dimensions;
    let of = |events: &Range<usize>| events.start * dimensions..events.end * dimensions;
    let (height, width) = (tile.rows.len(), tile.columns.len());
    let first = &rows.values[of(&tile.rows)];
    let second = &columns.values[of(&tile.columns)];
    linear_algebra::multiply(
        MatMut::from_row_major_slice_mut(products, height, width),
        MatRef::from_row_major_slice(first, height, dimensions),
        MatRef::from_row_major_slice(second, width, dimensions).transpose(),
        T::ONE,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_each_pair_once() {
        let (rows, columns) = (2 * TILE + 3, TILE);
        let mut seen = vec![0; rows * columns];
        for tile in between(rows, columns) {
            for row in tile.rows {
                for column in tile.columns.clone() {
                    seen[row * columns + column] += 1;
                }
            }
        }
        assert!(seen.iter().all(|&times| times == 1));
        let pairs: f64 = within(rows)
            .iter()
            .map(|tile| tile.times() * (tile.rows.len() * tile.columns.len()) as f64)
            .sum();
        assert_eq!(pairs, (rows * rows) as f64);
    }
}
