use serde::{Deserialize, Serialize};

use super::tracks::{PidConditions, TrackBin, Tracks};
use crate::Sample;
use crate::observables::{Histogram, linear_edges};
use crate::tests::{WeightedSample, kolmogorov_smirnov_weighted, separation_power};

/// Fewer tracks than this in either sample are not compared.
const FEWEST_TRACKS: usize = 50;

/// A column of the table for one species, in both samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DllSpectrum {
    pub column: String,
    pub species: String,
    pub bin: TrackBin,
    /// `[bins + 1]`
    pub edges: Vec<f64>,
    /// Sums of weights, and of squared weights. `[bins]`
    pub reference: Vec<f64>,
    pub reference_variances: Vec<f64>,
    pub generated: Vec<f64>,
    pub generated_variances: Vec<f64>,
    /// Tracks in and outside of the bins.
    pub reference_tracks: usize,
    pub generated_tracks: usize,
    /// Separation power of the histograms.
    pub separation: f64,
    /// The greatest distance of the weighted distribution functions, which does not know of bins.
    pub ks_distance: f64,
}

/// The spectrum of every column for every species, in so many bins of equal width over the range
/// that the detector's description gives the column, and in each bin of the tracks. Species with
/// less than 50 tracks in one of the samples are left out; nothing is left of what is no table of
/// tracks.
pub fn dll_spectra(
    reference: &Sample,
    generated: &Sample,
    conditions: &PidConditions,
    track_bins: &[TrackBin],
    bins: usize,
) -> Vec<DllSpectrum> {
    let (Some(own), Some(other)) =
        (Tracks::of(reference, conditions), Tracks::of(generated, conditions))
    else {
        return Vec::new();
    };
    let columns = reference.detector().columns();
    let mut spectra = Vec::new();
    for &bin in track_bins {
        for species in own.species {
            for (number, column) in columns.iter().enumerate() {
                let values = |tracks: &Tracks<'_>| tracks.values(species, bin, (number, None));
                let (a, b) = (values(&own), values(&other));
                if a.len().min(b.len()) < FEWEST_TRACKS {
                    continue;
                }
                let edges = linear_edges(column.minimum, column.maximum, bins.max(1));
                let fill = |values: &[(f64, f64)]| {
                    let histogram = Histogram::fill_weighted(&edges, values.iter().copied());
                    let variances = histogram.weighted.map(|sums| sums.variances);
                    (histogram.counts, variances.unwrap_or_default())
                };
                let ((reference, reference_variances), (generated, generated_variances)) =
                    (fill(&a), fill(&b));
                spectra.push(DllSpectrum {
                    column: column.name.clone(),
                    species: species.clone(),
                    bin,
                    separation: separation_power(&reference, &generated),
                    ks_distance: distance(a.clone(), b.clone()),
                    edges,
                    reference,
                    reference_variances,
                    generated,
                    generated_variances,
                    reference_tracks: a.len(),
                    generated_tracks: b.len(),
                });
            }
        }
    }
    spectra
}

fn distance(a: Vec<(f64, f64)>, b: Vec<(f64, f64)>) -> f64 {
    let sorted = |mut values: Vec<(f64, f64)>| -> (Vec<f64>, Vec<f64>) {
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        values.into_iter().unzip()
    };
    let ((a, weights_a), (b, weights_b)) = (sorted(a), sorted(b));
    let a = WeightedSample { values: &a, weights: Some(&weights_a) };
    let b = WeightedSample { values: &b, weights: Some(&weights_b) };
    kolmogorov_smirnov_weighted(a, b).distance
}
