//! The normal distribution function and its inverse in 64-bit ONNX operations. Runtimes have an
//! `Erf` of 32 bits only, which is not enough between the quantiles of a tail.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use super::graph::{GraphBuilder, Value};
use crate::codec::transforms::normal_distribution::{CENTRE, SHOULDER, TAIL};

/// From here on Φ(−|z|) is taken as that of this number.
const LARGEST: f64 = 8.4;
/// Of the polynomial in t: the error is at rounding from here on.
const DEGREE: usize = 24;

/// Φ(z) by Φ(−|z|) = erfc(x) / 2, x = |z| / √2, and erfc(x) = t exp(p(t) − x²) with
/// t = 2 / (2 + x); p is the Chebyshev interpolation of ln(erfc(x) / t) + x² (the form of Numerical
/// Recipes, section 6.2), computed here from the error function of `libm`.
pub(super) fn cumulative(graph: &mut GraphBuilder, z: &Value) -> Value {
    let (zero, one) = (graph.double(0.0), graph.double(1.0));
    let (two, half) = (graph.double(2.0), graph.double(0.5));
    let magnitude = graph.node("Abs", &[z]);
    let largest = graph.double(LARGEST);
    let magnitude = graph.node("Min", &[&magnitude, &largest]);
    let root = graph.double(FRAC_1_SQRT_2);
    let x = graph.node("Mul", &[&magnitude, &root]);
    let more = graph.node("Add", &[&x, &two]);
    let t = graph.node("Div", &[&two, &more]);

    let polynomial = Interpolation::new();
    let (scale, shift) = (graph.double(polynomial.scale), graph.double(polynomial.shift));
    let s = graph.node("Mul", &[&t, &scale]);
    let s = graph.node("Add", &[&s, &shift]);
    let p = graph.polynomial(&polynomial.coefficients, &s);
    let square = graph.node("Mul", &[&x, &x]);
    let exponent = graph.node("Sub", &[&p, &square]);
    let power = graph.node("Exp", &[&exponent]);
    let erfc = graph.node("Mul", &[&t, &power]);
    let tail = graph.node("Mul", &[&erfc, &half]);
    let other = graph.node("Sub", &[&one, &tail]);
    let is_low = graph.node("Less", &[z, &zero]);
    graph.choose(&is_low, &tail, &other)
}

/// Φ⁻¹(p) by algorithm AS 241 (Wichura, Applied Statistics 37 (1988) 477); all three regions are
/// computed, and one is chosen.
pub(super) fn quantile(graph: &mut GraphBuilder, p: &Value) -> Value {
    let (half, one) = (graph.double(0.5), graph.double(1.0));
    let q = graph.node("Sub", &[p, &half]);
    let square = graph.node("Mul", &[&q, &q]);
    let constant = graph.double(0.180_625);
    let r = graph.node("Sub", &[&constant, &square]);
    let ratio = ratio(graph, CENTRE, &r);
    let centre = graph.node("Mul", &[&q, &ratio]);

    let rest = graph.node("Sub", &[&one, p]);
    let tail = graph.node("Min", &[p, &rest]);
    let logarithm = graph.node("Log", &[&tail]);
    let negative = graph.node("Neg", &[&logarithm]);
    let r = graph.node("Sqrt", &[&negative]);
    let outside = |graph: &mut GraphBuilder, offset: f64, coefficients| {
        let offset = graph.double(offset);
        let r = graph.node("Sub", &[&r, &offset]);
        self::ratio(graph, coefficients, &r)
    };
    let shoulder = outside(graph, 1.6, SHOULDER);
    let far = outside(graph, 5.0, TAIL);
    let five = graph.double(5.0);
    let is_far = graph.node("Greater", &[&r, &five]);
    let z = graph.choose(&is_far, &far, &shoulder);
    let sign = graph.node("Sign", &[&q]);
    let outer = graph.node("Mul", &[&z, &sign]);

    let magnitude = graph.node("Abs", &[&q]);
    let border = graph.double(0.425);
    let is_outside = graph.node("Greater", &[&magnitude, &border]);
    graph.choose(&is_outside, &outer, &centre)
}

fn ratio(graph: &mut GraphBuilder, [above, below]: [[f64; 8]; 2], r: &Value) -> Value {
    let above = graph.polynomial(&above, r);
    let below = graph.polynomial(&below, r);
    graph.node("Div", &[&above, &below])
}

/// p(t) as a polynomial of s = scale · t + shift in [−1, 1], highest power first.
struct Interpolation {
    scale: f64,
    shift: f64,
    coefficients: Vec<f64>,
}

impl Interpolation {
    fn new() -> Self {
        let low = 2.0 / (2.0 + LARGEST * FRAC_1_SQRT_2);
        let (scale, shift) = (2.0 / (1.0 - low), -(1.0 + low) / (1.0 - low));
        let value = |s: f64| {
            let t = (s - shift) / scale;
            let x = 2.0 / t - 2.0;
            libm::log(libm::erfc(x) / t) + x * x
        };
        let points = DEGREE + 1;
        let node = |k: usize| (PI * (k as f64 + 0.5) / points as f64).cos();
        let chebyshev = |j: usize| {
            let sum: f64 = (0..points)
                .map(|k| value(node(k)) * (PI * j as f64 * (k as f64 + 0.5) / points as f64).cos())
                .sum();
            if j == 0 { sum / points as f64 } else { 2.0 * sum / points as f64 }
        };
        // T₀ = 1, T₁ = s, T_{j+1} = 2 s T_j − T_{j−1}, lowest power first.
        let mut coefficients = vec![0.0; points];
        let (mut before, mut current) = (vec![0.0; points], vec![0.0; points]);
        current[0] = 1.0;
        for j in 0..points {
            let weight = chebyshev(j);
            coefficients.iter_mut().zip(&current).for_each(|(c, t)| *c += weight * t);
            let factor = if j == 0 { 1.0 } else { 2.0 };
            let mut next: Vec<f64> = before.iter().map(|t| -t).collect();
            for power in 1..points {
                next[power] += factor * current[power - 1];
            }
            before = std::mem::replace(&mut current, next);
        }
        coefficients.reverse();
        Self { scale, shift, coefficients }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also guards the powers of the polynomial, which get large.
    #[test]
    fn the_interpolation_is_the_error_function() {
        let interpolation = Interpolation::new();
        for k in 0..=600 {
            let x = f64::from(k) * 0.01 * LARGEST * FRAC_1_SQRT_2 / 6.0;
            let t = 2.0 / (2.0 + x);
            let s = t * interpolation.scale + interpolation.shift;
            let p = interpolation.coefficients.iter().fold(0.0, |sum, c| sum * s + c);
            let found = t * (p - x * x).exp();
            approx::assert_relative_eq!(found, libm::erfc(x), max_relative = 1e-11);
        }
    }
}
