use std::fmt;

/// What can go wrong with a training itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// A loss, or a difference of scores, is NaN or infinite.
    Loss { quantity: String },
    /// A weight is NaN or infinite.
    Weight { network: String, parameter: String },
    /// A critic's loss or score difference is far out of what it was.
    Growth { critic: String, quantity: &'static str, value: f64, median: f64 },
    /// The generator makes the same event whatever its noise is.
    Collapse { variance_ratio: f64, limit: f64 },
}

impl Trouble {
    /// A name for machines.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Loss { .. } => "loss-not-a-number",
            Self::Weight { .. } => "weight-not-a-number",
            Self::Growth { .. } => "critic-divergence",
            Self::Collapse { .. } => "generator-collapse",
        }
    }

    /// What a user can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Loss { .. } | Self::Weight { .. } | Self::Growth { .. } => {
                "try a lower `learning_rate`, a higher penalty `weight`, or `safety.on_divergence = \"roll-back\"`"
            }
            Self::Collapse { .. } => {
                "try a lower `learning_rate` of the generator, more `critic_steps`, or `safety.on_divergence = \"roll-back\"`"
            }
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loss { quantity } => write!(f, "{quantity} is not a number"),
            Self::Weight { network, parameter } => {
                write!(f, "`{parameter}` of {network} holds values that are not numbers")
            }
            Self::Growth { critic, quantity, value, median } => write!(
                f,
                "the {quantity} of critic `{critic}` is {}, while its median size was {}",
                number(*value),
                number(*median)
            ),
            Self::Collapse { variance_ratio, limit } => write!(
                f,
                "the generator has collapsed: at fixed conditions its events vary {} times as much as the data's, below the limit of {limit}",
                number(*variance_ratio)
            ),
        }
    }
}

fn number(value: f64) -> String {
    if (0.001..1e5).contains(&value.abs()) {
        format!("{value:.4}").trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{value:.3e}")
    }
}
