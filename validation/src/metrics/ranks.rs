//! Tests by ranks, in the normal limit with the correction for ties.

use std::f64::consts::SQRT_2;

/// Probability of a normal deviation greater than |z|, on either side.
pub(crate) fn two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() / SQRT_2)
}

/// Ranks from 1, equal values with the mean of theirs, and Σ (t³ − t) over groups of t equal ones.
fn ranks(values: &[f64]) -> (Vec<f64>, f64) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let (mut ties, mut start) = (0.0, 0);
    for group in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let size = group.len() as f64;
        // Ranks start + 1 to start + size.
        group.iter().for_each(|&event| ranks[event] = f64::from(start) + (size + 1.0) / 2.0);
        ties += size * size * size - size;
        start += group.len() as u32;
    }
    (ranks, ties)
}

/// Mann and Whitney's test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct MannWhitney {
    /// U / n m: the probability that a value of the first sample is above one of the second, and
    /// half of that of equality.
    pub(crate) probability: f64,
    /// Deviation from ½ over its standard deviation; 0 if all values are equal.
    pub(crate) z: f64,
}

/// Of two samples, each of at least one value.
pub(crate) fn mann_whitney(first: &[f64], second: &[f64]) -> MannWhitney {
    let (n, m) = (first.len() as f64, second.len() as f64);
    let both: Vec<f64> = first.iter().chain(second).copied().collect();
    let (ranks, ties) = ranks(&both);
    let sum: f64 = ranks[..first.len()].iter().sum();
    let u = sum - n * (n + 1.0) / 2.0;
    let all = n + m;
    let variance = n * m / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
    let z = if variance > 0.0 { (u - n * m / 2.0) / variance.sqrt() } else { 0.0 };
    MannWhitney { probability: u / (n * m), z }
}

/// Wilcoxon's signed-rank test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SignedRanks {
    /// Sum of the ranks of differences above 0.
    pub(crate) above: f64,
    /// Sum of the ranks of differences below 0.
    pub(crate) below: f64,
    /// Deviation of `above` from its mean over its standard deviation; 0 without differences.
    pub(crate) z: f64,
}

/// Of differences; those of 0 are left out.
pub(crate) fn signed_ranks(differences: &[f64]) -> SignedRanks {
    let differences: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    let sizes: Vec<f64> = differences.iter().map(|d| d.abs()).collect();
    let (ranks, ties) = ranks(&sizes);
    let (mut above, mut below) = (0.0, 0.0);
    for (difference, rank) in differences.iter().zip(ranks) {
        *(if *difference > 0.0 { &mut above } else { &mut below }) += rank;
    }
    let n = differences.len() as f64;
    let variance = (n * (n + 1.0) * (2.0 * n + 1.0) - ties / 2.0) / 24.0;
    let z = if variance > 0.0 { (above - n * (n + 1.0) / 4.0) / variance.sqrt() } else { 0.0 };
    SignedRanks { above, below, z }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_ranks() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), (vec![3.5, 1.0, 3.5, 2.0], 6.0));
        assert_eq!(mann_whitney(&[1.0, 2.0], &[2.0, 3.0]).probability, 0.125);
        assert_eq!(mann_whitney(&[1.0], &[1.0]), MannWhitney { probability: 0.5, z: 0.0 });
        let found = signed_ranks(&[1.0, -2.0, 0.0, 3.0]);
        assert_eq!((found.above, found.below), (4.0, 2.0));
        assert_eq!(signed_ranks(&[0.0]).z, 0.0);
    }
}
