use super::chi_square::{BinSizes, check, check_entries};
use super::{Abstention, ChiSquare, Histogram2d, chi_square_weighted};

/// Effective entries in a bin below which ROOT warns.
const SPARSE: f64 = 10.0;

/// What the χ² test of two two-dimensional histograms found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquare2d {
    pub test: ChiSquare,
    /// Bins that were compared, those joined as one and what lies outside included.
    pub bins: usize,
    /// Bins that were joined to one.
    pub joined: usize,
    /// Of the compared bins, those with entries but fewer than 10 effective ones, w² / s², in the
    /// first and in the second histogram: ROOT warns of them, and of unequal samples their χ² is
    /// too great.
    pub sparse_first: usize,
    pub sparse_second: usize,
}

/// Compares two-dimensional histograms of the same bins by their shapes, as
/// [`chi_square_weighted`] does:
///
/// χ² = Σ (W₁ w₂ − W₂ w₁)² / (W₁² s₂² + W₂² s₁²)
///
/// over all bins with entries; what lies outside is one more bin. Two dimensions have many bins with
/// few entries: those in which the smaller of the samples is expected to have fewer than
/// `least_expected` effective entries are joined to one bin, by their expectation from both samples
/// together. 0 joins none, and is ROOT's `Chi2TestX` with option `WW` for histograms without entries
/// outside; 5 is usual.
///
/// # Errors
/// Abstains for different bins, and where [`chi_square_test`](super::chi_square_test) does.
pub fn chi_square_2d(
    first: &Histogram2d,
    second: &Histogram2d,
    least_expected: f64,
) -> Result<ChiSquare2d, Abstention> {
    if first.x_bins() != second.x_bins() {
        return Err(Abstention::Lengths { first: first.x_bins(), second: second.x_bins() });
    }
    let (all_first, all_second) = (first.with_outside(), second.with_outside());
    check(parts(&all_first), parts(&all_second))?;
    let sizes = BinSizes::of(parts(&all_first), parts(&all_second));
    let (mut kept_first, mut kept_second) = ((vec![], vec![]), (vec![], vec![]));
    let (mut rest, mut joined) = ([0.0; 4], 0);
    for bin in 0..all_first.0.len() {
        let here = [all_first.0[bin], all_first.1[bin], all_second.0[bin], all_second.1[bin]];
        if here == [0.0; 4] {
            continue;
        }
        if sizes.in_smaller(sizes.pooled(here[0], here[2])) < least_expected {
            joined += 1;
            rest.iter_mut().zip(here).for_each(|(sum, part)| *sum += part);
        } else {
            push(&mut kept_first, &mut kept_second, here);
        }
    }
    if joined > 0 {
        push(&mut kept_first, &mut kept_second, rest);
    }
    check_entries(parts(&kept_first), parts(&kept_second))?;
    Ok(ChiSquare2d {
        test: chi_square_weighted(parts(&kept_first), parts(&kept_second)),
        bins: kept_first.0.len(),
        joined,
        sparse_first: sparse(&kept_first),
        sparse_second: sparse(&kept_second),
    })
}

type Bins = (Vec<f64>, Vec<f64>);

fn parts(bins: &Bins) -> (&[f64], &[f64]) {
    (&bins.0, &bins.1)
}

fn push(first: &mut Bins, second: &mut Bins, bin: [f64; 4]) {
    first.0.push(bin[0]);
    first.1.push(bin[1]);
    second.0.push(bin[2]);
    second.1.push(bin[3]);
}

fn sparse(bins: &Bins) -> usize {
    let (sums, variances) = parts(bins);
    let few =
        |(sum, variance): &(&f64, &f64)| **variance > 0.0 && **sum * **sum < SPARSE * **variance;
    sums.iter().zip(variances).filter(few).count()
}

#[cfg(test)]
mod unit_tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(counts: &[[f64; 3]; 2]) -> Histogram2d {
        let entries = counts.iter().enumerate().flat_map(|(i, row)| {
            row.iter().enumerate().flat_map(move |(j, &count)| {
                std::iter::repeat_n((i as f64 + 0.5, j as f64 + 0.5, 1.0), count as usize)
            })
        });
        Histogram2d::fill(&[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0, 3.0], entries)
    }

    #[test]
    fn thin_bins_are_joined() {
        let first = filled(&[[40.0, 30.0, 1.0], [20.0, 2.0, 0.0]]);
        let second = filled(&[[50.0, 25.0, 2.0], [10.0, 3.0, 0.0]]);
        let apart = chi_square_2d(&first, &second, 0.0).expect("it can be tested");
        assert_eq!((apart.bins, apart.joined, apart.test.ndf), (5, 0, 4));
        assert_eq!((apart.sparse_first, apart.sparse_second), (2, 2));
        let a = [40.0, 30.0, 1.0, 20.0, 2.0];
        let b = [50.0, 25.0, 2.0, 10.0, 3.0];
        assert_eq!(apart.test, chi_square_weighted((&a, &a), (&b, &b)));
        let together = chi_square_2d(&first, &second, 5.0).expect("it can be tested");
        assert_eq!((together.bins, together.joined, together.test.ndf), (4, 2, 3));
        let (a, b) = ([40.0, 30.0, 20.0, 3.0], [50.0, 25.0, 10.0, 5.0]);
        assert_eq!(together.test, chi_square_weighted((&a, &a), (&b, &b)));
    }

    #[test]
    fn other_bins_and_empty_histograms_are_not_compared() {
        let first = filled(&[[9.0; 3]; 2]);
        let turned = Histogram2d::fill(
            &[0.0, 1.0, 2.0, 3.0],
            &[0.0, 1.0, 2.0],
            [(0.5, 0.5, 1.0), (2.5, 1.5, 1.0)],
        );
        let found = chi_square_2d(&first, &turned, 0.0);
        assert_eq!(found, Err(Abstention::Lengths { first: 2, second: 3 }));
        let narrow = Histogram2d::fill(&[0.0, 1.0, 2.0], &[0.0, 1.0], [(0.5, 0.5, 1.0)]);
        let found = chi_square_2d(&first, &narrow, 0.0);
        assert_eq!(found, Err(Abstention::Lengths { first: 7, second: 3 }));
        let empty = filled(&[[0.0; 3]; 2]);
        assert_eq!(chi_square_2d(&first, &empty, 5.0), Err(Abstention::NoPositiveSum));
    }

    proptest! {
        #[test]
        fn it_is_symmetric_and_zero_for_the_same_shape(
            a in prop::array::uniform2(prop::array::uniform3((5..40u32).prop_map(f64::from))),
            b in prop::array::uniform2(prop::array::uniform3((5..40u32).prop_map(f64::from))),
            least in 0.0..12.0_f64,
        ) {
            let (first, second) = (filled(&a), filled(&b));
            if let Ok(found) = chi_square_2d(&first, &second, least) {
                let swapped = chi_square_2d(&second, &first, least).unwrap();
                prop_assert!((found.test.chi2 - swapped.test.chi2).abs() <= 1e-9 * found.test.chi2);
                prop_assert_eq!((found.bins, found.joined), (swapped.bins, swapped.joined));
                prop_assert_eq!(found.sparse_first, swapped.sparse_second);
            }
            if let Ok(same) = chi_square_2d(&first, &first, least) {
                prop_assert!(same.test.chi2 < 1e-9);
            }
        }
    }
}
