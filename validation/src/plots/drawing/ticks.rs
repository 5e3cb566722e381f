//! Where an axis has its ticks and what stands beside them.

/// A tick; minor ticks and some major ones have no label.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    pub value: f64,
    pub major: bool,
    pub label: Option<String>,
}

/// Ticks of an axis and the power of ten that its labels leave out.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticks {
    pub ticks: Vec<Tick>,
    /// Labels are in units of 10^exponent.
    pub exponent: i32,
}

impl Ticks {
    /// How many ticks have a label.
    fn labels(&self) -> usize {
        self.ticks.iter().filter(|tick| tick.label.is_some()).count()
    }
}

/// Ticks at multiples of 1, 2 or 5 times a power of ten, about `target` of them labelled and two at
/// least.
///
/// Needs finite `low < high`.
#[must_use]
pub fn linear(low: f64, high: f64, target: usize) -> Ticks {
    let finer = (target.max(2)..target + 6).map(|target| linear_steps(low, high, target));
    let mut choices = finer.skip_while(|ticks| ticks.labels() < 2);
    choices.next().unwrap_or_else(|| linear_steps(low, high, target))
}

fn linear_steps(low: f64, high: f64, target: usize) -> Ticks {
    let (step, divisions) = linear_step((high - low) / count_f64(target.max(1)));
    let largest = low.abs().max(high.abs());
    let magnitude = floor_log10(largest);
    let exponent = if (-2..5).contains(&magnitude) { 0 } else { magnitude };
    let unit = 10_f64.powi(exponent);
    let decimals = usize::try_from(-floor_log10(step / unit)).unwrap_or(0);
    let minor = step / count_f64(divisions);
    let slack = 1e-9 * (high - low);
    let first = ((low - slack) / minor).ceil();
    let mut ticks = Vec::new();
    // The number of minor ticks is bounded by the choice of the step: at most 5 × 2.5 × target.
    for n in 0..=20 * target.max(1) {
        let index = first + count_f64(n);
        let value = index * minor;
        if value > high + slack {
            break;
        }
        let major = index.rem_euclid(count_f64(divisions)) == 0.0;
        let label = major.then(|| minus_sign(&format!("{:.decimals$}", clean_zero(value / unit))));
        ticks.push(Tick { value, major, label });
    }
    Ticks { ticks, exponent }
}

/// Decade ticks, with labels at 2 and 5 where there are fewer than three labelled decades.
///
/// Needs `0 < low < high`; `target` is the number of labels that there is room for.
#[must_use]
pub fn logarithmic(low: f64, high: f64, target: usize) -> Ticks {
    let (first, last) = (low.log10().floor(), high.log10().ceil());
    let decades = high.log10() - low.log10();
    let labels_at = |stride: f64| {
        1.0 + (high.log10() / stride + 1e-9).floor() - (low.log10() / stride - 1e-9).ceil()
    };
    let mut stride = (decades / count_f64(target.max(1))).ceil().max(1.0);
    while stride > 1.0 && labels_at(stride) < 2.0 {
        stride -= 1.0;
    }
    let inside = |value: f64| value >= low * (1.0 - 1e-9) && value <= high * (1.0 + 1e-9);
    let few = decades < 3.0 && labels_at(stride) < 3.0;
    let mut ticks = Vec::new();
    let mut decade = first;
    while decade <= last {
        let labelled = decade.rem_euclid(stride) == 0.0;
        for multiple in 1..10_u8 {
            let value = f64::from(multiple) * 10_f64.powf(decade);
            let major = multiple == 1 && (labelled || decades <= 12.0);
            if !inside(value) || !(major || decades <= 6.0) {
                continue;
            }
            let has_label = (multiple == 1 && labelled) || (few && matches!(multiple, 2 | 5));
            let label = has_label.then(|| power_label(multiple, decade));
            ticks.push(Tick { value, major: major || label.is_some(), label });
        }
        decade += 1.0;
    }
    let ticks = Ticks { ticks, exponent: 0 };
    if ticks.labels() >= 2 { ticks } else { linear(low, high, target) }
}

