use serde::{Deserialize, Serialize};

use super::resolution::ResolutionPoint;
use crate::ValidationError;

/// Stochastic, noise and constant term.
const TERMS: usize = 3;
const MEV_PER_GEV: f64 = 1000.0;

/// A coefficient of the resolution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coefficient {
    /// At least 0.
    pub value: f64,
    /// `None` for a term that is 0 because the points do not ask for it.
    pub error: Option<f64>,
}

/// σ/E = a/√E ⊕ b/E ⊕ c with E in GeV, where ⊕ is the root of the sum of squares.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ResolutionFit {
    /// a, in √GeV: 0.1 is "10 %/√E".
    pub stochastic: Coefficient,
    /// b, in GeV.
    pub noise: Coefficient,
    /// c.
    pub constant: Coefficient,
    pub chi2: f64,
    /// Points less the terms that are not 0.
    pub ndf: usize,
}

impl ResolutionFit {
    /// σ/E at an energy.
    ///
    /// ```
    /// # use validation::physics::{Coefficient, ResolutionFit};
    /// let [stochastic, noise, constant] =
    ///     [0.1, 0.0, 0.01].map(|value| Coefficient { value, error: None });
    /// let fit = ResolutionFit { stochastic, noise, constant, chi2: 0.0, ndf: 1 };
    /// assert!((fit.at(100_000.0) - 2f64.sqrt() / 100.0).abs() < 1e-15);
    /// ```
    pub fn at(&self, incident_energy_mev: f64) -> f64 {
        let terms = [self.stochastic.value, self.noise.value, self.constant.value];
        resolution(&terms, &powers(incident_energy_mev))
    }
}

/// Fits σ/E = a/√E ⊕ b/E ⊕ c to points by least squares, with the errors of the resolution as
/// they are: χ² = Σ ((R_i − f(E_i)) / δ_i)². Levenberg and Marquardt's method; the errors of the
/// coefficients are those of the inverse of Jᵀ δ⁻² J at the minimum.
///
/// A term that χ² would have negative in its square is 0: of all choices of terms the one with the
/// least χ² is taken, and of those that are as good the one with the fewest.
///
/// # Errors
/// [`ValidationError::TooFewPoints`] for less than three points whose resolution has an error
/// above 0 (a group of equal events has none and is left out).
pub fn fit_resolution(points: &[ResolutionPoint]) -> Result<ResolutionFit, ValidationError> {
    /// Below this part of χ² + 1, two fits are as good.
    const AS_GOOD: f64 = 1e-9;
    let usable: Vec<Point> = points
        .iter()
        .filter(|point| point.resolution.error > 0.0 && point.resolution.error.is_finite())
        .map(|point| Point {
            powers: powers(point.incident_energy_mev),
            resolution: point.resolution.value,
            error: point.resolution.error,
        })
        .collect();
    if usable.len() < TERMS {
        return Err(ValidationError::TooFewPoints {
            purpose: "fit of the resolution".to_owned(),
            found: usable.len(),
            needed: TERMS,
        });
    }
    // Choices of terms, as bits; those with fewer first.
    let mut choices: Vec<usize> = (1..1 << TERMS).collect();
    choices.sort_by_key(|choice| choice.count_ones());
    let mut best: Option<(usize, [f64; TERMS], f64)> = None;
    for choice in choices {
        let (terms, chi2) = minimise(&usable, choice);
        if best.is_none_or(|(_, _, least)| chi2 < least - AS_GOOD * (1.0 + least)) {
            best = Some((choice, terms, chi2));
        }
    }
    let (choice, terms, chi2) = best.expect("there are seven choices");
    let covariance = inverse(&normal_matrix(&usable, &terms, choice).0);
    let coefficient = |term: usize| Coefficient {
        value: terms[term].abs(),
        error: (choice >> term & 1 == 1)
            .then(|| covariance.map(|c| c[term][term].sqrt()))
            .flatten(),
    };
    Ok(ResolutionFit {
        stochastic: coefficient(0),
        noise: coefficient(1),
        constant: coefficient(2),
        chi2,
        ndf: usable.len() - choice.count_ones() as usize,
    })
}

struct Point {
    powers: [f64; TERMS],
    resolution: f64,
    error: f64,
}

type Matrix = [[f64; TERMS]; TERMS];

/// 1/√E, 1/E and 1, with E in GeV.
fn powers(incident_energy_mev: f64) -> [f64; TERMS] {
    let energy = incident_energy_mev / MEV_PER_GEV;
    [1.0 / energy.sqrt(), 1.0 / energy, 1.0]
}

fn resolution(terms: &[f64; TERMS], powers: &[f64; TERMS]) -> f64 {
    terms
        .iter()
        .zip(powers)
        .map(|(term, power)| (term * power) * (term * power))
        .sum::<f64>()
        .sqrt()
}

fn chi2(points: &[Point], terms: &[f64; TERMS]) -> f64 {
    let pull = |point: &Point| (point.resolution - resolution(terms, &point.powers)) / point.error;
    points.iter().map(|point| pull(point) * pull(point)).sum()
}

