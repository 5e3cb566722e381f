use super::packed::padded;

/// Numbers of some events, one row each.
///
/// Rows are filled up to whole panels, so that products need no care at their ends; what stands
/// there is of no meaning.
#[derive(Debug, Default)]
pub struct Matrix {
    values: Vec<f32>,
    rows: usize,
    width: usize,
    stride: usize,
}

/// Matrices that can be used again, and other room to work in.
#[derive(Debug, Default)]
pub struct Scratch {
    free: Vec<Vec<f32>>,
    /// Words of random bits.
    pub words: Vec<u32>,
}

impl Scratch {
    /// A matrix whose numbers are not set.
    pub fn take(&mut self, rows: usize, width: usize) -> Matrix {
        let stride = padded(width.max(1));
        let mut values = self.free.pop().unwrap_or_default();
        if values.len() < rows * stride {
            values.resize(rows * stride, 0.0);
        }
        Matrix { values, rows, width, stride }
    }

    pub fn give(&mut self, matrix: Matrix) {
        self.free.push(matrix.values);
    }
}

impl Matrix {
    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn width(&self) -> usize {
        self.width
    }

    /// From the start of a row to that of the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// All rows, with what fills them up.
    pub fn all(&self) -> &[f32] {
        &self.values[..self.rows * self.stride]
    }

    pub fn all_mut(&mut self) -> &mut [f32] {
        &mut self.values[..self.rows * self.stride]
    }

    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.stride..][..self.width]
    }

    pub fn row_mut(&mut self, row: usize) -> &mut [f32] {
        &mut self.values[row * self.stride..][..self.width]
    }

    pub fn rows_iter(&self) -> impl Iterator<Item = &[f32]> {
        self.all().chunks_exact(self.stride).map(|row| &row[..self.width])
    }

    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        let (stride, width) = (self.stride, self.width);
        self.all_mut().chunks_exact_mut(stride).map(move |row| &mut row[..width])
    }
}
