//! The minimum of a smooth convex function by Newton's method, each step by conjugate gradients
//! (Nocedal and Wright, Numerical Optimization, chapter 7).

use ndarray::Array2;

const MOST_STEPS: usize = 200;
const MOST_CONJUGATE_STEPS: usize = 250;
/// Halvings of a step that does not lead down.
const MOST_HALVINGS: usize = 40;

/// A function of a matrix of parameters.
pub(super) trait Convex {
    /// Value and gradient.
    fn at(&self, parameters: &Array2<f64>) -> (f64, Array2<f64>);

    /// What gives H v at these parameters, H being the second derivatives.
    fn curvature(&self, parameters: &Array2<f64>) -> impl Fn(&Array2<f64>) -> Array2<f64>;
}

/// Parameters whose gradient is nowhere greater than `tolerance`, or as near as rounding allows.
pub(super) fn minimise(of: &impl Convex, start: Array2<f64>, tolerance: f64) -> Array2<f64> {
    let mut parameters = start;
    let (mut value, mut gradient) = of.at(&parameters);
    for _ in 0..MOST_STEPS {
        if greatest(&gradient) <= tolerance {
            break;
        }
        let direction = newton_direction(&gradient, of.curvature(&parameters));
        let slope = dot(&gradient, &direction);
        let mut length = 1.0;
        let mut moved = None;
        for _ in 0..MOST_HALVINGS {
            let candidate = &parameters + &(&direction * length);
            let (found, there) = of.at(&candidate);
            // Where the values differ by rounding only, the gradient tells which is better.
            let lower = found <= value + 1e-4 * length * slope
                || (found - value).abs() <= 1e-13 * value.abs()
                    && greatest(&there) < greatest(&gradient);
            if lower {
                moved = Some((candidate, found, there));
                break;
            }
            length *= 0.5;
        }
        let Some(moved) = moved else { break };
        (parameters, value, gradient) = moved;
    }
    parameters
}

/// v with H v ≈ −gradient, better the smaller the gradient.
fn newton_direction(
    gradient: &Array2<f64>,
    curvature: impl Fn(&Array2<f64>) -> Array2<f64>,
) -> Array2<f64> {
    let norm = dot(gradient, gradient).sqrt();
    let enough = norm * norm.sqrt().min(0.1);
    let mut solution = Array2::zeros(gradient.dim());
    let mut residual = -gradient;
    let mut direction = residual.clone();
    let mut squared = dot(&residual, &residual);
    for step in 0..MOST_CONJUGATE_STEPS {
        let curved = curvature(&direction);
        let bend = dot(&direction, &curved);
        // No curvature is left but that of rounding.
        if bend <= 1e-15 * dot(&direction, &direction) {
            return if step == 0 { residual } else { solution };
        }
        let length = squared / bend;
        solution.scaled_add(length, &direction);
        residual.scaled_add(-length, &curved);
        let next = dot(&residual, &residual);
        if next.sqrt() <= enough {
            break;
        }
        direction = &residual + &(&direction * (next / squared));
        squared = next;
    }
    solution
}

fn dot(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn greatest(values: &Array2<f64>) -> f64 {
    values.iter().fold(0.0, |greatest, value| value.abs().max(greatest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// Σ cosh(x − c) s.
    struct Wells;

    impl Convex for Wells {
        fn at(&self, x: &Array2<f64>) -> (f64, Array2<f64>) {
            let moved = x - &array![[3.0, -20.0]];
            let scale = array![[1.0, 1e-3]];
            ((moved.mapv(f64::cosh) * &scale).sum(), moved.mapv(f64::sinh) * scale)
        }

        fn curvature(&self, x: &Array2<f64>) -> impl Fn(&Array2<f64>) -> Array2<f64> {
            let moved = x - &array![[3.0, -20.0]];
            let second = moved.mapv(f64::cosh) * array![[1.0, 1e-3]];
            move |v| v * &second
        }
    }

    #[test]
    fn the_minimum_is_found_from_far() {
        let found = minimise(&Wells, array![[-5.0, 9.0]], 1e-12);
        assert!((found[[0, 0]] - 3.0).abs() < 1e-11, "{found}");
        assert!((found[[0, 1]] + 20.0).abs() < 1e-8, "{found}");
    }
}
