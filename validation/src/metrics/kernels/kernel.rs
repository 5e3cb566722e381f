use serde::{Deserialize, Serialize};

use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::elementary::{exponentials, logarithms};
use crate::metrics::kernels::median_distance;
use crate::metrics::pairwise::{Points, TILE, Tile, common_centre};

/// A kernel k(x, y) of two events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Kernel {
    /// Σ_σ exp(−|x − y|² / 2σ²).
    Gaussian { bandwidths: Vec<f64> },
    /// Σ_α (1 + |x − y|² / 2αℓ²)^(−α) (Bińkowski et al., arXiv:1801.01401, with ℓ = 1).
    RationalQuadratic { exponents: Vec<f64>, length: f64 },
    /// (γ x·y + c)^n.
    Polynomial { degree: u32, gamma: f64, offset: f64 },
    /// −|x − y|: its squared discrepancy is the energy distance.
    Distance,
}

impl Kernel {
    /// A Gaussian of the median distance between two events of both samples ([`median_distance`]).
    ///
    /// # Errors
    /// Different features, or a median of 0.
    pub fn gaussian_of_median(
        first: &FeatureMatrix,
        second: &FeatureMatrix,
    ) -> Result<Self, ValidationError> {
        Ok(Self::Gaussian { bandwidths: vec![median_distance(first, second)?] })
    }

    /// Gaussians of ¼, ½, 1, 2 and 4 times the median distance.
    ///
    /// # Errors
    /// Different features, or a median of 0.
    pub fn gaussians_about_median(
        first: &FeatureMatrix,
        second: &FeatureMatrix,
    ) -> Result<Self, ValidationError> {
        let median = median_distance(first, second)?;
        let bandwidths = [0.25, 0.5, 1.0, 2.0, 4.0].map(|factor| factor * median).to_vec();
        Ok(Self::Gaussian { bandwidths })
    }

    /// Rational quadratics with the exponents 0.2, 0.5, 1, 2 and 5, of the length of the median
    /// distance.
    ///
    /// # Errors
    /// Different features, or a median of 0.
    pub fn rational_quadratic_of_median(
        first: &FeatureMatrix,
        second: &FeatureMatrix,
    ) -> Result<Self, ValidationError> {
        let length = median_distance(first, second)?;
        Ok(Self::RationalQuadratic { exponents: vec![0.2, 0.5, 1.0, 2.0, 5.0], length })
    }

    /// (x·y / d + 1)^`degree` in d dimensions: degree 3 for KID, 4 for KPD.
    pub fn polynomial(degree: u32, dimensions: usize) -> Self {
        Self::Polynomial { degree, gamma: 1.0 / dimensions as f64, offset: 1.0 }
    }

    pub(crate) fn check(&self) -> Result<(), ValidationError> {
        let positive = |values: &[f64]| {
            !values.is_empty() && values.iter().all(|value| value.is_finite() && *value > 0.0)
        };
        let setting =
            |name, found: String, expected| Err(ValidationError::Setting { name, found, expected });
        match self {
            Self::Gaussian { bandwidths } if !positive(bandwidths) => {
                setting("bandwidths", format!("{bandwidths:?}"), "at least one, each above 0")
            }
            Self::RationalQuadratic { exponents, .. } if !positive(exponents) => {
                setting("exponents", format!("{exponents:?}"), "at least one, each above 0")
            }
            Self::RationalQuadratic { length, .. } if !positive(&[*length]) => {
                setting("length", length.to_string(), "above 0")
            }
            Self::Polynomial { gamma, .. } if !positive(&[*gamma]) => {
                setting("gamma", gamma.to_string(), "above 0")
            }
            Self::Polynomial { offset, .. } if !offset.is_finite() => {
                setting("offset", offset.to_string(), "a finite number")
            }
            _ => Ok(()),
        }
    }

    /// The points of both samples about what the kernel does not depend on.
    pub(crate) fn points(&self, first: &FeatureMatrix, second: &FeatureMatrix) -> [Points; 2] {
        let centre = match self {
            Self::Polynomial { .. } => None,
            _ => Some(common_centre(first, second)),
        };
        [first, second].map(|features| Points::new(features, centre.as_deref()))
    }

    /// k(x, x) of an event with |x|² = `square`.
    pub(crate) fn of_itself(&self, square: f64) -> f64 {
        match self {
            Self::Gaussian { bandwidths } => bandwidths.len() as f64,
            Self::RationalQuadratic { exponents, .. } => exponents.len() as f64,
            Self::Polynomial { degree, gamma, offset } => power(gamma * square + offset, *degree),
            Self::Distance => 0.0,
        }
    }

    /// Puts the kernel in place of the inner products of a tile. `rows` and `columns` are the
    /// squares of all points.
    pub(crate) fn apply(&self, tile: &Tile, products: &mut [f64], rows: &[f64], columns: &[f64]) {
        let rows = &rows[tile.rows.clone()];
        let columns = &columns[tile.columns.clone()];
        for (products, &row) in products.chunks_exact_mut(columns.len()).zip(rows) {
            if let Self::Polynomial { degree, gamma, offset } = *self {
                products.iter_mut().for_each(|p| *p = power(gamma * *p + offset, degree));
                continue;
            }
            for (product, column) in products.iter_mut().zip(columns) {
                *product = (row + column - 2.0 * *product).max(0.0);
            }
            self.apply_to_squared_distances(products);
        }
    }

    fn apply_to_squared_distances(&self, squares: &mut [f64]) {
        match self {
            Self::Gaussian { bandwidths } => sum_of(squares, bandwidths, |s, values| {
                let factor = -0.5 / (s * s);
                values.iter_mut().for_each(|value| *value *= factor);
                exponentials(values);
            }),
            Self::RationalQuadratic { exponents, length } => {
                sum_of(squares, exponents, |a, values| {
                    let factor = 0.5 / (a * length * length);
                    values.iter_mut().for_each(|value| *value = 1.0 + *value * factor);
                    logarithms(values);
                    values.iter_mut().for_each(|value| *value *= -a);
                    exponentials(values);
                });
            }
            Self::Distance => squares.iter_mut().for_each(|square| *square = -square.sqrt()),
            Self::Polynomial { .. } => unreachable!("polynomials are of the inner product"),
        }
    }
}

/// Puts the sum over `scales` of what `of` makes of the squares in their place.
fn sum_of(squares: &mut [f64], scales: &[f64], of: impl Fn(f64, &mut [f64])) {
    let mut part = [0.0; TILE];
    for squares in squares.chunks_mut(TILE) {
        let part = &mut part[..squares.len()];
        let mut sums = [0.0; TILE];
        for &scale in scales {
            part.copy_from_slice(squares);
            of(scale, part);
            sums.iter_mut().zip(&*part).for_each(|(sum, value)| *sum += value);
        }
        squares.copy_from_slice(&sums[..squares.len()]);
    }
}

fn power(base: f64, degree: u32) -> f64 {
    match degree {
        3 => base * base * base,
        4 => (base * base) * (base * base),
        _ => base.powi(i32::try_from(degree).unwrap_or(i32::MAX)),
    }
}
