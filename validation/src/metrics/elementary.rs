//! exp and ln of many numbers at a time, in arithmetic that the compiler can put side by side in
//! vector registers: several times as fast as one call for each number, and the same on every
//! processor.

/// Adding and taking off 1.5 · 2⁵² rounds to a whole number, which the lowest bits then hold.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// The upper bits of ln 2, which times a whole number up to 2000 is exact, and the rest.
const LN_2_UPPER: f64 = 6.931_471_803_691_238e-1;
const LN_2_REST: f64 = 1.908_214_929_270_587_7e-10;
/// Below it a result is taken as 0: it would be below 10⁻³⁰⁴.
const LEAST: f64 = -700.0;

/// Puts exp(x) in place of each x, which is at most 700; 0 below −700.
pub(crate) fn exponentials(values: &mut [f64]) {
    for value in values {
        let x = value.max(LEAST);
        // x = n ln 2 + r with |r| ≤ ½ ln 2.
        let shifted = x * std::f64::consts::LOG2_E + ROUNDER;
        let n = shifted - ROUNDER;
        let r = (x - n * LN_2_UPPER) - n * LN_2_REST;
        // Taylor's series of exp r to r¹³ / 13!.
        let series = TAYLOR.iter().fold(1.0 / 6_227_020_800.0, |sum, factor| sum * r + factor);
        let result = f64::from_bits(series.to_bits().wrapping_add(shifted.to_bits() << 52));
        *value = if *value < LEAST { 0.0 } else { result };
    }
}

/// 1 / n! for n from 12 down to 0.
const TAYLOR: [f64; 13] = [
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
    1.0,
];

/// Puts ln x in place of each x, a normal number above 0.
pub(crate) fn logarithms(values: &mut [f64]) {
    /// The bits of √½, at which the mantissas are cut.
    const ROOT_OF_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
    const MANTISSA: u64 = (1 << 52) - 1;
    for value in values {
        // x = 2ⁿ m with √½ ≤ m < √2.
        let above = value.to_bits().wrapping_sub(ROOT_OF_HALF);
        let m = f64::from_bits((above & MANTISSA).wrapping_add(ROOT_OF_HALF));
        // The exponent n, of either sign, as a number: by the same trick as above.
        let exponent = (above.wrapping_add(1024 << 52) >> 52).wrapping_add(ROUNDER.to_bits());
        let n = f64::from_bits(exponent) - ROUNDER - 1024.0;
        // ln m = 2 artanh s = 2 (s + s³/3 + …), |s| < 0.172.
        let s = (m - 1.0) / (m + 1.0);
        let square = s * s;
        let series = ARTANH.iter().fold(1.0 / 21.0, |sum, factor| sum * square + factor);
        *value = n * LN_2_UPPER + (2.0 * s * series + n * LN_2_REST);
    }
}

/// 1 / (2 n + 1) for n from 9 down to 0.
const ARTANH: [f64; 10] = [
    1.0 / 19.0,
    1.0 / 17.0,
    1.0 / 15.0,
    1.0 / 13.0,
    1.0 / 11.0,
    1.0 / 9.0,
    1.0 / 7.0,
    1.0 / 5.0,
    1.0 / 3.0,
    1.0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_those_of_the_library() {
        let x: Vec<f64> = (-7000..=700).map(|i| f64::from(i) * 0.099_99 + 1e-3).collect();
        let mut found = x.clone();
        exponentials(&mut found);
        for (x, found) in x.iter().zip(&found) {
            approx::assert_relative_eq!(*found, libm::exp(*x), max_relative = 1e-15);
        }
        let mut ends = [0.0, -0.0, 1e-300, -700.1, -1e300, f64::NEG_INFINITY];
        exponentials(&mut ends);
        assert_eq!(ends, [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn logarithms_are_those_of_the_library() {
        let mut x: Vec<f64> = (-1000..=1000).map(|i| 2f64.powi(i) * 1.234_567).collect();
        x.extend((1..4000).map(|i| f64::from(i) / 1000.0));
        x.extend([1.0 + f64::EPSILON, 1.0 - f64::EPSILON / 2.0, f64::MIN_POSITIVE, f64::MAX]);
        let mut found = x.clone();
        logarithms(&mut found);
        for (x, found) in x.iter().zip(&found) {
            let expected = libm::log(*x);
            approx::assert_relative_eq!(*found, expected, max_relative = 1e-15, epsilon = 1e-17);
        }
    }
}
