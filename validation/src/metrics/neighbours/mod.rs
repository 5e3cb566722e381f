//! Measures by nearest neighbours in feature space: coverage of each other's manifolds, a two-sample
//! test, copies of training events and of each other.

mod birthday;
mod candidates;
mod duplicates;
mod manifolds;
mod memorisation;
mod retrieval;
mod search;
mod space;
mod two_sample;

pub use birthday::{BirthdaySupport, birthday_support};
pub use duplicates::{Duplicates, copies, duplicates, median_spacing, near_duplicates};
pub use manifolds::{ManifoldMeasures, manifold_measures};
pub use memorisation::{Memorisation, memorisation};
pub use retrieval::{RetrievalComparison, compare_retrieval, retrieval_distances};
pub use search::{Neighbours, nearest_neighbours, nearest_neighbours_within};
pub use two_sample::{NeighbourTest, neighbour_test};