/// Round values with about the same distance to each other where the axis is compressed by a square
/// root: from the largest down, at least `gap` apart in √value.
#[must_use]
pub fn square_root(high: f64, gap: f64) -> Ticks {
    let mut labelled = vec![];
    let mut last = f64::INFINITY;
    let mut decade = floor_log10(high);
    while decade >= floor_log10(high) - 4 {
        for multiple in [5.0, 2.0, 1.0] {
            let value = multiple * 10_f64.powi(decade);
            if value > high * (1.0 + 1e-9) {
                continue;
            }
            if last - value.sqrt() >= gap && value.sqrt() >= gap {
                last = value.sqrt();
                labelled.push(value);
            }
        }
        decade -= 1;
    }
    labelled.push(0.0);
    labelled.reverse();
    let mut ticks = vec![];
    for (index, &value) in labelled.iter().enumerate() {
        ticks.push(Tick { value, major: true, label: Some(plain(value)) });
        // Minor ticks in steps of the leading digit's unit, up to the next label or the end.
        let next = labelled.get(index + 1).copied().unwrap_or(high * (1.0 + 1e-9));
        let step = |from: f64| if from > 0.0 { 10_f64.powi(floor_log10(from)) } else { next };
        let mut minor = value + step(value);
        while minor < next * (1.0 - 1e-9) || (minor <= next && index + 1 == labelled.len()) {
            ticks.push(Tick { value: minor, major: false, label: None });
            minor += step(minor);
        }
    }
    Ticks { ticks, exponent: 0 }
}

/// A number with three significant digits, as it is written in figures and tables.
///
/// Powers of ten are in the notation of labels, `10^{−3}`; what is not finite is `n/a`.
#[must_use]
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return "n/a".to_owned();
    }
    let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
    let magnitude = floor_log10(rounded.abs());
    if rounded == 0.0 {
        "0".to_owned()
    } else if (-3..5).contains(&magnitude) {
        let decimals = usize::try_from(2 - magnitude).unwrap_or(0);
        minus_sign(&format!("{rounded:.decimals$}"))
    } else {
        let mantissa = rounded / 10_f64.powi(magnitude);
        minus_sign(&format!("{mantissa:.1}×10^{{{magnitude}}}"))
    }
}

/// A value with its error, both to the second significant digit of the error: `0.800 ± 0.040`.
///
/// Without an error that is a positive number, the value alone.
#[must_use]
pub fn with_error(value: f64, error: f64) -> String {
    if !(value.is_finite() && error.is_finite() && error > 0.0) {
        return number(value);
    }
    let rounded: f64 = format!("{error:.1e}").parse().unwrap_or(error);
    let last = floor_log10(rounded) - 1;
    let magnitude = floor_log10(value.abs().max(rounded));
    if (-5..5).contains(&magnitude) && last >= -7 {
        let decimals = usize::try_from(-last).unwrap_or(0);
        minus_sign(&format!("{value:.decimals$} ± {error:.decimals$}"))
    } else {
        let unit = 10_f64.powi(magnitude);
        let decimals = usize::try_from(magnitude - last).unwrap_or(0).min(6);
        let (value, error) = (value / unit, error / unit);
        minus_sign(&format!("({value:.decimals$} ± {error:.decimals$})×10^{{{magnitude}}}"))
    }
}

/// The shortest decimal form of a value, with a minus sign.
#[must_use]
pub fn plain(value: f64) -> String {
    minus_sign(&format!("{}", format!("{value:.6e}").parse::<f64>().unwrap_or(value)))
}

/// An integer with thin spaces between groups of three digits.
#[must_use]
pub fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

fn power_label(multiple: u8, decade: f64) -> String {
    let value = f64::from(multiple) * 10_f64.powf(decade);
    if (-1.0..=1.0).contains(&decade) && (multiple != 1 || decade >= 0.0)
        || decade == 2.0 && multiple != 1
    {
        return plain(value);
    }
    let power = minus_sign(&format!("10^{{{decade}}}"));
    if multiple == 1 { power } else { format!("{multiple}×{power}") }
}

/// The round step nearest to `raw` for major ticks, and the number of minor steps in it.
fn linear_step(raw: f64) -> (f64, usize) {
    let power = 10_f64.powf(raw.log10().floor());
    let (multiple, divisions) = match raw / power {
        share if share < 1.5 => (1.0, 5),
        share if share < 3.0 => (2.0, 4),
        share if share < 7.0 => (5.0, 5),
        _ => (10.0, 5),
    };
    (multiple * power, divisions)
}

#[expect(clippy::cast_possible_truncation, reason = "exponents of f64 fit into i32")]
fn floor_log10(value: f64) -> i32 {
    if value > 0.0 { (value.log10() + 1e-12).floor() as i32 } else { 0 }
}

