use ndarray::Array2;

/// Added to the correlation matrix: linear combinations that vary less are not blown up.
const RIDGE: f64 = 1e-6;

/// Turns standardised features z with the correlation matrix L Lᵀ into L⁻¹ z, whose components
/// are uncorrelated with variance 1. Small differences of strongly correlated features, such as
/// log E_tot − log E_inc, then stand as large as the features themselves.
pub(super) struct Decorrelation {
    /// L, lower triangular `[features, features]`
    lower: Array2<f64>,
}

impl Decorrelation {
    /// # Shapes
    /// `standardised`: `[training events, features]`; a column of zeros is left as it is.
    pub(super) fn of(standardised: &Array2<f64>) -> Self {
        let events = standardised.nrows().max(1) as f64;
        let mut correlation = standardised.t().dot(standardised) / events;
        for diagonal in correlation.diag_mut() {
            *diagonal = if *diagonal == 0.0 { 1.0 } else { *diagonal + RIDGE };
        }
        Self { lower: cholesky(&correlation) }
    }

    /// Solves L y = z by forward substitution, in place.
    pub(super) fn apply(&self, values: &mut [f64]) {
        for i in 0..values.len() {
            let row = self.lower.row(i);
            let known: f64 = row.iter().zip(&values[..i]).map(|(l, y)| l * y).sum();
            values[i] = (values[i] - known) / row[i];
        }
    }
}

/// L with L Lᵀ = `matrix`, which is symmetric and, by its ridge, positive definite.
fn cholesky(matrix: &Array2<f64>) -> Array2<f64> {
    let size = matrix.nrows();
    let mut lower = Array2::zeros((size, size));
    for i in 0..size {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| lower[[i, k]] * lower[[j, k]]).sum();
            let rest: f64 = matrix[[i, j]] - known;
            // Rounding may eat the ridge of an exactly dependent feature; it stays the floor.
            lower[[i, j]] = if i == j { rest.max(RIDGE).sqrt() } else { rest / lower[[j, j]] };
        }
    }
    lower
}
