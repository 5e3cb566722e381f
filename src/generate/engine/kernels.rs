//! The product of matrices: the one place with vector instructions written by hand.
//!
//! A tile of up to twelve rows and 32 columns stays in registers while the inputs go by. Each
//! output is one sum over the inputs in their order, every step a fused multiply-add, so that it
//! has the same bits in any tile, with any instructions, and beside any other rows.

#![expect(unsafe_code, reason = "vector instructions, and tiles at computed places in slices")]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

use super::packed::Then;
use crate::simd::Level;

/// Outputs in a panel of weights.
pub const PANEL: usize = 32;

/// Sizes of a product.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub inputs: usize,
    pub rows: usize,
    pub x_stride: usize,
    pub y_stride: usize,
    pub then: Then,
}

/// What each column has, panels filled up: `[panels × PANEL]`.
#[derive(Debug, Clone, Copy)]
pub struct Columns<'a> {
    pub bias: &'a [f32],
    /// Of stored weights; looked at for whole numbers only.
    pub scale: &'a [f32],
}

/// A number as weights are stored.
pub trait Stored: Copy + Sync {
    /// Whether it is to be multiplied by the scale of its column.
    const IS_SCALED: bool;

    fn value(self) -> f32;

    /// Sixteen numbers from `at`.
    ///
    /// # Safety
    /// They must be there, and the machine must have AVX-512.
    #[cfg(target_arch = "x86_64")]
    unsafe fn sixteen(at: *const Self) -> __m512;

    /// Eight numbers from `at`.
    ///
    /// # Safety
    /// They must be there, and the machine must have AVX2.
    #[cfg(target_arch = "x86_64")]
    unsafe fn eight(at: *const Self) -> __m256;
}

impl Stored for f32 {
    const IS_SCALED: bool = false;

    #[inline(always)]
    fn value(self) -> f32 {
        self
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn sixteen(at: *const Self) -> __m512 {
        // SAFETY: by the contract.
        unsafe { _mm512_loadu_ps(at) }
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn eight(at: *const Self) -> __m256 {
        // SAFETY: by the contract.
        unsafe { _mm256_loadu_ps(at) }
    }
}

/// bfloat16: the upper half of a float.
impl Stored for u16 {
    const IS_SCALED: bool = false;

    #[inline(always)]
    fn value(self) -> f32 {
        f32::from_bits(u32::from(self) << 16)
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn sixteen(at: *const Self) -> __m512 {
        // SAFETY: by the contract.
        unsafe {
            let halves = _mm256_loadu_si256(at.cast());
            _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(halves)))
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn eight(at: *const Self) -> __m256 {
        // SAFETY: by the contract.
        unsafe {
            let halves = _mm_loadu_si128(at.cast());
            _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_cvtepu16_epi32(halves)))
        }
    }
}

impl Stored for i8 {
    const IS_SCALED: bool = true;

    #[inline(always)]
    fn value(self) -> f32 {
        f32::from(self)
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn sixteen(at: *const Self) -> __m512 {
        // SAFETY: by the contract.
        unsafe { _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(at.cast()))) }
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn eight(at: *const Self) -> __m256 {
        // SAFETY: by the contract.
        unsafe { _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(at.cast()))) }
    }
}

/// y = then(x W + b) for all panels.
///
/// # Panics
/// If a slice is too short for the shape.
pub fn multiply<W: Stored>(
    level: Level,
    shape: Shape,
    x: &[f32],
    weights: &[W],
    columns: Columns<'_>,
    y: &mut [f32],
) {
    let Shape { inputs, rows, x_stride, y_stride, .. } = shape;
    if rows == 0 {
        return;
    }
    let width = columns.bias.len();
    assert!(width.is_multiple_of(PANEL) && columns.scale.len() == width, "whole panels");
    assert!(weights.len() >= width * inputs, "all weights are there");
    assert!((rows - 1) * x_stride + inputs <= x.len(), "x has all rows");
    assert!((rows - 1) * y_stride + width <= y.len() && width <= y_stride, "y has all rows");
    let product = Product {
        shape,
        x: x.as_ptr(),
        weights: weights.as_ptr(),
        bias: columns.bias.as_ptr(),
        scale: columns.scale.as_ptr(),
        y: y.as_mut_ptr(),
        panels: width / PANEL,
    };
    // SAFETY: the slices hold what the shape says, checked above; the instructions are there.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        match level {
            Level::Avx512 if level.is_available() => return product.with_avx512(),
            Level::Avx2 if level.is_available() => return product.with_avx2(),
            _ => {}
        }
        product.portable();
    }
}

/// Checked places of a product.
struct Product<W> {
    shape: Shape,
    x: *const f32,
    weights: *const W,
    bias: *const f32,
    scale: *const f32,
    y: *mut f32,
    panels: usize,
}

