//! Measures by clusters of events.

mod different_bins;
mod k_means;
mod precision_recall;

pub use different_bins::{
    DifferentBins, DifferentBinsSettings, different_bins, different_bins_of_counts,
};
pub use k_means::{Clusters, k_means, k_means_from};
pub use precision_recall::{
    PrecisionRecallCurve, PrecisionRecallSettings, precision_recall_curve,
    precision_recall_of_distributions,
};
