//! Optimal transport: what it costs to move one sample onto the other.

mod assignment;
mod exact;
mod one_dimensional;
mod sliced;

pub use assignment::{Assignment, cheapest_assignment};
pub use exact::{EXACT_EVENTS, exact_wasserstein};
pub use one_dimensional::wasserstein_of_sorted;
pub use sliced::{SlicedWasserstein, sliced_wasserstein, sliced_wasserstein_along};
