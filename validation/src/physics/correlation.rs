use serde::{Deserialize, Serialize};

use crate::Sample;
use crate::observables::{ObservableKind, Quantity};

/// Pearson's correlation of the energies of every two layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerCorrelations {
    /// The experiment's numbers of the layers.
    pub layers: Vec<usize>,
    /// `[layers][layers]`; 1 on the diagonal, 0 beside it for a layer whose energy is constant.
    pub coefficients: Vec<Vec<f64>>,
}

/// Where two matrices of correlations differ most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CorrelationDifference {
    /// |ρ_generated − ρ_reference|.
    pub greatest: f64,
    /// The experiment's numbers of the two layers.
    pub layers: [usize; 2],
    /// Root of the mean square over all pairs of different layers.
    pub root_mean_square: f64,
}

impl LayerCorrelations {
    /// ρ_ab = Σ w (E_a − Ē_a)(E_b − Ē_b) / √(Σ w (E_a − Ē_a)² Σ w (E_b − Ē_b)²) with weighted
    /// means, and w = 1 without weights. Held within ±1, which negative weights may leave.
    ///
    /// `None` for tables, for one layer, and for less than two events.
    pub fn of(sample: &Sample) -> Option<Self> {
        let layers: Vec<usize> = sample.detector().layers().iter().map(|l| l.id()).collect();
        if layers.len() < 2 || sample.events() < 2 {
            return None;
        }
        let column = |&layer: &usize| {
            let kind = ObservableKind { quantity: Quantity::LayerTotal, layer: Some(layer) };
            sample.observables().get(kind)
        };
        let columns: Vec<&[f64]> = layers.iter().map(column).collect::<Option<_>>()?;
        let coefficients = correlations(&columns, sample.weights());
        Some(Self { layers, coefficients })
    }

    /// The greatest difference of another sample of the same detector; `None` if the layers are
    /// others.
    pub fn difference(&self, other: &Self) -> Option<CorrelationDifference> {
        if self.layers != other.layers {
            return None;
        }
        let count = self.layers.len();
        let mut found = CorrelationDifference {
            greatest: 0.0,
            layers: [self.layers[0]; 2],
            root_mean_square: 0.0,
        };
        let mut squares = 0.0;
        for a in 0..count {
            for b in 0..a {
                let difference = (other.coefficients[a][b] - self.coefficients[a][b]).abs();
                squares += difference * difference;
                if difference > found.greatest {
                    found.greatest = difference;
                    found.layers = [self.layers[b], self.layers[a]];
                }
            }
        }
        found.root_mean_square = (squares / (count * (count - 1) / 2).max(1) as f64).sqrt();
        Some(found)
    }
}

/// # Shapes
/// `columns`: `[variables][events]`; the result `[variables][variables]`.
fn correlations(columns: &[&[f64]], weights: Option<&[f64]>) -> Vec<Vec<f64>> {
    let total = |column: &[f64]| match weights {
        Some(weights) => column.iter().zip(weights).map(|(value, weight)| value * weight).sum(),
        None => column.iter().sum::<f64>(),
    };
    let sum_of_weights = weights.map_or(columns[0].len() as f64, |weights| weights.iter().sum());
    let centred: Vec<Vec<f64>> = columns
        .iter()
        .map(|column| {
            let mean = total(column) / sum_of_weights;
            column.iter().map(|value| value - mean).collect()
        })
        .collect();
    let covariance = |a: &[f64], b: &[f64]| {
        let products = a.iter().zip(b).map(|(a, b)| a * b);
        match weights {
            Some(weights) => products.zip(weights).map(|(product, weight)| product * weight).sum(),
            None => products.sum::<f64>(),
        }
    };
    let variances: Vec<f64> = centred.iter().map(|column| covariance(column, column)).collect();
    let mut matrix = vec![vec![0.0; columns.len()]; columns.len()];
    for a in 0..columns.len() {
        matrix[a][a] = 1.0;
        for b in 0..a {
            let found = covariance(&centred[a], &centred[b]) / (variances[a] * variances[b]).sqrt();
            let found = if found.is_nan() { 0.0 } else { found.clamp(-1.0, 1.0) };
            (matrix[a][b], matrix[b][a]) = (found, found);
        }
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_columns_do_not_correlate() {
        let found = correlations(&[&[1.0, 2.0, 3.0], &[6.0, 4.0, 2.0], &[5.0; 3]], None);
        assert_eq!(found, [[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    }

    #[test]
    fn a_weight_is_so_many_events() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 4.0, 3.0]);
        let weighted = correlations(&[&a, &b], Some(&[2.0, 1.0, 1.0, 0.0]));
        let repeated = correlations(&[&[1.0, 1.0, 2.0, 3.0], &[2.0, 2.0, 1.0, 4.0]], None);
        approx::assert_relative_eq!(weighted[0][1], repeated[0][1], epsilon = 1e-12);
    }

    #[test]
    fn the_greatest_difference_has_its_place() {
        let of = |coefficients: [[f64; 3]; 3]| LayerCorrelations {
            layers: vec![0, 1, 12],
            coefficients: coefficients.iter().map(|row| row.to_vec()).collect(),
        };
        let a = of([[1.0, 0.5, 0.1], [0.5, 1.0, 0.2], [0.1, 0.2, 1.0]]);
        let b = of([[1.0, 0.5, 0.1], [0.5, 1.0, -0.1], [0.1, -0.1, 1.0]]);
        let found = a.difference(&b).expect("same layers");
        assert_eq!(found.layers, [1, 12]);
        approx::assert_relative_eq!(found.greatest, 0.3, epsilon = 1e-12);
        approx::assert_relative_eq!(found.root_mean_square, 0.03f64.sqrt(), epsilon = 1e-12);
    }
}
