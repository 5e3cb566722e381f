//! Measures between two sets of events in feature space, and of generated samples of any kind: does
//! the generated set lie where the reference lies, with the same shape, and without copies?
//!
//! Measures in feature space take [`FeatureMatrix`], which was checked once. Measures that draw at
//! random take a seed; none depends on the number of threads.

pub mod adversaries;
mod checks;
pub mod classification;
pub mod clusters;
mod draws;
mod elementary;
mod feature_matrix;
pub mod frechet;
pub mod images;
pub mod judgements;
pub mod kernels;
pub mod known_manifold;
pub mod latent;
pub mod likelihood;
mod linear_algebra;
pub mod modes;
pub mod neighbours;
mod pairwise;
mod percentile;
mod ranks;
pub mod scores;
pub mod series;
pub mod topology;
pub mod transport;
mod vendi;

pub use feature_matrix::FeatureMatrix;
pub use vendi::vendi_score;