#[expect(clippy::cast_precision_loss, reason = "counts of ticks are small")]
fn count_f64(count: usize) -> f64 {
    count as f64
}

fn clean_zero(value: f64) -> f64 {
    if value.abs() < 1e-12 { 0.0 } else { value }
}

fn minus_sign(text: &str) -> String {
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(ticks: &Ticks) -> Vec<&str> {
        ticks.ticks.iter().filter_map(|tick| tick.label.as_deref()).collect()
    }

    #[test]
    fn linear_labels() {
        assert_eq!(labels(&linear(0.5, 1.5, 2)), ["0.5", "1.0", "1.5"]);
        assert_eq!(labels(&linear(0.17, 0.384, 7)), ["0.20", "0.25", "0.30", "0.35"]);
        assert_eq!(labels(&linear(-100.0, 100.0, 5)), ["−100", "−50", "0", "50", "100"]);
        let small = linear(0.0, 2.3e-4, 4);
        assert_eq!((labels(&small), small.exponent), (vec!["0.0", "0.5", "1.0", "1.5", "2.0"], -4));
    }

    #[test]
    fn decades_have_powers_and_short_ranges_have_twos_and_fives() {
        assert_eq!(labels(&logarithmic(0.5, 2e3, 6)), ["1", "10", "10^{2}", "10^{3}"]);
        assert_eq!(labels(&logarithmic(1e-3, 0.2, 6)).first(), Some(&"10^{−3}"));
        assert_eq!(labels(&logarithmic(0.25, 9.0, 6)), ["0.5", "1", "2", "5"]);
        assert_eq!(labels(&logarithmic(6.0, 8.0, 4)), ["6.0", "6.5", "7.0", "7.5", "8.0"]);
        assert_eq!(labels(&logarithmic(1e-12, 1.0, 4)).len(), 5);
        // Every second decade would leave one label.
        assert_eq!(labels(&logarithmic(4.4e-4, 0.91, 3)), ["10^{−3}", "10^{−2}", "10^{−1}"]);
    }

    #[test]
    fn square_root_ticks_keep_their_distance() {
        assert_eq!(labels(&square_root(400.0, 4.0)), ["0", "20", "100", "200"]);
    }

    #[test]
    fn numbers_are_written_with_three_digits() {
        let cases = [(0.0, "0"), (0.012_345, "0.0123"), (-1.5, "−1.50"), (4.56e-7, "4.6×10^{−7}")];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
        assert_eq!(number(f64::NAN), "n/a");
        assert_eq!(number(9.999), "10.0");
        assert_eq!(with_error(0.8, 0.0401), "0.800 ± 0.040");
        assert_eq!(with_error(-12.3456, 1.26), "−12.3 ± 1.3");
        assert_eq!(with_error(1234.5, 210.0), "1234 ± 210");
        assert_eq!(with_error(1.5e-7, 3e-9), "(1.500 ± 0.030)×10^{−7}");
        assert_eq!(with_error(1.5, f64::NAN), "1.50");
        assert_eq!(grouped(1_234_567), "1\u{a0}234\u{a0}567");
    }

    proptest! {
        #[test]
        fn ticks_are_sorted_within_the_axis_and_labels_differ(
            low in -1e6..1e6_f64, log_span in -3.0..6.0_f64, target in 2..9_usize,
        ) {
            let high = low + 10_f64.powf(log_span);
            let found = linear(low, high, target);
            let slack = 1e-6 * (high - low);
            prop_assert!(found.ticks.windows(2).all(|pair| pair[0].value < pair[1].value));
            prop_assert!(found.ticks.iter().all(|t| t.value > low - slack && t.value < high + slack));
            let count = labels(&found).len();
            prop_assert!((2..=3 * target + 1).contains(&count), "{} labels", count);
        }

        #[test]
        fn logarithmic_axes_have_two_labels_at_least(
            log_low in -12.0..8.0_f64, span in 0.05..14.0_f64, target in 3..9_usize,
        ) {
            let (low, high) = (10_f64.powf(log_low), 10_f64.powf(log_low + span));
            let found = logarithmic(low, high, target);
            prop_assert!(found.ticks.windows(2).all(|pair| pair[0].value < pair[1].value));
            let count = labels(&found).len();
            prop_assert!((2..=3 * target + 1).contains(&count), "{} labels", count);
        }
    }
}
