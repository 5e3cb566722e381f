/// About `wanted` round numbers from `low` to `high`: multiples of 1, 2 or 5 times a power of ten.
pub fn ticks(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let span = high - low;
    if !(span.is_finite() && span > 0.0) {
        return vec![low];
    }
    let rough = span / wanted.max(1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    let step = step.into_iter().find(|step| *step >= rough).unwrap_or(10.0 * power);
    let first = (low / step).ceil() as i64;
    // A little more room, so that rounding does not lose the last.
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|number| number as f64 * step).collect()
}

/// The powers of ten from `low` to `high`; with fewer than two of them, 2 and 5 times them too; with
/// fewer than two of those, round numbers.
pub fn logarithmic_ticks(low: f64, high: f64) -> Vec<f64> {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let inside = |value: &f64| (low..=high).contains(value);
    let powers = || (first..=last).map(|power| 10_f64.powi(power));
    let found: Vec<f64> = powers().filter(inside).collect();
    if found.len() >= 2 {
        let stride = found.len().div_ceil(5);
        return found.into_iter().step_by(stride).collect();
    }
    let finer: Vec<f64> = powers()
        .flat_map(|power| [1.0, 2.0, 5.0].map(|factor| factor * power))
        .filter(inside)
        .collect();
    if finer.len() >= 2 { finer } else { ticks(low, high, 3) }
}

/// A number as short as it can be said: `0.02`, `1.5k`, `3M`, `2e-5`.
pub fn short(value: f64) -> String {
    let size = value.abs();
    let trimmed = |value: f64, digits: usize| {
        let text = format!("{value:.digits$}");
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    };
    match size {
        0.0 => "0".to_owned(),
        _ if !(1e-3..1e9).contains(&size) => {
            let power = size.log10().floor() as i32;
            format!("{}e{power}", trimmed(value / 10_f64.powi(power), 2))
        }
        _ if size >= 1e6 => format!("{}M", trimmed(value / 1e6, 2)),
        _ if size >= 1e4 => format!("{}k", trimmed(value / 1e3, 2)),
        _ if size >= 100.0 => trimmed(value, 0),
        _ if size >= 1.0 => trimmed(value, 2),
        _ => trimmed(value, 4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.0, 1000.0, 4), [0.0, 500.0, 1000.0]);
        assert_eq!(ticks(-0.3, 0.3, 3), [-0.2, 0.0, 0.2]);
        assert_eq!(ticks(5.0, 5.0, 3), [5.0]);
        assert_eq!(logarithmic_ticks(0.05, 20.0), [0.1, 1.0, 10.0]);
        assert_eq!(logarithmic_ticks(1.5, 6.0), [2.0, 5.0]);
        assert_eq!(logarithmic_ticks(11.0, 15.0), [12.0, 14.0]);
    }

    #[test]
    fn numbers_are_short() {
        let cases = [
            (0.0, "0"),
            (1500.0, "1500"),
            (15_000.0, "15k"),
            (2_500_000.0, "2.5M"),
            (-0.2, "-0.2"),
            (2e-5, "2e-5"),
            (12.345, "12.35"),
        ];
        for (value, expected) in cases {
            assert_eq!(short(value), expected);
        }
    }
}
