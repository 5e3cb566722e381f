//! Holes in the shape of a sample: the geometry score.

mod geometry_score;
mod living_times;
mod persistence;
mod witness_complex;

pub use geometry_score::{GeometryScore, GeometrySettings, geometry_score, mean_living_times};
pub use living_times::relative_living_times;
pub use persistence::Interval;
pub use witness_complex::WitnessComplex;
