use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How far a training is: all that a schedule depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Iterations done.
    pub iteration: u64,
    /// Iterations of the whole training.
    pub iterations: u64,
}

impl Progress {
    /// The share of the training that is done.
    pub fn share(self) -> f64 {
        self.iteration as f64 / self.iterations.max(1) as f64
    }
}

/// A number that may change in the course of a training: a learning rate, the weight λ of a
/// penalty, the deviation of instance noise. In the settings a number, or a table.
///
/// With t the iteration and s the part of the way from `from` to `until` (shares of the training,
/// 0 and 1 where left out) that is done:
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Schedule {
    Constant(f64),
    Changing(Change),
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Change {
    /// start + (end − start) s
    Linear {
        start: f64,
        end: f64,
        #[serde(default)]
        from: f64,
        #[serde(default = "one")]
        until: f64,
    },
    /// start (end / start)ˢ; both positive.
    Geometric {
        start: f64,
        end: f64,
        #[serde(default)]
        from: f64,
        #[serde(default = "one")]
        until: f64,
    },
    /// end + (start − end) (1 + cos πs) / 2 (arXiv:1608.03983, without restarts)
    Cosine {
        start: f64,
        end: f64,
        #[serde(default)]
        from: f64,
        #[serde(default = "one")]
        until: f64,
    },
    /// start · factor^(t / every)
    Exponential { start: f64, factor: f64, every: f64 },
    /// end · (2/π) atan(t / scale), as the RICH GAN's λ (arXiv:1905.11825)
    Arctangent { end: f64, scale: f64 },
}

fn one() -> f64 {
    1.0
}

impl Schedule {
    /// The value at a point of the training.
    ///
    /// ```
    /// use showerforge::gan::{Change, Progress, Schedule};
    /// let rate = Change::Linear { start: 4e-4, end: 2e-4, from: 0.5, until: 1.0 };
    /// let at = |iteration| Schedule::Changing(rate).at(Progress { iteration, iterations: 100 });
    /// assert_eq!(at(50), 4e-4);
    /// assert!((at(75) - 3e-4).abs() < 1e-12);
    /// assert!((at(100) - 2e-4).abs() < 1e-12);
    /// ```
    pub fn at(&self, progress: Progress) -> f64 {
        let change = match *self {
            Self::Constant(value) => return value,
            Self::Changing(change) => change,
        };
        let part = |from: f64, until: f64| {
            ((progress.share() - from) / (until - from).max(f64::MIN_POSITIVE)).clamp(0.0, 1.0)
        };
        let t = progress.iteration as f64;
        match change {
            Change::Linear { start, end, from, until } => start + (end - start) * part(from, until),
            Change::Geometric { start, end, from, until } => {
                start * (end / start).powf(part(from, until))
            }
            Change::Cosine { start, end, from, until } => {
                let angle = std::f64::consts::PI * part(from, until);
                end + (start - end) * 0.5 * (1.0 + angle.cos())
            }
            Change::Exponential { start, factor, every } => start * factor.powf(t / every),
            Change::Arctangent { end, scale } => {
                end * std::f64::consts::FRAC_2_PI * (t / scale).atan()
            }
        }
    }

    /// All values are finite, none is negative, and the shares of the training are in order.
    ///
    /// # Errors
    /// What is wrong, as a fragment of a sentence.
    pub fn check(&self, largest: f64) -> Result<(), String> {
        let value = |name: &str, value: f64| {
            if (0.0..=largest).contains(&value) {
                Ok(())
            } else {
                Err(format!("{name} {value}, expected 0 to {largest}"))
            }
        };
        let positive = |name: &str, value: f64| {
            if value.is_finite() && value > 0.0 {
                Ok(())
            } else {
                Err(format!("{name} {value}, expected a positive number"))
            }
        };
        let change = match *self {
            Self::Constant(constant) => return value("the value", constant),
            Self::Changing(change) => change,
        };
        match change {
            Change::Linear { start, end, from, until }
            | Change::Cosine { start, end, from, until }
            | Change::Geometric { start, end, from, until } => {
                value("`start`", start)?;
                value("`end`", end)?;
                if matches!(change, Change::Geometric { .. }) {
                    positive("`start`", start)?;
                    positive("`end`", end)?;
                }
                if from >= 0.0 && from < until && until <= 1.0 {
                    Ok(())
                } else {
                    Err(format!(
                        "`from` {from} and `until` {until}, expected 0 <= from < until <= 1"
                    ))
                }
            }
            Change::Exponential { start, factor, every } => {
                value("`start`", start)?;
                positive("`factor`", factor)?;
                positive("`every`", every)
            }
            Change::Arctangent { end, scale } => {
                value("`end`", end)?;
                positive("`scale`", scale)
            }
        }
    }
}

impl From<f64> for Schedule {
    fn from(value: f64) -> Self {
        Self::Constant(value)
    }
}

impl Serialize for Schedule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Constant(value) => serializer.serialize_f64(*value),
            Self::Changing(change) => change.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Schedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrTable)
    }
}

