//! Measures between two sets of events in feature space: does the generated set lie where the
//! reference lies, with the same shape, and without copies?
//!
//! Each measure takes [`FeatureMatrix`], which was checked once. Measures that draw at random take
//! a seed; none depends on the number of threads.

pub mod clusters;
mod draws;
mod elementary;
mod feature_matrix;
pub mod frechet;
pub mod kernels;
pub mod likelihood;
mod linear_algebra;
pub mod neighbours;
mod pairwise;
mod percentile;
mod ranks;
pub mod topology;
pub mod transport;
mod vendi;

pub use feature_matrix::FeatureMatrix;
pub use vendi::vendi_score;
