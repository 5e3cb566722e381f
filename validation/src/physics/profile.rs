use serde::{Deserialize, Serialize};

use super::moments::{Measured, Moments};
use crate::observables::bin_of;

/// Mean and spread of a quantity in one bin of another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProfilePoint {
    /// Edges of the bin.
    pub low: f64,
    pub high: f64,
    /// Events in the bin.
    pub events: usize,
    /// The mean, with its standard error.
    pub mean: Measured,
    /// The standard deviation of the events, with its standard error.
    pub spread: Measured,
}

impl ProfilePoint {
    pub(super) fn new(low: f64, high: f64, moments: &Moments) -> Self {
        let Moments { events, mean, spread } = *moments;
        Self { low, high, events, mean, spread }
    }
}

/// A profile of two samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProfileComparison {
    /// Stable name, for files.
    pub name: String,
    /// Axis labels with units.
    pub x_label: String,
    pub y_label: String,
    pub logarithmic_x: bool,
    pub reference: Vec<ProfilePoint>,
    pub generated: Vec<ProfilePoint>,
}

/// Mean and spread of `y` in bins of `x`, with errors as those of [`Moments`]. The last bin holds
/// its upper edge. Bins of less than two events, or as few by their weights, are left out.
///
/// # Shapes
/// `x`, `y`, `weights`: `[events]`; `edges`: `[bins + 1]`, rising.
pub fn profile(x: &[f64], y: &[f64], weights: Option<&[f64]>, edges: &[f64]) -> Vec<ProfilePoint> {
    let mut bins: Vec<Vec<(f64, f64)>> = vec![Vec::new(); edges.len().saturating_sub(1)];
    for (event, (&x, &y)) in x.iter().zip(y).enumerate() {
        if let Some(bin) = bin_of(edges, x) {
            bins[bin].push((y, weights.map_or(1.0, |weights| weights[event])));
        }
    }
    let points = bins
        .into_iter()
        .zip(edges.windows(2))
        .filter_map(|(bin, edges)| Some(ProfilePoint::new(edges[0], edges[1], &Moments::of(bin)?)));
    points.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_of_few_events_are_left_out() {
        let x = [0.5, 0.6, 1.5, 2.0, 3.0, 9.0];
        let y = [1.0, 3.0, 5.0, 7.0, 9.0, 11.0];
        let found = profile(&x, &y, None, &[0.0, 1.0, 2.0, 3.0]);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].low, found[0].mean.value, found[0].events), (0.0, 2.0, 2));
        assert_eq!((found[1].high, found[1].mean.value), (3.0, 8.0));
        let weighted = profile(&x, &y, Some(&[3.0, 3.0, 0.0, 1.0, 1.0, 1.0]), &[0.0, 3.0]);
        approx::assert_relative_eq!(weighted[0].mean.value, (3.0 + 9.0 + 16.0) / 8.0);
        assert!(profile(&[], &[], None, &[]).is_empty());
    }
}
