//! χ² of the response, as FastCaloGAN chooses its epoch by it (ATLAS, arXiv:2109.02551): cheap, and
//! about the energy sums only.

use crate::observables::{Histogram, linear_edges};
use crate::tests::{ChiSquare, WeightedSample, chi_square_weighted};

const BINS: usize = 30;
/// Half the range of the histogram, in RMS of the reference.
const HALF_RANGE_RMS: f64 = 3.0;

/// One quantity at one incident energy, such as E_tot/E_inc of each event.
#[derive(Debug, Clone, Copy)]
pub struct PairedValues<'a> {
    /// `[events]`
    pub reference: &'a [f64],
    /// `[events]`
    pub generated: &'a [f64],
    /// `[events]`: weights of the events of either sample, where both have equally many at the same
    /// conditions; they may be negative.
    pub weights: Option<&'a [f64]>,
}

/// χ² (see [`chi_square_weighted`]) of the two histograms in 30 bins over the mean ± 3 RMS of the
/// reference, and one more bin for all that lies outside: FastCaloGAN leaves that out, and then a
/// generator far off the reference would seem to agree with it.
pub fn range_chi_square(values: PairedValues<'_>) -> ChiSquare {
    let weighted = |sample| WeightedSample { values: sample, weights: values.weights };
    range_chi_square_weighted(weighted(values.reference), weighted(values.generated))
}

/// [`range_chi_square`] of values with weights.
pub(crate) fn range_chi_square_weighted(
    reference: WeightedSample<'_>,
    generated: WeightedSample<'_>,
) -> ChiSquare {
    let (mean, variance) = mean_and_variance(reference);
    // A constant reference still gets bins of some width.
    let half = (HALF_RANGE_RMS * variance.sqrt()).max(1e-9 * mean.abs()).max(1e-12);
    let edges = linear_edges(mean - half, mean + half, BINS);
    let histogram = |sample: WeightedSample<'_>| {
        let values = sample.values.iter().copied();
        match sample.weights {
            Some(weights) => Histogram::fill_weighted(&edges, values.zip(weights.iter().copied())),
            None => Histogram::fill(&edges, values),
        }
        .with_outside()
    };
    let (first, second) = (histogram(reference), histogram(generated));
    chi_square_weighted((&first.0, &first.1), (&second.0, &second.1))
}

/// Weighted mean, and variance about it without a correction for few events.
fn mean_and_variance(sample: WeightedSample<'_>) -> (f64, f64) {
    let Some(weights) = sample.weights else {
        let count = sample.values.len().max(1) as f64;
        let mean = sample.values.iter().sum::<f64>() / count;
        let variance = sample.values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
        return (mean, variance);
    };
    let total = match sample.total() {
        total if total > 0.0 => total,
        _ => 1.0,
    };
    let weighted = |of: &dyn Fn(f64) -> f64| {
        sample.values.iter().zip(weights).map(|(&v, w)| w * of(v)).sum::<f64>() / total
    };
    let mean = weighted(&|value| value);
    (mean, weighted(&|value| (value - mean).powi(2)).max(0.0))
}

/// Σ χ² / Σ ndf over the incident energies, of E_tot/E_inc: about 1 for a perfect generator, and
/// for the same fault the greater the more events there are. 0 without degrees of freedom.
///
/// Each element of `energies` holds E_tot/E_inc of the events at one incident energy.
pub fn response_chi2_per_ndf(energies: &[PairedValues<'_>]) -> f64 {
    summed(energies.iter().copied())
}

/// Σ χ² / Σ ndf over layers and incident energies, of the fractions E_l/E_tot.
///
/// Each element of `layers` holds, for one layer, the fractions of the events at each energy.
pub fn layer_chi2_per_ndf(layers: &[Vec<PairedValues<'_>>]) -> f64 {
    summed(layers.iter().flatten().copied())
}

fn summed<'a>(pairs: impl Iterator<Item = PairedValues<'a>>) -> f64 {
    summed_per_ndf(pairs.map(range_chi_square))
}

/// Σ χ² / Σ ndf; 0 without degrees of freedom.
pub(crate) fn summed_per_ndf(tests: impl Iterator<Item = ChiSquare>) -> f64 {
    let (chi2, ndf) =
        tests.fold((0.0, 0), |(chi2, ndf), found| (chi2 + found.chi2, ndf + found.ndf));
    if ndf == 0 { 0.0 } else { chi2 / ndf as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, generator, uniform};

    fn response(seed: u64, mean: f64) -> Vec<f64> {
        let mut random = generator(seed, Purpose::Halves(0));
        (0..5000)
            .map(|_| mean + 0.05 * ((0..12).map(|_| uniform(&mut random)).sum::<f64>() - 6.0))
            .collect()
    }

    #[test]
    fn one_distribution_is_near_one_and_a_worse_response_is_farther() {
        let reference = response(1, 1.0);
        let of = |generated: &[f64]| {
            response_chi2_per_ndf(&[PairedValues {
                reference: &reference,
                generated,
                weights: None,
            }])
        };
        assert_eq!(of(&reference), 0.0);
        let same = of(&response(2, 1.0));
        assert!((0.4..1.8).contains(&same), "{same}");
        let (off, farther) = (of(&response(2, 1.01)), of(&response(2, 1.03)));
        assert!(same < off && off < farther, "{same} {off} {farther}");
    }

    #[test]
    fn weights_that_undo_a_skewed_choice_bring_back_agreement() {
        let reference = response(1, 1.0);
        let skew = |value: f64| 1.0 + 3.0 * f64::from(value > 1.0);
        let generated: Vec<f64> = response(2, 1.0)
            .into_iter()
            .enumerate()
            .filter(|(event, value)| *value > 1.0 || event % 4 == 0)
            .map(|(_, value)| value)
            .collect();
        let weights: Vec<f64> = generated.iter().map(|&value| 4.0 / skew(value)).collect();
        let of = |weights| {
            let sample = |values, weights| WeightedSample { values, weights };
            range_chi_square_weighted(sample(&reference, None), sample(&generated, weights))
        };
        assert!(of(None).per_ndf() > 20.0);
        let weighted = of(Some(&weights)).per_ndf();
        assert!((0.4..1.8).contains(&weighted), "{weighted}");
    }

    #[test]
    fn a_generator_outside_the_range_does_not_win() {
        let reference = response(1, 1.0);
        let pair = PairedValues { reference: &reference, generated: &[9.0; 500], weights: None };
        assert!(range_chi_square(pair).per_ndf() > 10.0);
        let layers = vec![
            vec![pair],
            vec![PairedValues { reference: &[0.0; 9], generated: &[0.0; 9], weights: None }],
        ];
        assert!(layer_chi2_per_ndf(&layers) > 10.0);
    }
}
