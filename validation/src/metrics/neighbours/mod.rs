//! Measures by nearest neighbours in feature space.

mod candidates;
mod manifolds;
mod search;
mod space;

pub use manifolds::{ManifoldMeasures, manifold_measures};
pub use search::{Neighbours, nearest_neighbours, nearest_neighbours_within};
