//! Modes of known mixtures and classes: which of them the generator has found, and with what
//! shares.

mod gaussian_modes;
mod label_coverage;
mod mode_coverage;
mod share_divergences;

pub use gaussian_modes::GaussianModes;
pub use label_coverage::{LabelCoverage, label_coverage, stacked_label};
pub use mode_coverage::{ModeCoverage, mode_coverage};
pub use share_divergences::{ShareDivergences, share_divergences};
