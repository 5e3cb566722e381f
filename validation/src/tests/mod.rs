//! Two-sample tests: does the generated sample follow the reference's distribution?

mod chi_square;
mod kolmogorov_smirnov;
mod separation;

pub use chi_square::{ChiSquare, chi_square};
pub use kolmogorov_smirnov::{KolmogorovSmirnov, kolmogorov_smirnov, kolmogorov_smirnov_sorted};
pub use separation::separation_power;
