//! Two-sample tests: does the generated sample follow the reference's distribution?

mod chi_square;
mod kolmogorov_smirnov;
mod separation;

pub use chi_square::{ChiSquare, chi_square, chi_square_weighted};
pub use kolmogorov_smirnov::{
    KolmogorovSmirnov, WeightedSample, effective_count, kolmogorov_smirnov,
    kolmogorov_smirnov_sorted, kolmogorov_smirnov_weighted,
};
pub use separation::separation_power;
