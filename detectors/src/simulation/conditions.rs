//! Conditions of events, drawn or given.

use super::random::Random;
use crate::condition::{Condition, ConditionKind};
use crate::{Detector, Scale};

/// How one condition is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Draw {
    Uniform {
        minimum: f64,
        maximum: f64,
    },
    LogUniform {
        minimum: f64,
        maximum: f64,
    },
    OneOf(Vec<f64>),
    /// 0 … count − 1.
    Category(usize),
    /// A gamma number, rounded down and kept in a range.
    Count {
        mean: f64,
        shape: f64,
        minimum: f64,
        maximum: f64,
    },
}

impl Draw {
    /// Over the whole range of a condition: uniform, in its logarithm if its scale is logarithmic.
    /// `None` for images.
    pub fn over_range_of(condition: &Condition) -> Option<Self> {
        match &condition.kind {
            ConditionKind::Number { minimum, maximum, scale } => Some(match scale {
                Scale::Linear => Self::Uniform { minimum: *minimum, maximum: *maximum },
                Scale::Logarithmic => Self::LogUniform { minimum: *minimum, maximum: *maximum },
            }),
            ConditionKind::Category(names) => Some(Self::Category(names.len())),
            ConditionKind::Image(_) => None,
        }
    }

    pub fn draw(&self, random: &mut Random) -> f64 {
        match self {
            Self::Uniform { minimum, maximum } => random.uniform_in(*minimum, *maximum),
            Self::LogUniform { minimum, maximum } => {
                let log = random.uniform_in(libm::log(*minimum), libm::log(*maximum));
                libm::exp(log).clamp(*minimum, *maximum)
            }
            Self::OneOf(values) => values[random.index(values.len())],
            Self::Category(count) => random.index(*count) as f64,
            Self::Count { mean, shape, minimum, maximum } => {
                (random.gamma(*shape) * mean / shape).clamp(*minimum, *maximum).floor()
            }
        }
    }
}

/// The draw of each condition that takes one column.
pub(super) fn draws(detector: &Detector) -> Vec<Draw> {
    detector.conditions().iter().filter_map(Draw::over_range_of).collect()
}

/// The column and the range of the number `name` among the conditions.
///
/// # Errors
/// There is no such number, as a fragment of a message.
pub(super) fn number(detector: &Detector, name: &str) -> Result<(usize, [f64; 2]), String> {
    detector
        .conditions()
        .iter()
        .find_map(|condition| match condition.kind {
            ConditionKind::Number { minimum, maximum, .. } if condition.name == name => {
                Some((condition.first_column, [minimum, maximum]))
            }
            _ => None,
        })
        .ok_or_else(|| format!("its simulation needs a condition `{name}` that is a number"))
}

/// The column and the categories of `name` among the conditions.
///
/// # Errors
/// There is no such category, as a fragment of a message.
pub(super) fn category<'a>(
    detector: &'a Detector,
    name: &str,
) -> Result<(usize, &'a [String]), String> {
    detector
        .conditions()
        .iter()
        .find_map(|condition| match &condition.kind {
            ConditionKind::Category(names) if condition.name == name => {
                Some((condition.first_column, &names[..]))
            }
            _ => None,
        })
        .ok_or_else(|| format!("its simulation needs a condition `{name}` with categories"))
}
