use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A range in which a condition is drawn for each event, as a user writes it: `A..B`, with `:log`
/// or `:lin` behind it.
///
/// For u uniform in [0, 1) the value is a + (b − a) u, or, uniform in the logarithm, a (b/a)^u.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampledRange {
    low: f64,
    high: f64,
    spread: Spread,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    Linear,
    Logarithmic,
}

#[derive(Debug, Error, PartialEq)]
pub enum RangeError {
    #[error(
        "`{0}` is not a range; expected such as `1000..65000`, with `:log` or `:lin` behind it"
    )]
    Unreadable(String),

    #[error("the range `{0}` does not go from a smaller finite number to a larger one")]
    Order(String),

    #[error("the range `{0}` does not begin above 0")]
    NotPositive(String),
}

impl SampledRange {
    /// # Errors
    /// The text is no range of finite numbers, or a logarithmic one does not begin above 0.
    pub fn parse(text: &str, default: Spread) -> Result<Self, RangeError> {
        let unreadable = || RangeError::Unreadable(text.to_owned());
        let (range, spread) = match text.split_once(':') {
            None => (text, default),
            Some((range, "log")) => (range, Spread::Logarithmic),
            Some((range, "lin")) => (range, Spread::Linear),
            Some(_) => return Err(unreadable()),
        };
        let (low, high) = range.split_once("..").ok_or_else(unreadable)?;
        let number = |text: &str| text.trim().parse::<f64>().map_err(|_| unreadable());
        let (low, high) = (number(low)?, number(high)?);
        if !(low < high && (high - low).is_finite()) {
            return Err(RangeError::Order(text.to_owned()));
        }
        if spread == Spread::Logarithmic && low <= 0.0 {
            return Err(RangeError::NotPositive(text.to_owned()));
        }
        Ok(Self { low, high, spread })
    }

    pub fn low(&self) -> f64 {
        self.low
    }

    pub fn high(&self) -> f64 {
        self.high
    }

    /// The value for a uniform number of [0, 1).
    ///
    /// ```
    /// # use showerforge::generate::{SampledRange, Spread};
    /// let range = SampledRange::parse("10..1000", Spread::Logarithmic)?;
    /// assert!((range.value(0.5) - 100.0).abs() < 1e-9);
    /// # Ok::<(), showerforge::generate::RangeError>(())
    /// ```
    pub fn value(&self, uniform: f64) -> f64 {
        let Self { low, high, spread } = *self;
        let value = match spread {
            Spread::Linear => low + (high - low) * uniform,
            // Of `libm`, so that it is the same on every machine.
            Spread::Logarithmic => low * libm::exp(uniform * libm::log(high / low)),
        };
        value.clamp(low, high)
    }
}

impl fmt::Display for SampledRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spread = match self.spread {
            Spread::Linear => "lin",
            Spread::Logarithmic => "log",
        };
        write!(f, "{}..{}:{spread}", self.low, self.high)
    }
}

/// Incident energies in MeV that are drawn from a range: uniform in the logarithm, unless `:lin`
/// stands behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampledEnergies(SampledRange);

impl SampledEnergies {
    pub fn range(&self) -> SampledRange {
        self.0
    }
}

impl FromStr for SampledEnergies {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let range = SampledRange::parse(text, Spread::Logarithmic)?;
        if range.low > 0.0 {
            Ok(Self(range))
        } else {
            Err(RangeError::NotPositive(text.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_uniform_in_what_was_asked_for() {
        let log: SampledEnergies = "256..8192".parse().expect("a range");
        assert_eq!(log.range().value(0.0), 256.0);
        approx::assert_relative_eq!(log.range().value(0.2), 512.0, max_relative = 1e-12);
        assert!(log.range().value(1.0 - f64::EPSILON) <= 8192.0);
        let lin: SampledEnergies = "1000..3000:lin".parse().expect("a range");
        assert_eq!(lin.range().value(0.25), 1500.0);
        assert_eq!(lin.range().to_string(), "1000..3000:lin");
        assert_eq!(log.range().to_string(), "256..8192:log");
    }

    #[test]
    fn what_is_no_range_is_refused() {
        let error = |text: &str| text.parse::<SampledEnergies>().expect_err(text);
        for text in ["1000", "1..2:exp", "a..b", "1..", "2^8..2^13"] {
            assert!(matches!(error(text), RangeError::Unreadable(_)), "{text}");
        }
        for text in ["5..5", "9..3", "1..inf", "NaN..2", "-1e308..1e308:lin"] {
            assert!(matches!(error(text), RangeError::Order(_)), "{text}");
        }
        for text in ["0..5", "-2..5", "0..5:lin"] {
            assert!(matches!(error(text), RangeError::NotPositive(_)), "{text}");
        }
    }
}
