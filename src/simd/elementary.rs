//! Elementary functions on 32-bit floats, made of nothing but operations that every machine rounds
//! alike (+, −, ×, ÷, √ and fused multiply-add), so that a loop over them gives the same bits with
//! any vector instructions. Polynomials as in the Cephes library (S. Moshier, netlib.org/cephes);
//! errors against 64-bit functions are in the tests.

/// Added to a float of up to 2²² in size, it leaves a whole number in the low bits.
const ROUND: f32 = 12_582_912.0;
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// eˣ; constant beyond ± 87.3, where it would leave the normal numbers.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let x = if x > 88.0 { 88.0 } else { x };
    let x = if x < -87.3 { -87.3 } else { x };
    // x = n ln 2 + r, |r| ≤ ln 2 / 2
    let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = n.mul_add(-LN_2_HIGH, x);
    let r = n.mul_add(-LN_2_LOW, r);
    let p = 1.987_569_1e-4_f32
        .mul_add(r, 1.398_2e-3)
        .mul_add(r, 8.333_452e-3)
        .mul_add(r, 4.166_579_6e-2)
        .mul_add(r, 1.666_666_5e-1)
        .mul_add(r, 0.5);
    let y = (p * r).mul_add(r, r) + 1.0;
    // 2ⁿ by the exponent's bits.
    y * f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000))
}

/// ln x for positive normal x.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    let bits = x.to_bits();
    // Mantissa in [√½, √2).
    let exponent = bits.wrapping_sub(0x3f35_04f3) as i32 >> 23;
    let m = f32::from_bits(bits.wrapping_sub((exponent << 23) as u32)) - 1.0;
    let e = exponent as f32;
    let z = m * m;
    let p = 7.037_683_6e-2_f32
        .mul_add(m, -1.151_461e-1)
        .mul_add(m, 1.167_699_9e-1)
        .mul_add(m, -1.242_014_1e-1)
        .mul_add(m, 1.424_932_3e-1)
        .mul_add(m, -1.666_805_7e-1)
        .mul_add(m, 2.000_071_5e-1)
        .mul_add(m, -2.499_999_4e-1)
        .mul_add(m, 3.333_333e-1);
    let y = (p * m) * z;
    let y = e.mul_add(LN_2_LOW, y);
    let y = (-0.5_f32).mul_add(z, y);
    e.mul_add(LN_2_HIGH, m + y)
}

/// (sin 2πu, cos 2πu) for u in [0, 1].
#[inline(always)]
pub fn sin_cos_turns(u: f32) -> (f32, f32) {
    let shifted = u.mul_add(4.0, ROUND);
    // The angle from the nearest quarter turn, |t| ≤ π/4; the difference is exact.
    let t = (shifted - ROUND).mul_add(-0.25, u) * std::f32::consts::TAU;
    let z = t * t;
    let s = (-1.951_529_6e-4_f32).mul_add(z, 8.332_161e-3).mul_add(z, -1.666_665_5e-1);
    let s = (s * z).mul_add(t, t);
    let c = 2.443_315_7e-5_f32.mul_add(z, -1.388_731_6e-3).mul_add(z, 4.166_664_6e-2);
    let c = (c * z).mul_add(z, (-0.5_f32).mul_add(z, 1.0));
    let quarter = shifted.to_bits();
    let (a, b) = if quarter & 1 == 0 { (s, c) } else { (c, s) };
    // The signs are those of sine and cosine in the quadrant.
    let sin = f32::from_bits(a.to_bits() ^ ((quarter & 2) << 30));
    let cos = f32::from_bits(b.to_bits() ^ ((quarter.wrapping_add(1) & 2) << 30));
    (sin, cos)
}

/// Two independent normal numbers from two words of random bits (Box and Muller, 1958):
/// √(−2 ln u₁) (cos 2πu₂, sin 2πu₂), u₁ in (0, 1], u₂ in [0, 1), both in steps of 2⁻²⁴.
#[inline(always)]
pub fn normal_pair(words: [u32; 2]) -> (f32, f32) {
    let radius = (-2.0 * ln(1.0 - uniform(words[0]))).sqrt();
    let (sin, cos) = sin_cos_turns(uniform(words[1]));
    (radius * cos, radius * sin)
}

/// Uniform in [0, 1), in steps of 2⁻²⁴.
#[inline(always)]
pub fn uniform(word: u32) -> f32 {
    // As signed, which has a vector instruction everywhere.
    (word >> 8) as i32 as f32 * (1.0 / 16_777_216.0)
}

/// σ(x) = 1 / (1 + e⁻ˣ)
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let size = x.abs();
    let far = 1.0 - 2.0 / (exp(2.0 * size) + 1.0);
    let z = x * x;
    let near = (-5.704_988_7e-3_f32)
        .mul_add(z, 2.063_909e-2)
        .mul_add(z, -5.373_971_6e-2)
        .mul_add(z, 1.333_144_2e-1)
        .mul_add(z, -3.333_328e-1);
    let near = (near * z).mul_add(size, size);
    let size = if size < 0.625 { near } else { far };
    f32::from_bits(size.to_bits() | (x.to_bits() & 0x8000_0000))
}

