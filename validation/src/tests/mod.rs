//! Two-sample tests: does the generated sample follow the reference's distribution?
//!
//! [`one_dimensional`] makes all tests of one quantity at once, [`bootstrap_errors`] their errors.
//! A test that assumes what does not hold gives no p-value but an [`Abstention`].

mod abstention;
mod anderson_darling;
mod anderson_darling_limit;
mod bootstrap;
mod chi_square;
mod chi_square_2d;
mod energy_distance;
mod garwood;
mod histogram_2d;
mod holm;
mod jensen_shannon;
mod kolmogorov_smirnov;
mod kolmogorov_smirnov_exact;
mod mann_whitney;
mod one_dimensional;
mod poisson_counts;
mod separation;
#[cfg(test)]
mod test_samples;
mod union;
mod wasserstein;
mod weighted_sample;

pub use abstention::Abstention;
pub use anderson_darling::{AndersonDarling, anderson_darling, anderson_darling_weighted};
pub use anderson_darling_limit::anderson_darling_limit_tail;
pub use bootstrap::{Bootstrap, bootstrap_errors, bootstrap_errors_of_events};
pub use chi_square::{ChiSquare, chi_square, chi_square_test, chi_square_weighted};
pub use chi_square_2d::{ChiSquare2d, chi_square_2d};
pub use energy_distance::{cramer_distance_squared, energy_distance, energy_distance_weighted};
pub use garwood::{ONE_SIGMA, garwood_interval, garwood_interval_weighted};
pub use histogram_2d::Histogram2d;
pub use holm::{benjamini_hochberg, holm};
pub use jensen_shannon::{jensen_shannon, kullback_leibler};
pub use kolmogorov_smirnov::{
    KolmogorovSmirnov, kolmogorov_smirnov, kolmogorov_smirnov_sorted, kolmogorov_smirnov_weighted,
};
pub use kolmogorov_smirnov_exact::{
    EXACT_PAIRS, kolmogorov_smirnov_exact, kolmogorov_smirnov_exact_sorted,
};
pub use mann_whitney::{MannWhitney, mann_whitney, mann_whitney_weighted};
pub use one_dimensional::{
    AUTOMATIC_EXACT_PAIRS, OneDimensional, OneDimensionalFigures, OneDimensionalPValues, PValue,
    one_dimensional,
};
pub use separation::separation_power;
pub use wasserstein::{wasserstein_1, wasserstein_1_weighted};
pub use weighted_sample::{WeightedSample, effective_count};