/// Calls a function of a constant number of rows for a variable one.
macro_rules! for_rows {
    ($rows:expr, $call:ident, [$($count:literal),*]) => {
        match $rows {
            $($count => $call!($count),)*
            _ => unreachable!("tiles have no more rows"),
        }
    };
}

#[cfg(target_arch = "x86_64")]
impl<W: Stored> Product<W> {
    /// # Safety
    /// The machine has AVX-512, and all that the shape says lies behind the pointers.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
    unsafe fn with_avx512(&self) {
        const TILE: usize = 12;
        let Shape { inputs, rows, x_stride, y_stride, .. } = self.shape;
        // SAFETY: tiles of rows and panels that are there.
        unsafe {
            if rows == 1 {
                let mut panel = 0;
                while panel < self.panels {
                    let count = (self.panels - panel).min(4);
                    macro_rules! row {
                        ($count:literal) => {
                            self.row_avx512::<$count>(panel)
                        };
                    }
                    for_rows!(count, row, [1, 2, 3, 4]);
                    panel += count;
                }
                return;
            }
            for panel in 0..self.panels {
                let weights = self.weights.add(panel * inputs * PANEL);
                let mut row = 0;
                while row < rows {
                    let count = (rows - row).min(TILE);
                    let (x, y) =
                        (self.x.add(row * x_stride), self.y.add(row * y_stride + panel * PANEL));
                    macro_rules! tile {
                        ($count:literal) => {
                            self.tile_avx512::<$count>(panel, weights, x, y)
                        };
                    }
                    for_rows!(count, tile, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
                    row += count;
                }
            }
        }
    }

    /// # Safety
    /// As [`Self::with_avx512`], for `ROWS` rows from `x` and `y` on.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
    unsafe fn tile_avx512<const ROWS: usize>(
        &self,
        panel: usize,
        weights: *const W,
        x: *const f32,
        y: *mut f32,
    ) {
        let Shape { inputs, x_stride, y_stride, .. } = self.shape;
        // SAFETY: by the contract.
        unsafe {
            let mut sums = [[self.start_avx512(panel, 0), self.start_avx512(panel, 1)]; ROWS];
            for input in 0..inputs {
                let at = weights.add(input * PANEL);
                let (left, right) = (W::sixteen(at), W::sixteen(at.add(16)));
                for (row, sums) in sums.iter_mut().enumerate() {
                    let value = _mm512_set1_ps(*x.add(row * x_stride + input));
                    sums[0] = _mm512_fmadd_ps(value, left, sums[0]);
                    sums[1] = _mm512_fmadd_ps(value, right, sums[1]);
                }
            }
            for (row, sums) in sums.into_iter().enumerate() {
                for (half, sum) in sums.into_iter().enumerate() {
                    let to = y.add(row * y_stride + half * 16);
                    _mm512_storeu_ps(to, self.end_avx512(panel, half, sum));
                }
            }
        }
    }

    /// One row with `PANELS` panels at once, so that enough sums are under way.
    ///
    /// # Safety
    /// As [`Self::with_avx512`].
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
    unsafe fn row_avx512<const PANELS: usize>(&self, first: usize) {
        let inputs = self.shape.inputs;
        // SAFETY: by the contract.
        unsafe {
            let weights = self.weights.add(first * inputs * PANEL);
            let mut sums = [[_mm512_setzero_ps(); 2]; PANELS];
            for (panel, sums) in sums.iter_mut().enumerate() {
                *sums = [self.start_avx512(first + panel, 0), self.start_avx512(first + panel, 1)];
            }
            for input in 0..inputs {
                let value = _mm512_set1_ps(*self.x.add(input));
                for (panel, sums) in sums.iter_mut().enumerate() {
                    let at = weights.add((panel * inputs + input) * PANEL);
                    sums[0] = _mm512_fmadd_ps(value, W::sixteen(at), sums[0]);
                    sums[1] = _mm512_fmadd_ps(value, W::sixteen(at.add(16)), sums[1]);
                }
            }
            for (panel, sums) in sums.into_iter().enumerate() {
                for (half, sum) in sums.into_iter().enumerate() {
                    let to = self.y.add((first + panel) * PANEL + half * 16);
                    _mm512_storeu_ps(to, self.end_avx512(first + panel, half, sum));
                }
            }
        }
    }

    /// # Safety
    /// As [`Self::with_avx512`].
    #[inline(always)]
    unsafe fn start_avx512(&self, panel: usize, half: usize) -> __m512 {
        // SAFETY: by the contract.
        unsafe {
            match W::IS_SCALED {
                true => _mm512_setzero_ps(),
                false => _mm512_loadu_ps(self.bias.add(panel * PANEL + half * 16)),
            }
        }
    }

    /// # Safety
    /// As [`Self::with_avx512`].
    #[inline(always)]
    unsafe fn end_avx512(&self, panel: usize, half: usize, mut sum: __m512) -> __m512 {
        // SAFETY: by the contract.
        unsafe {
            let column = panel * PANEL + half * 16;
            if W::IS_SCALED {
                let scale = _mm512_loadu_ps(self.scale.add(column));
                sum = _mm512_fmadd_ps(sum, scale, _mm512_loadu_ps(self.bias.add(column)));
            }
            match self.shape.then {
                Then::Nothing => sum,
                Then::Rectify(slope) => {
                    let below = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(sum, _mm512_setzero_ps());
                    _mm512_mask_mul_ps(sum, below, sum, _mm512_set1_ps(slope))
                }
            }
        }
    }

    /// # Safety
    /// The machine has AVX2 and FMA, and all that the shape says lies behind the pointers.
    #[target_feature(enable = "avx2,fma")]
    unsafe fn with_avx2(&self) {
        const TILE: usize = 6;
        let Shape { inputs, rows, x_stride, y_stride, .. } = self.shape;
        // SAFETY: tiles of rows and half panels that are there.
        unsafe {
            for half in 0..2 * self.panels {
                let weights = self.weights.add(half / 2 * inputs * PANEL + half % 2 * 16);
                let mut row = 0;
                while row < rows {
                    let count = (rows - row).min(TILE);
                    let (x, y) =
                        (self.x.add(row * x_stride), self.y.add(row * y_stride + half * 16));
                    macro_rules! tile {
                        ($count:literal) => {
                            self.tile_avx2::<$count>(half, weights, x, y)
                        };
                    }
                    for_rows!(count, tile, [1, 2, 3, 4, 5, 6]);
                    row += count;
                }
            }
        }
    }

    /// # Safety
    /// As [`Self::with_avx2`], for `ROWS` rows from `x` and `y` on and half a panel.
    #[target_feature(enable = "avx2,fma")]
    unsafe fn tile_avx2<const ROWS: usize>(
        &self,
        half: usize,
        weights: *const W,
        x: *const f32,
        y: *mut f32,
    ) {
        let Shape { inputs, x_stride, y_stride, .. } = self.shape;
        // SAFETY: by the contract.
        unsafe {
            let start = |part: usize| match W::IS_SCALED {
                true => _mm256_setzero_ps(),
                false => _mm256_loadu_ps(self.bias.add(half * 16 + part * 8)),
            };
            let mut sums = [[start(0), start(1)]; ROWS];
            for input in 0..inputs {
                let at = weights.add(input * PANEL);
                let (left, right) = (W::eight(at), W::eight(at.add(8)));
                for (row, sums) in sums.iter_mut().enumerate() {
                    let value = _mm256_set1_ps(*x.add(row * x_stride + input));
                    sums[0] = _mm256_fmadd_ps(value, left, sums[0]);
                    sums[1] = _mm256_fmadd_ps(value, right, sums[1]);
                }
            }
            for (row, sums) in sums.into_iter().enumerate() {
                for (part, mut sum) in sums.into_iter().enumerate() {
                    let column = half * 16 + part * 8;
                    if W::IS_SCALED {
                        let scale = _mm256_loadu_ps(self.scale.add(column));
                        sum = _mm256_fmadd_ps(sum, scale, _mm256_loadu_ps(self.bias.add(column)));
                    }
                    if let Then::Rectify(slope) = self.shape.then {
                        let below = _mm256_cmp_ps::<_CMP_LT_OQ>(sum, _mm256_setzero_ps());
                        let scaled = _mm256_mul_ps(sum, _mm256_set1_ps(slope));
                        sum = _mm256_blendv_ps(sum, scaled, below);
                    }
                    _mm256_storeu_ps(y.add(row * y_stride + part * 8), sum);
                }
            }
        }
    }
}

impl<W: Stored> Product<W> {
    /// # Safety
    /// All that the shape says lies behind the pointers.
    unsafe fn portable(&self) {
        let Shape { inputs, rows, x_stride, y_stride, then } = self.shape;
        // SAFETY: by the contract.
        unsafe {
            for panel in 0..self.panels {
                let bias = std::slice::from_raw_parts(self.bias.add(panel * PANEL), PANEL);
                let scale = std::slice::from_raw_parts(self.scale.add(panel * PANEL), PANEL);
                for row in 0..rows {
                    let mut sums = [0.0_f32; PANEL];
                    if !W::IS_SCALED {
                        sums.copy_from_slice(bias);
                    }
                    for input in 0..inputs {
                        let value = *self.x.add(row * x_stride + input);
                        let weights = self.weights.add((panel * inputs + input) * PANEL);
                        for (column, sum) in sums.iter_mut().enumerate() {
                            *sum = value.mul_add((*weights.add(column)).value(), *sum);
                        }
                    }
                    let y = self.y.add(row * y_stride + panel * PANEL);
                    for (column, mut sum) in sums.into_iter().enumerate() {
                        if W::IS_SCALED {
                            sum = sum.mul_add(scale[column], bias[column]);
                        }
                        if let Then::Rectify(slope) = then
                            && sum < 0.0
                        {
                            sum *= slope;
                        }
                        *y.add(column) = sum;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::packed::{Packed, Precision, padded};
    use super::*;
    use crate::random::{Purpose, Streams};

    fn numbers(count: usize, stream: u64) -> Vec<f32> {
        let mut normals = Streams::new(8, Purpose::Initialisation).normals(stream);
        (0..count).map(|_| normals.draw()).collect()
    }

    /// The product at a level; x and y have more room in a row than they need.
    fn product(level: Level, packed: &Packed, x: &[f32], rows: usize, then: Then) -> Vec<f32> {
        let stride = x.len() / rows;
        let y_stride = padded(packed.outputs()) + PANEL;
        let mut y = vec![f32::NAN; rows * y_stride];
        packed.multiply(level, (x, stride), rows, (&mut y, y_stride), then);
        let row = |row: usize| y[row * y_stride..][..packed.outputs()].to_vec();
        (0..rows).flat_map(row).collect()
    }

    #[test]
    fn products_are_exact_to_rounding_and_equal_at_all_levels_and_beside_any_rows() {
        for (inputs, outputs) in [(1, 1), (3, 31), (50, 32), (51, 33), (129, 65), (7, 200)] {
            let (weight, bias) = (numbers(inputs * outputs, 0), numbers(outputs, 1));
            let packed = Packed::new(inputs, outputs, &weight, &bias, Precision::F32);
            let rows = 27;
            let x = numbers(rows * (inputs + 3), 2);
            for then in [Then::Nothing, Then::Rectify(0.0), Then::Rectify(0.2)] {
                let base = product(Level::Portable, &packed, &x, rows, then);
                for (i, found) in base.iter().enumerate() {
                    let (row, column) = (i / outputs, i % outputs);
                    let mut exact = f64::from(bias[column]);
                    let mut size = exact.abs();
                    for input in 0..inputs {
                        let term = f64::from(x[row * (inputs + 3) + input])
                            * f64::from(weight[input * outputs + column]);
                        exact += term;
                        size += term.abs();
                    }
                    if let Then::Rectify(slope) = then {
                        exact *= if exact < 0.0 { f64::from(slope) } else { 1.0 };
                    }
                    assert!((f64::from(*found) - exact).abs() <= 2e-6 * size, "{found} {exact}");
                }
                for level in Level::available() {
                    assert_eq!(product(level, &packed, &x, rows, then), base, "{level:?}");
                    for row in [0, 13, 26] {
                        let alone = &x[row * (inputs + 3)..][..inputs + 3];
                        let expected = &base[row * outputs..][..outputs];
                        assert_eq!(product(level, &packed, alone, 1, then), expected);
                    }
                }
            }
        }
    }

    #[test]
    fn smaller_weights_are_rounded_as_they_should_and_equal_at_all_levels() {
        let (inputs, outputs, rows) = (70, 45, 5);
        let (weight, bias) = (numbers(inputs * outputs, 0), numbers(outputs, 1));
        let x = numbers(rows * inputs, 2);
        let exact = product(
            Level::Portable,
            &Packed::new(inputs, outputs, &weight, &bias, Precision::F32),
            &x,
            rows,
            Then::Nothing,
        );
        for (precision, allowed) in [(Precision::Bf16, 4e-3), (Precision::Int8, 1.2e-2)] {
            let packed = Packed::new(inputs, outputs, &weight, &bias, precision);
            let base = product(Level::Portable, &packed, &x, rows, Then::Nothing);
            for level in Level::available() {
                assert_eq!(product(level, &packed, &x, rows, Then::Nothing), base, "{level:?}");
            }
            // Root mean square of the error over that of the product.
            let square = |values: &mut dyn Iterator<Item = f32>| -> f64 {
                values.map(|v| f64::from(v) * f64::from(v)).sum()
            };
            let error = square(&mut base.iter().zip(&exact).map(|(a, b)| a - b));
            let relative = (error / square(&mut exact.iter().copied())).sqrt();
            assert!(relative < allowed && relative > allowed / 20.0, "{precision:?}: {relative}");
        }
    }

    #[test]
    fn what_is_not_a_number_stays_so_behind_a_rectifier() {
        let packed = Packed::new(1, 1, &[1.0], &[0.0], Precision::F32);
        for level in Level::available() {
            let found = product(level, &packed, &[f32::NAN], 1, Then::Rectify(0.0));
            assert!(found[0].is_nan(), "{level:?}");
        }
    }
}
