//! Measures by the density of a Parzen window.

mod coverage;
mod parzen;

pub use coverage::{ModelCoverage, coverage_of_densities, model_coverage};
pub use parzen::{ParzenLikelihood, bandwidths_about, parzen_likelihood, parzen_log_densities};
