//! Products and eigenvalues, on one thread: the same to the last bit on any number of threads.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatMut, MatRef, Par};

use crate::ValidationError;
use crate::metrics::pairwise::Scalar;

/// Puts the product of two matrices, times `factor`, into `to`.
pub(crate) fn multiply<T: Scalar>(
    to: MatMut<'_, T>,
    first: MatRef<'_, T>,
    second: MatRef<'_, T>,
    factor: T,
) {
    matmul(to, Accum::Replace, first, second, factor, Par::Seq);
    clear_registers();
}

/// Adds Xᵀ X · `factor` to the lower half of `to`.
pub(crate) fn add_square(to: MatMut<'_, f64>, x: MatRef<'_, f64>, factor: f64) {
    let all = BlockStructure::Rectangular;
    let lower = BlockStructure::TriangularLower;
    triangular::matmul(to, lower, Accum::Add, x.transpose(), all, x, all, factor, Par::Seq);
    clear_registers();
}

/// The kernels of products leave the upper halves of the vector registers in use. On some
/// processors the mathematical functions of the C library (exp, ln) then take 25 times as long in
/// this thread and in those that it starts. Any compiled function with such vectors clears them.
pub(crate) fn clear_registers() {
    let few = [0.0; 32];
    std::hint::black_box(MatRef::from_column_major_slice(&few, few.len(), 1).norm_max());
}

/// Eigenvalues in ascending order, and the eigenvectors as columns in the same order.
pub(crate) struct Eigen {
    pub(crate) values: Vec<f64>,
    /// `[rows, rows]`
    pub(crate) vectors: Mat<f64>,
}

/// Eigenvalues and eigenvectors of a symmetric matrix, of which the lower half is read. `name`
/// tells the matrix in messages.
pub(crate) fn eigen(matrix: MatRef<'_, f64>, name: &'static str) -> Result<Eigen, ValidationError> {
    let rows = matrix.nrows();
    let mut vectors = Mat::zeros(rows, rows);
    let values = decompose(matrix, Some(&mut vectors), name)?;
    Ok(Eigen { values, vectors })
}

/// Eigenvalues of a symmetric matrix in ascending order; its lower half is read.
pub(crate) fn eigenvalues(
    matrix: MatRef<'_, f64>,
    name: &'static str,
) -> Result<Vec<f64>, ValidationError> {
    decompose(matrix, None, name)
}

fn decompose(
    matrix: MatRef<'_, f64>,
    vectors: Option<&mut Mat<f64>>,
    name: &'static str,
) -> Result<Vec<f64>, ValidationError> {
    let rows = matrix.nrows();
    let wanted = if vectors.is_some() { ComputeEigenvectors::Yes } else { ComputeEigenvectors::No };
    let needed = self_adjoint_evd_scratch::<f64>(rows, wanted, Par::Seq, faer::prelude::default());
    let mut memory = MemBuffer::new(needed);
    let mut values = Diag::<f64>::zeros(rows);
    self_adjoint_evd(
        matrix,
        values.as_mut(),
        vectors.map(Mat::as_mut),
        Par::Seq,
        MemStack::new(&mut memory),
        faer::prelude::default(),
    )
    .inspect(|()| clear_registers())
    .map_err(|_| ValidationError::Eigenvalues { matrix: name })?;
    Ok(values.column_vector().iter().copied().collect())
}

/// What rounding leaves of an eigenvalue 0: below it eigenvalues are taken as 0.
pub(crate) fn rounding_level(eigenvalues: &[f64]) -> f64 {
    let greatest = eigenvalues.iter().fold(0.0_f64, |greatest, value| greatest.max(value.abs()));
    eigenvalues.len() as f64 * f64::EPSILON * greatest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eigenvectors_turn_the_matrix_into_its_eigenvalues() {
        let matrix = Mat::from_fn(5, 5, |i, j| 1.0 / (1.0 + i as f64 + j as f64));
        let Eigen { values, vectors } = eigen(matrix.as_ref(), "a matrix").expect("converges");
        let turned = vectors.transpose() * &matrix * &vectors;
        for i in 0..5 {
            for j in 0..5 {
                let expected = if i == j { values[i] } else { 0.0 };
                assert!((turned[(i, j)] - expected).abs() < 1e-14);
            }
        }
        let alone = eigenvalues(matrix.as_ref(), "a matrix").expect("converges");
        // numpy 2.4.6: eigvalsh of the Hilbert matrix of five rows.
        approx::assert_relative_eq!(alone[4], 1.567_050_691_098_23, max_relative = 1e-13);
        for (a, b) in alone.iter().zip(&values) {
            assert!((a - b).abs() < 1e-15);
        }
    }
}
