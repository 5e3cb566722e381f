//! Measures between two sets of events in feature space: does the generated set lie where the
//! reference lies, with the same shape, and without copies?
//!
//! Each measure takes [`FeatureMatrix`], which was checked once. Measures that draw at random take
//! a seed; none depends on the number of threads.

pub mod classification;
pub mod clusters;
pub mod adversaries;
mod checks;
mod draws;
mod feature_matrix;
pub mod frechet;
pub mod judgements;
pub mod kernels;
pub mod known_manifold;
pub mod latent;
mod linear_algebra;
pub mod neighbours;
mod pairwise;
mod percentile;
mod ranks;
pub mod transport;
pub mod modes;
mod pairwise;
mod percentile;
pub mod scores;
pub mod series;

pub use feature_matrix::FeatureMatrix;
//! General measures of how alike two sets are.

pub mod images;
