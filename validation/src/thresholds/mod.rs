//! The limits of the verdict: TOML that can be fixed, and hashed, before the samples are made.

mod check;
mod settings;
mod wording;

pub use settings::{Criteria, Judge, Measure, Scope, Threshold, Thresholds};
