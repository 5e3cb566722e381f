//! Products of weights with vectors of events, and sums over events, in the order of the rows.

use super::{LANES, Vector};

/// Outputs whose sums stay in registers together.
const AT_ONCE: usize = 6;

/// out_j += Σ_i x_i W_ij.
///
/// # Shapes
/// W: rows of `stride` numbers, of which those from `column` on are used.
#[inline(always)]
pub(super) fn add_product(
    out: &mut [Vector],
    x: &[Vector],
    weights: &[f32],
    stride: usize,
    column: usize,
) {
    let count = out.len();
    let full = count / AT_ONCE * AT_ONCE;
    let mut first = 0;
    while first < full {
        tile::<AT_ONCE>(&mut out[first..], x, weights, stride, column + first);
        first += AT_ONCE;
    }
    while first < count {
        tile::<1>(&mut out[first..], x, weights, stride, column + first);
        first += 1;
    }
}

#[inline(always)]
fn tile<const N: usize>(
    out: &mut [Vector],
    x: &[Vector],
    weights: &[f32],
    stride: usize,
    column: usize,
) {
    let out: &mut [Vector; N] = (&mut out[..N]).try_into().expect("N outputs are there");
    let mut sums = *out;
    for (x, row) in x.iter().zip(weights.chunks_exact(stride)) {
        let row: &[f32; N] = row[column..column + N].try_into().expect("N weights are there");
        for (sum, weight) in sums.iter_mut().zip(row) {
            for lane in 0..LANES {
                sum[lane] = x[lane].mul_add(*weight, sum[lane]);
            }
        }
    }
    *out = sums;
}

/// What [`add_outer`] goes over: the same number of steps of `x` and `g`, from their first step
/// on, of which some units are used.
#[derive(Clone, Copy)]
pub(super) struct Outer<'a> {
    pub x: &'a [Vector],
    /// Units of a step.
    pub x_units: usize,
    pub g: &'a [Vector],
    pub g_units: usize,
    /// The first unit of g that is used, and how many.
    pub g_range: (usize, usize),
}

/// Rows and columns of the sums that stay in registers together.
const SIDE: usize = 4;

/// W_ij += Σ x_i g_j over steps and events.
///
/// # Shapes
/// W: `x_units` rows of `stride` numbers, of which those from `column` on are used.
#[inline(always)]
pub(super) fn add_outer(sums: &mut [f32], stride: usize, column: usize, outer: Outer<'_>) {
    let (rows, columns) = (outer.x_units, outer.g_range.1);
    let mut i = 0;
    while i < rows {
        let height = if rows - i >= SIDE { SIDE } else { 1 };
        let mut j = 0;
        while j < columns {
            let width = if columns - j >= SIDE { SIDE } else { 1 };
            let to = (stride, i, column + j);
            match (height, width) {
                (SIDE, SIDE) => outer_tile::<SIDE, SIDE>(sums, to, outer, i, j),
                (SIDE, _) => outer_tile::<SIDE, 1>(sums, to, outer, i, j),
                (_, SIDE) => outer_tile::<1, SIDE>(sums, to, outer, i, j),
                _ => outer_tile::<1, 1>(sums, to, outer, i, j),
            }
            j += width;
        }
        i += height;
    }
}

#[inline(always)]
fn outer_tile<const M: usize, const N: usize>(
    sums: &mut [f32],
    (stride, row, column): (usize, usize, usize),
    outer: Outer<'_>,
    i: usize,
    j: usize,
) {
    let mut tile = [[[0.0_f32; LANES]; N]; M];
    let steps = outer.x.chunks_exact(outer.x_units).zip(outer.g.chunks_exact(outer.g_units));
    let j = outer.g_range.0 + j;
    for (x, g) in steps {
        let x: &[Vector; M] = x[i..i + M].try_into().expect("M rows are there");
        let g: &[Vector; N] = g[j..j + N].try_into().expect("N columns are there");
        for (tiles, x) in tile.iter_mut().zip(x) {
            for (sum, g) in tiles.iter_mut().zip(g) {
                for lane in 0..LANES {
                    sum[lane] = x[lane].mul_add(g[lane], sum[lane]);
                }
            }
        }
    }
    for (m, tiles) in tile.iter().enumerate() {
        for (n, sum) in tiles.iter().enumerate() {
            sums[(row + m) * stride + column + n] += total(sum);
        }
    }
}

/// The sum of all lanes, by halves.
#[inline(always)]
pub(super) fn total(vector: &Vector) -> f32 {
    let mut halves = *vector;
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            halves[lane] += halves[lane + half];
        }
        half /= 2;
    }
    halves[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(count: usize, salt: usize) -> Vec<Vector> {
        let value = |i: usize| ((i * 37 + salt * 11) % 23) as f32 - 11.0;
        (0..count).map(|i| std::array::from_fn(|lane| value(i * LANES + lane))).collect()
    }

    /// Whole numbers, whose sums are exact.
    #[test]
    fn products_are_sums_of_products() {
        let (inputs, outputs, stride, column) = (5, 14, 17, 2);
        let x = vectors(inputs, 1);
        let weights: Vec<f32> = (0..inputs * stride).map(|i| (i % 7) as f32 - 3.0).collect();
        let mut out = vectors(outputs, 2);
        let before = out.clone();
        add_product(&mut out, &x, &weights, stride, column);
        for j in 0..outputs {
            for lane in 0..LANES {
                let terms = (0..inputs).map(|i| x[i][lane] * weights[i * stride + column + j]);
                assert_eq!(out[j][lane], before[j][lane] + terms.sum::<f32>());
            }
        }
    }

    #[test]
    fn outer_products_are_sums_over_steps_and_lanes() {
        let (steps, rows, units, first, columns, stride) = (3, 6, 9, 2, 7, 10);
        let (x, g) = (vectors(steps * rows, 3), vectors(steps * units, 4));
        let mut sums = vec![1.0; rows * stride];
        let outer =
            Outer { x: &x, x_units: rows, g: &g, g_units: units, g_range: (first, columns) };
        add_outer(&mut sums, stride, 1, outer);
        for i in 0..rows {
            for column in 0..stride {
                let mut expected = 1.0;
                if (1..=columns).contains(&column) {
                    for step in 0..steps {
                        for lane in 0..LANES {
                            let other = g[step * units + first + column - 1][lane];
                            expected += x[step * rows + i][lane] * other;
                        }
                    }
                }
                assert_eq!(sums[i * stride + column], expected);
            }
        }
    }
}
