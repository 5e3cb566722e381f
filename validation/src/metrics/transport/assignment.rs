/// The cheapest way to give each row a column of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The column of each row.
    pub columns: Vec<usize>,
    /// Σ of the costs.
    pub cost: f64,
}

/// Solves the assignment problem exactly: rows are added one after the other, each by the cheapest
/// path of re-assignments under prices of rows and columns (Jonker and Volgenant 1987, Computing
/// 38). O(n³).
///
/// ```
/// let costs = [4.0, 1.0, 3.0, 2.0, 0.0, 5.0, 3.0, 2.0, 2.0];
/// let found = validation::metrics::transport::cheapest_assignment(3, &costs);
/// assert_eq!((found.columns, found.cost), (vec![1, 0, 2], 5.0));
/// ```
///
/// # Shapes
/// `costs`: `[rows, rows]`, row by row, finite.
///
/// # Panics
/// If there are not as many costs.
pub fn cheapest_assignment(rows: usize, costs: &[f64]) -> Assignment {
    assert_eq!(costs.len(), rows * rows, "costs of {rows} rows and columns");
    let mut row_prices = vec![0.0; rows];
    let mut column_prices = vec![0.0; rows];
    let mut row_of: Vec<Option<usize>> = vec![None; rows];
    for new in 0..rows {
        augment(new, costs, &mut row_prices, &mut column_prices, &mut row_of);
    }
    let mut columns = vec![0; rows];
    let mut cost = 0.0;
    for (column, row) in row_of.into_iter().enumerate() {
        let row = row.expect("each of as many rows has taken a column");
        columns[row] = column;
        cost += costs[row * rows + column];
    }
    Assignment { columns, cost }
}

/// Finds the cheapest path from the row `new` to a free column (Dijkstra over reduced costs),
/// re-assigns along it, and changes the prices so that reduced costs stay at 0 or above.
fn augment(
    new: usize,
    costs: &[f64],
    row_prices: &mut [f64],
    column_prices: &mut [f64],
    row_of: &mut [Option<usize>],
) {
    let rows = row_of.len();
    let mut reached = vec![f64::INFINITY; rows];
    // The row from which each column is reached.
    let mut from = vec![new; rows];
    // Columns whose distance is final, in the order in which it became so.
    let mut done: Vec<usize> = Vec::new();
    let mut open: Vec<usize> = (0..rows).collect();
    let (mut row, mut distance) = (new, 0.0);
    let free = loop {
        let own = &costs[row * rows..(row + 1) * rows];
        let (mut nearest, mut nearest_at) = (f64::INFINITY, 0);
        for (at, &column) in open.iter().enumerate() {
            let through = distance + own[column] - row_prices[row] - column_prices[column];
            if through < reached[column] {
                reached[column] = through;
                from[column] = row;
            }
            if reached[column] < nearest {
                nearest = reached[column];
                nearest_at = at;
            }
        }
        let column = open.swap_remove(nearest_at);
        distance = nearest;
        match row_of[column] {
            None => break column,
            Some(next) => {
                done.push(column);
                row = next;
            }
        }
    };
    row_prices[new] += distance;
    for &column in &done {
        let slack = distance - reached[column];
        column_prices[column] -= slack;
        row_prices[row_of[column].expect("only columns of a row are passed")] += slack;
    }
    let mut column = free;
    loop {
        let row = from[column];
        let before = row_of.iter().position(|of| *of == Some(row));
        row_of[column] = Some(row);
        match before {
            Some(before) if row != new => column = before,
            _ => break,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cheapest_of_all(rows: usize, costs: &[f64], row: usize, taken: &mut [bool]) -> f64 {
        if row == rows {
            return 0.0;
        }
        let mut best = f64::INFINITY;
        for column in 0..rows {
            if !taken[column] {
                taken[column] = true;
                let rest = cheapest_of_all(rows, costs, row + 1, taken);
                best = best.min(costs[row * rows + column] + rest);
                taken[column] = false;
            }
        }
        best
    }

    proptest! {
        #[test]
        fn no_permutation_is_cheaper(
            rows in 1..7_usize, costs in prop::collection::vec(-8..8_i32, 36), halves in any::<bool>(),
        ) {
            // Whole numbers have many ties.
            let unit = if halves { 0.37 } else { 1.0 };
            let costs: Vec<f64> = costs[..rows * rows].iter().map(|&c| unit * f64::from(c)).collect();
            let found = cheapest_assignment(rows, &costs);
            let mut columns = found.columns.clone();
            columns.sort_unstable();
            prop_assert_eq!(columns, (0..rows).collect::<Vec<_>>());
            let expected = cheapest_of_all(rows, &costs, 0, &mut vec![false; rows]);
            prop_assert!((found.cost - expected).abs() < 1e-12, "{} {}", found.cost, expected);
        }
    }

    #[test]
    fn nothing_is_assigned_to_nothing() {
        assert_eq!(cheapest_assignment(0, &[]), Assignment { columns: vec![], cost: 0.0 });
    }
}
