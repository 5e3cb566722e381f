//! Products of weights with vectors of events, and sums over events, in the order of the rows.
//!
//! The tiles are written so that the compiler keeps their sums in vector registers: loops of constant
//! length over copies of what is in memory, and nothing else in the same function.

use super::{LANES, Vector};

/// Sums that stay in registers together.
const AT_ONCE: usize = 6;

/// Columns of a matrix of weights, row-major.
#[derive(Clone, Copy)]
pub(super) struct Columns<'a> {
    pub weights: &'a [f32],
    /// Numbers of a row.
    pub stride: usize,
    /// The first column that is used.
    pub first: usize,
}

/// out_j += Σ_i x_i W_ij.
#[inline(always)]
pub(super) fn add_product(out: &mut [Vector], x: &[Vector], columns: Columns<'_>) {
    let count = out.len();
    let full = count / AT_ONCE * AT_ONCE;
    let mut first = 0;
    while first < full {
        tile::<AT_ONCE>(&mut out[first..], x, columns, first);
        first += AT_ONCE;
    }
    while first < count {
        tile::<1>(&mut out[first..], x, columns, first);
        first += 1;
    }
}

#[inline(always)]
fn tile<const N: usize>(out: &mut [Vector], x: &[Vector], columns: Columns<'_>, first: usize) {
    let out: &mut [Vector; N] = (&mut out[..N]).try_into().expect("N outputs are there");
    let mut sums = *out;
    let column = columns.first + first;
    for (x, row) in x.iter().zip(columns.weights.chunks_exact(columns.stride)) {
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

/// S_ij += Σ x_i g_j over the steps, each event for itself.
///
/// # Shapes
/// S: `x_units` rows of as many as are used of g.
#[inline(always)]
pub(super) fn add_outer(sums: &mut [Vector], outer: Outer<'_>) {
    let columns = outer.g_range.1;
    let full = columns / AT_ONCE * AT_ONCE;
    for (i, row) in sums.chunks_exact_mut(columns).enumerate() {
        let mut first = 0;
        while first < full {
            outer_tile::<AT_ONCE>(&mut row[first..], outer, i, first);
            first += AT_ONCE;
        }
        while first < columns {
            outer_tile::<1>(&mut row[first..], outer, i, first);
            first += 1;
        }
    }
}

#[inline(always)]
fn outer_tile<const N: usize>(out: &mut [Vector], outer: Outer<'_>, i: usize, first: usize) {
    let out: &mut [Vector; N] = (&mut out[..N]).try_into().expect("N sums are there");
    let mut sums = *out;
    let g_first = outer.g_range.0 + first;
    let steps = outer.x.chunks_exact(outer.x_units).zip(outer.g.chunks_exact(outer.g_units));
    for (x, g) in steps {
        let x = &x[i];
        let g: &[Vector; N] = g[g_first..g_first + N].try_into().expect("N units are there");
        for (sum, g) in sums.iter_mut().zip(g) {
            for lane in 0..LANES {
                sum[lane] = x[lane].mul_add(g[lane], sum[lane]);
            }
        }
    }
    *out = sums;
}

/// A vector with the same number in all lanes.
#[inline(always)]
pub(super) fn splat(value: f32) -> Vector {
    [value; LANES]
}

/// The sum of all lanes, by halves; without a loop over halves, which would keep it from staying in
/// registers.
#[inline(always)]
pub(super) fn total(vector: &Vector) -> f32 {
    let (mut eight, mut four) = ([0.0; 8], [0.0; 4]);
    for lane in 0..8 {
        eight[lane] = vector[lane] + vector[lane + 8];
    }
    for lane in 0..4 {
        four[lane] = eight[lane] + eight[lane + 4];
    }
    (four[0] + four[2]) + (four[1] + four[3])
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
        add_product(&mut out, &x, Columns { weights: &weights, stride, first: column });
        for j in 0..outputs {
            for lane in 0..LANES {
                let terms = (0..inputs).map(|i| x[i][lane] * weights[i * stride + column + j]);
                assert_eq!(out[j][lane], before[j][lane] + terms.sum::<f32>());
            }
        }
    }

    #[test]
    fn outer_products_are_sums_over_steps() {
        let (steps, rows, units, first, columns) = (3, 6, 9, 2, 7);
        let (x, g) = (vectors(steps * rows, 3), vectors(steps * units, 4));
        let mut sums = vec![splat(1.0); rows * columns];
        let outer =
            Outer { x: &x, x_units: rows, g: &g, g_units: units, g_range: (first, columns) };
        add_outer(&mut sums, outer);
        for i in 0..rows {
            for j in 0..columns {
                for lane in 0..LANES {
                    let term =
                        |step: usize| x[step * rows + i][lane] * g[step * units + first + j][lane];
                    let expected = 1.0 + (0..steps).map(term).sum::<f32>();
                    assert_eq!(sums[i * columns + j][lane], expected);
                }
            }
        }
        let all: f32 = (0..LANES).map(|lane| x[0][lane]).sum();
        assert_eq!(total(&x[0]), all);
    }
}
