//! The distribution function of gamma-distributed numbers.

const MOST_TERMS: usize = 500;

/// P(a, x) = ∫₀ˣ u^(a−1) e^(−u) du / Γ(a) for one a, by its power series for x < a + 1 and by
/// Lentz' continued fraction beyond (Press et al., Numerical Recipes, 6.2).
#[derive(Debug, Clone, Copy)]
pub(super) struct IncompleteGamma {
    a: f64,
    log_gamma: f64,
}

impl IncompleteGamma {
    pub fn new(a: f64) -> Self {
        Self { a, log_gamma: libm::lgamma(a) }
    }

    /// 0 for x ≤ 0.
    pub fn lower(&self, x: f64) -> f64 {
        let Self { a, log_gamma } = *self;
        if x <= 0.0 {
            return 0.0;
        }
        let factor = libm::exp(a * libm::log(x) - x - log_gamma);
        if x < a + 1.0 {
            let (mut term, mut sum) = (1.0 / a, 1.0 / a);
            for n in 1..MOST_TERMS {
                term *= x / (a + n as f64);
                sum += term;
                if term < 1e-12 * sum {
                    break;
                }
            }
            return (factor * sum).min(1.0);
        }
        let mut b = x + 1.0 - a;
        let mut c = 1e300;
        let mut d = 1.0 / b;
        let mut fraction = d;
        for n in 1..MOST_TERMS {
            let numerator = n as f64 * (a - n as f64);
            b += 2.0;
            d = 1.0 / nonzero(numerator * d + b);
            c = nonzero(b + numerator / c);
            fraction *= d * c;
            if (d * c - 1.0).abs() < 1e-12 {
                break;
            }
        }
        (1.0 - factor * fraction).max(0.0)
    }
}

fn nonzero(value: f64) -> f64 {
    if value.abs() < 1e-300 { 1e-300 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_shapes_have_a_closed_form() {
        // P(1, x) = 1 − e^−x; P(3, x) = 1 − e^−x (1 + x + x²/2).
        for x in [0.01, 0.5, 1.9, 2.1, 3.9, 4.1, 20.0] {
            let e = f64::exp(-x);
            approx::assert_relative_eq!(
                IncompleteGamma::new(1.0).lower(x),
                1.0 - e,
                max_relative = 1e-10
            );
            approx::assert_abs_diff_eq!(
                IncompleteGamma::new(3.0).lower(x),
                1.0 - e * (1.0 + x + 0.5 * x * x),
                epsilon = 1e-11
            );
        }
        assert_eq!(IncompleteGamma::new(2.5).lower(-1.0), 0.0);
    }

    #[test]
    fn one_half_is_the_error_function() {
        for x in [0.1_f64, 1.0, 4.0] {
            approx::assert_abs_diff_eq!(
                IncompleteGamma::new(0.5).lower(x),
                libm::erf(x.sqrt()),
                epsilon = 1e-11
            );
        }
    }
}
