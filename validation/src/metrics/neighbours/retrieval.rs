use serde::{Deserialize, Serialize};

use super::nearest_neighbours;
use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::ranks::{signed_ranks, two_sided};

/// Which of two samples has events nearer to the queries.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RetrievalComparison {
    /// Mean over the queries of the distance from the first sample.
    pub first_distance: f64,
    /// Mean over the queries of the distance from the second sample.
    pub second_distance: f64,
    /// Share of the queries that the first sample is nearer to.
    pub first_nearer: f64,
    /// Wilcoxon's statistic: the lesser of the sums of ranks of positive and negative differences.
    pub statistic: f64,
    /// Two-sided, in the normal limit with the correction for ties and none for continuity.
    pub p_value: f64,
}

/// The mean distance of each query (events that were not trained on) from the `count` nearest
/// events of a sample: small where the sample has such events (image retrieval, Wang et al.,
/// arXiv:1612.00991).
///
/// # Errors
/// Different features, no neighbours wanted, or fewer events than neighbours.
pub fn retrieval_distances(
    queries: &FeatureMatrix,
    sample: &FeatureMatrix,
    count: usize,
) -> Result<Vec<f64>, ValidationError> {
    let found = nearest_neighbours(queries, sample, count)?;
    let mean = |query| found.of(query).map(|(_, distance)| distance).sum::<f64>() / count as f64;
    Ok((0..found.queries()).map(mean).collect())
}

/// Compares the [`retrieval_distances`] of the same queries from two samples by Wilcoxon's
/// signed-rank test; queries that are equally far from both are left out.
///
/// # Errors
/// As [`retrieval_distances`], or fewer than ten queries.
pub fn compare_retrieval(
    queries: &FeatureMatrix,
    first: &FeatureMatrix,
    second: &FeatureMatrix,
    count: usize,
) -> Result<RetrievalComparison, ValidationError> {
    queries.check_events("a comparison of retrieval", 10)?;
    let first = retrieval_distances(queries, first, count)?;
    let second = retrieval_distances(queries, second, count)?;
    let differences: Vec<f64> = first.iter().zip(&second).map(|(a, b)| a - b).collect();
    let test = signed_ranks(&differences);
    let queries = differences.len() as f64;
    Ok(RetrievalComparison {
        first_distance: first.iter().sum::<f64>() / queries,
        second_distance: second.iter().sum::<f64>() / queries,
        first_nearer: differences.iter().filter(|d| **d < 0.0).count() as f64 / queries,
        statistic: test.above.min(test.below),
        p_value: two_sided(test.z),
    })
}