/// By hand, since the messages of serde's untagged enums do not say what is wrong.
struct NumberOrTable;

impl<'de> Visitor<'de> for NumberOrTable {
    type Value = Schedule;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or a table with `kind`")
    }

    fn visit_f64<E>(self, value: f64) -> Result<Schedule, E> {
        Ok(Schedule::Constant(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Schedule, E> {
        Ok(Schedule::Constant(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Schedule, E> {
        Ok(Schedule::Constant(value as f64))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Schedule, A::Error> {
        Change::deserialize(MapAccessDeserializer::new(map))
            .map(Schedule::Changing)
            .map_err(A::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Holder {
        rate: Schedule,
    }

    fn read(text: &str) -> Result<Schedule, String> {
        toml::from_str::<Holder>(text).map(|h| h.rate).map_err(|e| e.to_string())
    }

    fn at(text: &str, iteration: u64) -> f64 {
        read(text).expect(text).at(Progress { iteration, iterations: 1000 })
    }

    #[test]
    fn values_of_each_kind() {
        assert_eq!(at("rate = 3", 7), 3.0);
        approx::assert_relative_eq!(
            at("rate = { kind = 'cosine', start = 2.0, end = 1.0 }", 500),
            1.5
        );
        let geometric = "rate = { kind = 'geometric', start = 1.0, end = 0.01, until = 0.5 }";
        approx::assert_relative_eq!(at(geometric, 250), 0.1, epsilon = 1e-12);
        approx::assert_relative_eq!(at(geometric, 900), 0.01, epsilon = 1e-12);
        // The learning rate and the penalty's weight of the RICH GAN after 200 and 10,000 steps.
        let exponential =
            "rate = { kind = 'exponential', start = 1e-3, factor = 0.98, every = 200 }";
        approx::assert_relative_eq!(at(exponential, 200), 9.8e-4, epsilon = 1e-12);
        let arctangent = "rate = { kind = 'arctangent', end = 20.0, scale = 1e4 }";
        approx::assert_relative_eq!(at(arctangent, 10_000), 10.0, epsilon = 1e-12);
        assert_eq!(at(arctangent, 0), 0.0);
    }

    #[test]
    fn what_is_written_is_read_back() {
        for rate in [
            Schedule::Constant(0.5),
            Schedule::Changing(Change::Exponential { start: 1.0, factor: 0.5, every: 10.0 }),
        ] {
            let holder = Holder { rate };
            let text = toml::to_string(&holder).expect("plain values");
            assert_eq!(toml::from_str::<Holder>(&text).expect("just written"), holder);
        }
    }

    #[test]
    fn mistakes_are_named() {
        let message = read("rate = 'fast'").expect_err("text");
        assert!(message.contains("a number, or a table with `kind`"), "{message}");
        let message = read("rate = { kind = 'lineal', start = 1.0 }").expect_err("kind");
        assert!(message.contains("unknown variant `lineal`"), "{message}");
        let message = read("rate = { kind = 'linear', start = 1.0 }").expect_err("end");
        assert!(message.contains("missing field `end`"), "{message}");
        let negative = Schedule::Constant(-1.0).check(10.0).expect_err("negative");
        assert_eq!(negative, "the value -1, expected 0 to 10");
        assert!(Schedule::Constant(f64::NAN).check(10.0).is_err());
        let backwards = Change::Linear { start: 1.0, end: 0.0, from: 0.6, until: 0.2 };
        assert!(Schedule::Changing(backwards).check(10.0).is_err());
    }
}
