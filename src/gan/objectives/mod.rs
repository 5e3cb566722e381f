//! What a critic and the generator are trained for, one objective a file.

mod began;
mod constrainer;
mod cramer;
mod f_divergence;
mod hinge;
mod lambert;
mod least_squares;
mod non_saturating;
mod objective;
mod relativistic_paired;
mod saturating;
mod score;
mod wasserstein;

pub use began::Began;
pub use constrainer::Constrainer;
pub use cramer::{Cramer, CramerGenerator};
pub use f_divergence::{Divergence, FDivergence};
pub use least_squares::LeastSquares;
pub(crate) use objective::weighted_mean;
pub use objective::{Judged, JudgedBatch, Objective};
