use crate::compute::Tensor;

/// More than are needed from these starting points in 32 bits.
const NEWTON_STEPS: usize = 10;

/// The Lambert function at eʸ, W(eʸ): the w > 0 with w + ln w = y, by Newton's method on x = ln w
/// in eˣ + x = y, which is convex, from the upper bound min(y, ln max(y, 1)): so it converges from
/// above for every y.
///
/// # Shapes
/// `y`, outside of any graph that is differentiated: `[events, 1]`.
pub(super) fn lambert_of_exponential(y: Tensor<2>) -> Tensor<2> {
    let mut x = y.clone().clamp_min(1.0).log();
    let below = y.clone().lower_elem(1.0);
    x = x.mask_where(below, y.clone());
    for _ in 0..NEWTON_STEPS {
        let w = x.clone().exp();
        x = x.clone() - (w.clone() + x - y.clone()) / (w + 1.0);
    }
    x.exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, to_host};

    #[test]
    fn w_plus_its_logarithm_is_y() {
        let y: Vec<f32> = vec![-60.0, -8.0, -1.0, 0.0, 0.9, 1.0, 1.1, 3.0, 30.0, 1e4];
        let w = to_host(lambert_of_exponential(matrix(y.clone(), y.len(), 1, &cpu())));
        for (w, y) in w.into_iter().zip(y) {
            let (w, y) = (f64::from(w), f64::from(y));
            assert!(((w + w.ln()) / y.abs().max(1.0) - y / y.abs().max(1.0)).abs() < 2e-6, "{y}");
        }
        // W(e) = 1, and the omega constant W(1).
        let known = to_host(lambert_of_exponential(matrix(vec![1.0, 0.0], 2, 1, &cpu())));
        approx::assert_relative_eq!(known.as_slice(), &[1.0, 0.567_143_3][..], epsilon = 1e-6);
    }
}
