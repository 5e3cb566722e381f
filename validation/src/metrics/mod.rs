//! Measures between two sets of events in feature space: does the generated set lie where the
//! reference lies, with the same shape, and without copies?
//!
//! Each measure takes [`FeatureMatrix`], which was checked once. Measures that draw at random take
//! a seed; none depends on the number of threads.

pub mod classification;
pub mod clusters;
mod draws;
mod feature_matrix;
pub mod frechet;
pub mod kernels;
mod linear_algebra;
pub mod neighbours;
mod pairwise;
mod percentile;
mod ranks;
pub mod transport;

pub use feature_matrix::FeatureMatrix;
//! General measures of how alike two sets are.

pub mod images;