/// x Φ(x), Φ the normal distribution function, by the approximation of erfc with a fractional error
/// below 1.2·10⁻⁷ (Numerical Recipes, 2nd ed., section 6.2).
#[inline(always)]
pub fn gelu(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / 0.5_f32.mul_add(z, 1.0);
    let p = 0.170_872_77_f32
        .mul_add(t, -0.822_152_23)
        .mul_add(t, 1.488_515_9)
        .mul_add(t, -1.135_204)
        .mul_add(t, 0.278_868_07)
        .mul_add(t, -0.186_288_06)
        .mul_add(t, 0.096_784_18)
        .mul_add(t, 0.374_091_96)
        .mul_add(t, 1.000_023_7)
        .mul_add(t, -1.265_512_2);
    // erfc(|x| / √2) / 2, the share beyond |x|.
    let tail = 0.5 * t * exp((-z).mul_add(z, p));
    x * if x < 0.0 { tail } else { 1.0 - tail }
}

/// xʸ for positive normal x.
#[inline(always)]
pub fn pow(x: f32, y: f32) -> f32 {
    exp(ln(x) * y)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest |f − exact| / size(exact) over the arguments.
    fn error(
        arguments: impl Iterator<Item = f32>,
        function: impl Fn(f32) -> f32,
        exact: impl Fn(f64) -> f64,
        size: impl Fn(f64) -> f64,
    ) -> f64 {
        arguments
            .map(|x| {
                let exact = exact(f64::from(x));
                (f64::from(function(x)) - exact).abs() / size(exact)
            })
            .fold(0.0, f64::max)
    }

    fn between(low: f32, high: f32) -> impl Iterator<Item = f32> {
        (0..=100_000).map(move |i| low + (high - low) * (i as f32 / 100_000.0))
    }

    fn absolute(value: f64) -> f64 {
        value.abs().max(1e-300)
    }

    #[test]
    fn errors_against_64_bits() {
        let of_exp = error(between(-87.0, 87.9), exp, f64::exp, absolute);
        assert!(of_exp < 1.5e-7, "{of_exp}");
        let of_ln = error(between(1e-30, 1e-3).chain(between(1e-3, 50.0)), ln, f64::ln, |v| {
            absolute(v).max(0.1)
        });
        assert!(of_ln < 1.5e-7, "{of_ln}");
        let turn = std::f64::consts::TAU;
        let sin = |u: f64| (turn * u).sin();
        let cos = |u: f64| (turn * u).cos();
        let of_sin = error(between(0.0, 1.0), |u| sin_cos_turns(u).0, sin, |_| 1.0);
        let of_cos = error(between(0.0, 1.0), |u| sin_cos_turns(u).1, cos, |_| 1.0);
        assert!(of_sin < 1.2e-7 && of_cos < 1.2e-7, "{of_sin} {of_cos}");
        let of_tanh = error(between(-12.0, 12.0), tanh, f64::tanh, |v| absolute(v).max(1e-30));
        assert!(of_tanh < 2.5e-7, "{of_tanh}");
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        let of_sigmoid = error(between(-80.0, 20.0), sigmoid, logistic, absolute);
        assert!(of_sigmoid < 3e-7, "{of_sigmoid}");
        let of_pow = error(
            between(1e-9, 1.0),
            |x| pow(x, 1.25),
            |x| x.powf(1.25),
            |v| absolute(v).max(1e-9),
        );
        assert!(of_pow < 3e-6, "{of_pow}");
    }

    #[test]
    fn gelu_is_x_by_the_normal_distribution() {
        let normal = |x: f64| 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
        // Relative to x Φ(x) as far as 32 bits go; far below, where both vanish, to 1e-9.
        let found = error(between(-9.0, 9.0), gelu, |x| x * normal(x), |v| absolute(v).max(1e-9));
        assert!(found < 4e-6, "{found}");
    }

    #[test]
    fn ends_and_what_is_not_a_number() {
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(500.0).is_finite() && exp(-500.0) > 0.0);
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(sin_cos_turns(0.0), (0.0, 1.0));
        assert_eq!(sin_cos_turns(0.25), (1.0, 0.0));
        assert_eq!(tanh(-50.0), -1.0);
        assert_eq!(gelu(0.0), 0.0);
        for function in [exp, sigmoid, tanh, gelu] {
            assert!(function(f32::NAN).is_nan());
        }
    }

    #[test]
    fn the_largest_radius_is_that_of_the_smallest_uniform_number() {
        let (cos, sin) = normal_pair([u32::MAX, 0]);
        assert!((cos - (2.0 * 24.0 * std::f32::consts::LN_2).sqrt()).abs() < 1e-6, "{cos}");
        assert_eq!(sin, 0.0);
        assert_eq!(normal_pair([0, 77]).0, 0.0);
    }
}
