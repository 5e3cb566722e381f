use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a test gives no p-value: what it assumes does not hold, or there is nothing to test.
#[derive(Debug, Clone, Copy, PartialEq, Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Abstention {
    /// Effective counts (Σ w)² / Σ w² of both samples.
    #[error("too few events: effectively {first:.1} and {second:.1}, needs {needed} each")]
    TooFewEvents { first: f64, second: f64, needed: f64 },

    #[error("the weights of a sample do not have a positive sum")]
    NoPositiveSum,

    #[error("negative weights, for which the test is not defined")]
    NegativeWeights,

    #[error("every value of both samples is the same")]
    Constant,

    #[error("values or weights that are not finite")]
    NotFinite,

    #[error("values that are not sorted")]
    NotSorted,

    #[error("samples or histograms of different lengths: {first} and {second}")]
    Lengths { first: usize, second: usize },

    #[error("too many pairs of events for the exact p-value: {found:.2e}, at most {most:.0e}")]
    TooManyPairs { found: f64, most: f64 },

    #[error("{filled} filled bins, needs at least 2")]
    TooFewBins { filled: usize },

    #[error("too few entries for χ²: effectively {entries_per_bin:.1} in a filled bin, needs 5")]
    SparseBins { entries_per_bin: f64 },

    #[error(
        "too few entries for χ² of samples that differ {ratio:.1} times in size: its bins expect \
         as few as {least_expected:.1} in the smaller one"
    )]
    UnequalSizes { ratio: f64, least_expected: f64 },
}
