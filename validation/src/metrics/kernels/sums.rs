use super::Kernel;
use crate::metrics::pairwise::{Points, between, map_tiles, within};

/// Σ k over all pairs of events of one sample, and over the pairs of each event with itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SumWithin {
    pub(crate) all: f64,
    pub(crate) itself: f64,
}

/// Σ_ij w_i w_j k(x_i, x_j) and Σ_i w_i k(x_i, x_i): the second counts an event of weight w as w
/// events' pairs with themselves.
pub(crate) fn sum_within(kernel: &Kernel, points: &Points, weights: Option<&[f64]>) -> SumWithin {
    let tiles = within(points.events());
    let parts = map_tiles(points, points, &tiles, |tile, products| {
        if tile.is_diagonal() {
            // The product with itself as the squares have it: the distance is then 0.
            let width = tile.columns.len();
            for (row, square) in points.squares[tile.rows.clone()].iter().enumerate() {
                products[row * width + row] = *square;
            }
        }
        kernel.apply(tile, products, &points.squares, &points.squares);
        let of = |range: &std::ops::Range<usize>| weights.map(|weights| &weights[range.clone()]);
        tile.times() * weighted(products, tile.columns.len(), of(&tile.rows), of(&tile.columns))
    });
    let itself = points.squares.iter().enumerate().map(|(event, &square)| {
        weights.map_or(1.0, |weights| weights[event]) * kernel.of_itself(square)
    });
    SumWithin { all: parts.iter().sum(), itself: itself.sum() }
}

/// Σ_ij w_i v_j k(x_i, y_j).
pub(crate) fn sum_between(
    kernel: &Kernel,
    (first, first_weights): (&Points, Option<&[f64]>),
    (second, second_weights): (&Points, Option<&[f64]>),
) -> f64 {
    let tiles = between(first.events(), second.events());
    let parts = map_tiles(first, second, &tiles, |tile, products| {
        kernel.apply(tile, products, &first.squares, &second.squares);
        let rows = first_weights.map(|weights| &weights[tile.rows.clone()]);
        let columns = second_weights.map(|weights| &weights[tile.columns.clone()]);
        weighted(products, tile.columns.len(), rows, columns)
    });
    parts.iter().sum()
}

fn weighted(values: &[f64], width: usize, rows: Option<&[f64]>, columns: Option<&[f64]>) -> f64 {
    values
        .chunks_exact(width)
        .enumerate()
        .map(|(row, values)| {
            let sum: f64 = match columns {
                Some(columns) => values.iter().zip(columns).map(|(v, w)| v * w).sum(),
                None => values.iter().sum(),
            };
            rows.map_or(1.0, |rows| rows[row]) * sum
        })
        .sum()
}
