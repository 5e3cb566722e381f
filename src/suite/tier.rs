use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a run costs, and on what kind of data it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Closed forms; no training to speak of.
    Exact,
    /// Points in a few dimensions: minutes on one core.
    Toys,
    /// Small images.
    Images,
    /// Time series.
    Series,
    /// Detectors, by their parametric simulation.
    Physics,
    /// Long protocols, for one GPU.
    Gpu,
}

impl Tier {
    pub const ALL: [Self; 6] =
        [Self::Exact, Self::Toys, Self::Images, Self::Series, Self::Physics, Self::Gpu];

    /// As in options and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Toys => "toys",
            Self::Images => "images",
            Self::Series => "series",
            Self::Physics => "physics",
            Self::Gpu => "gpu",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Tier {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|tier| tier.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("there is no tier `{text}`, expected one of {names}")
        })
    }
}