/// The chosen terms with the least χ², and that.
fn minimise(points: &[Point], choice: usize) -> ([f64; TERMS], f64) {
    const STEPS: usize = 500;
    let mut terms = start(points, choice);
    let mut least = chi2(points, &terms);
    let mut damping = 1e-3;
    for _ in 0..STEPS {
        let (mut matrix, gradient) = normal_matrix(points, &terms, choice);
        for (term, row) in matrix.iter_mut().enumerate() {
            row[term] *= 1.0 + damping;
        }
        let step = inverse(&matrix).map(|inverse| {
            inverse.map(|row| row.iter().zip(&gradient).map(|(a, b)| a * b).sum::<f64>())
        });
        let tried = step.map(|step| {
            let mut tried = terms;
            tried.iter_mut().zip(step).for_each(|(term, step)| *term += step);
            tried
        });
        match tried.map(|tried| (tried, chi2(points, &tried))) {
            Some((tried, found)) if found <= least => {
                let moved = terms.iter().zip(&tried).any(|(a, b)| (a - b).abs() > 1e-15 * b.abs());
                (terms, least) = (tried, found);
                damping *= 0.2;
                if !moved {
                    break;
                }
            }
            _ if damping > 1e12 => break,
            _ => damping *= 10.0,
        }
    }
    (terms, least)
}

/// Every chosen term makes up its part of the point where it matters most.
fn start(points: &[Point], choice: usize) -> [f64; TERMS] {
    let share = 1.0 / f64::from(choice.count_ones()).sqrt();
    std::array::from_fn(|term| {
        let largest = |point: &Point| (point.resolution / point.powers[term]).abs();
        let least = points.iter().map(largest).fold(f64::INFINITY, f64::min);
        if choice >> term & 1 == 1 { share * least.max(1e-12) } else { 0.0 }
    })
}

/// Jᵀ δ⁻² J and Jᵀ δ⁻² (R − f) of the chosen terms; others have 1 on the diagonal.
fn normal_matrix(points: &[Point], terms: &[f64; TERMS], choice: usize) -> (Matrix, [f64; TERMS]) {
    let (mut matrix, mut gradient) = ([[0.0; TERMS]; TERMS], [0.0; TERMS]);
    for point in points {
        let found = resolution(terms, &point.powers);
        if found <= 0.0 {
            continue;
        }
        let slopes: [f64; TERMS] = std::array::from_fn(|term| {
            terms[term] * point.powers[term] * point.powers[term] / (found * point.error)
        });
        let pull = (point.resolution - found) / point.error;
        for a in 0..TERMS {
            gradient[a] += slopes[a] * pull;
            for b in 0..TERMS {
                matrix[a][b] += slopes[a] * slopes[b];
            }
        }
    }
    for term in (0..TERMS).filter(|term| choice >> term & 1 == 0) {
        matrix[term][term] = 1.0;
    }
    (matrix, gradient)
}

/// By cofactors; `None` where there is no inverse.
fn inverse(matrix: &Matrix) -> Option<Matrix> {
    let cofactor = |row: usize, column: usize| {
        let at = |down: usize, right: usize| matrix[(row + down) % TERMS][(column + right) % TERMS];
        at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)
    };
    let determinant: f64 = (0..TERMS).map(|column| matrix[0][column] * cofactor(0, column)).sum();
    let inverse: Matrix = std::array::from_fn(|row| {
        std::array::from_fn(|column| cofactor(column, row) / determinant)
    });
    inverse.iter().flatten().all(|value| value.is_finite()).then_some(inverse)
}

#[cfg(test)]
mod tests {
    use super::super::Measured;
    use super::*;

    fn points(terms: [f64; TERMS], relative_error: f64) -> Vec<ResolutionPoint> {
        (8..18)
            .map(|power| {
                let incident_energy_mev = f64::from(1 << power);
                let value = resolution(&terms, &powers(incident_energy_mev));
                ResolutionPoint {
                    incident_energy_mev,
                    events: 1000,
                    response: Measured { value: 1.0, error: 0.0 },
                    resolution: Measured { value, error: relative_error * value },
                }
            })
            .collect()
    }

    #[test]
    fn exact_points_give_their_coefficients() {
        let fit = fit_resolution(&points([0.12, 0.03, 0.008], 0.02)).expect("ten points");
        let found = [fit.stochastic, fit.noise, fit.constant];
        for (found, expected) in found.iter().zip([0.12, 0.03, 0.008]) {
            approx::assert_relative_eq!(found.value, expected, max_relative = 1e-9);
            assert!(found.error.is_some_and(|error| error > 0.0 && error < expected));
        }
        assert!(fit.chi2 < 1e-12 && fit.ndf == 7);
        approx::assert_relative_eq!(
            fit.at(1000.0),
            (0.12f64.powi(2) + 0.03f64.powi(2) + 0.008f64.powi(2)).sqrt(),
            max_relative = 1e-9
        );
    }

    #[test]
    fn terms_that_are_not_there_are_zero() {
        let fit = fit_resolution(&points([0.1, 0.0, 0.0], 0.01)).expect("ten points");
        assert_eq!((fit.noise, fit.constant), (Coefficient { value: 0.0, error: None }, fit.noise));
        assert_eq!(fit.ndf, 9);
        // A resolution that improves faster than 1/E asks for a negative constant term.
        let mut steep = points([0.0, 0.1, 0.0], 0.01);
        steep
            .iter_mut()
            .for_each(|point| point.resolution.value *= 1e3 / point.incident_energy_mev);
        let fit = fit_resolution(&steep).expect("ten points");
        assert!(fit.noise.value > 0.0 && fit.stochastic.value == 0.0 && fit.constant.value == 0.0);
    }

    #[test]
    fn two_points_are_too_few() {
        let two = &points([0.1, 0.0, 0.01], 0.01)[..2];
        let error = fit_resolution(two).expect_err("is refused");
        assert_eq!(error.to_string(), "fit of the resolution has 2 points, needs at least 3");
        let mut flat = points([0.1, 0.0, 0.01], 0.01);
        flat.iter_mut().for_each(|point| point.resolution.error = 0.0);
        assert!(fit_resolution(&flat).is_err());
    }
}
