/// L of A = L Lᵀ for a symmetric, positive definite A.
pub(crate) struct Cholesky {
    size: usize,
    /// `[size, size]`, row by row; above the diagonal without meaning.
    factor: Vec<f64>,
}

impl Cholesky {
    /// Of a matrix row by row, of which the lower half is read; `None` where it is not positive
    /// definite.
    pub(crate) fn of(mut matrix: Vec<f64>, size: usize) -> Option<Self> {
        for row in 0..size {
            for column in 0..=row {
                let dot: f64 =
                    (0..column).map(|k| matrix[row * size + k] * matrix[column * size + k]).sum();
                let rest = matrix[row * size + column] - dot;
                if row == column {
                    if !(rest.is_finite() && rest > 0.0) {
                        return None;
                    }
                    matrix[row * size + row] = rest.sqrt();
                } else {
                    matrix[row * size + column] = rest / matrix[column * size + column];
                }
            }
        }
        Some(Self { size, factor: matrix })
    }

    /// x of A x = b.
    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let (n, l) = (self.size, &self.factor);
        let mut x = right.to_vec();
        for row in 0..n {
            let known: f64 = (0..row).map(|k| l[row * n + k] * x[k]).sum();
            x[row] = (x[row] - known) / l[row * n + row];
        }
        for row in (0..n).rev() {
            let known: f64 = (row + 1..n).map(|k| l[k * n + row] * x[k]).sum();
            x[row] = (x[row] - known) / l[row * n + row];
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_solves_and_refuses_what_is_not_positive_definite() {
        let matrix = vec![4.0, f64::NAN, f64::NAN, 2.0, 5.0, f64::NAN, 1.0, 3.0, 6.0];
        let full = [[4.0, 2.0, 1.0], [2.0, 5.0, 3.0], [1.0, 3.0, 6.0]];
        let x = Cholesky::of(matrix, 3).expect("positive definite").solve(&[1.0, -2.0, 3.0]);
        for (row, expected) in full.iter().zip([1.0, -2.0, 3.0]) {
            let found: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
            approx::assert_relative_eq!(found, expected, max_relative = 1e-14);
        }
        assert!(Cholesky::of(vec![1.0, 2.0, 2.0, 1.0], 2).is_none());
    }
}
