use super::union::is_constant;
use super::weighted_sample::{Sizes, WeightedSample, sorted};
use super::{Abstention, KolmogorovSmirnov};

/// Pairs n m up to which the exact p-value is computed when asked for; it takes about 2 D n m
/// steps, a second at most.
pub const EXACT_PAIRS: f64 = 1e9;

/// The two-sample Kolmogorov–Smirnov test with the exact p-value: the share of the
/// C(n + m, n) ways to deal the pooled values to the two samples whose distance
/// D = sup_x |F_a(x) − F_b(x)| is at least the one found.
///
/// Each way is a path of steps from (0, 0) to (n, m), and the share of those that touch
/// |i/n − j/m| ≥ D is summed where they first do (Hodges, Ark. Mat. 3 (1958) 469). Nothing is
/// subtracted, so that small p-values are exact too. Where values are equal a path is looked at
/// after the last of them only, as D is, so that the p-value is exact with equal values as well,
/// given the pooled values; it is then smaller than the one which takes all values to differ.
///
/// ```
/// let found = validation::tests::kolmogorov_smirnov_exact(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]);
/// // 2 of 20 ways separate the samples.
/// assert!((found.unwrap().p_value - 0.1).abs() < 1e-15);
/// ```
///
/// # Shapes
/// `a`: `[n]`, `b`: `[m]`, in any order.
///
/// # Errors
/// Abstains for fewer than two events, values that are not finite or all the same, and n m above
/// [`EXACT_PAIRS`].
pub fn kolmogorov_smirnov_exact(a: &[f64], b: &[f64]) -> Result<KolmogorovSmirnov, Abstention> {
    kolmogorov_smirnov_exact_sorted(&sorted(a), &sorted(b))
}

/// [`kolmogorov_smirnov_exact`] of samples that are already sorted.
///
/// # Errors
/// As there.
pub fn kolmogorov_smirnov_exact_sorted(
    a: &[f64],
    b: &[f64],
) -> Result<KolmogorovSmirnov, Abstention> {
    let plain = |values| WeightedSample { values, weights: None };
    Sizes::of(plain(a), plain(b))?;
    if is_constant(plain(a), plain(b)) {
        return Err(Abstention::Constant);
    }
    let pairs = a.len() as f64 * b.len() as f64;
    if pairs > EXACT_PAIRS {
        return Err(Abstention::TooManyPairs { found: pairs, most: EXACT_PAIRS });
    }
    // The p-value is symmetric, and the shorter sample makes the shorter rows.
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let (greatest, ends) = greatest_difference(a, b);
    let p_value = share_touching(a.len(), b.len(), greatest, &ends);
    Ok(KolmogorovSmirnov { distance: greatest as f64 / pairs, p_value })
}

/// n m D, and for each number of values from the least whether the distribution functions can be
/// compared after so many, that is, whether the next value is greater. `[n + m + 1]`
fn greatest_difference(a: &[f64], b: &[f64]) -> (i64, Vec<bool>) {
    let (n, m) = (a.len(), b.len());
    let mut ends = vec![false; n + m + 1];
    let (mut i, mut j, mut greatest) = (0, 0, 0);
    while i < n || j < m {
        let here = match (a.get(i), b.get(j)) {
            (Some(&x), Some(&y)) => x.min(y),
            (Some(&x), None) | (None, Some(&x)) => x,
            (None, None) => break,
        };
        while i < n && a[i] == here {
            i += 1;
        }
        while j < m && b[j] == here {
            j += 1;
        }
        ends[i + j] = true;
        greatest = greatest.max((i as i64 * m as i64 - j as i64 * n as i64).abs());
    }
    (greatest, ends)
}

/// The share of the paths from (0, 0) to (n, m) on which |i m − j n| ≥ `greatest` for some
/// i + j in `ends`.
fn share_touching(n: usize, m: usize, greatest: i64, ends: &[bool]) -> f64 {
    if greatest == 0 {
        return 1.0;
    }
    let all = n + m;
    // The probability that a random path is at (i, taken − i) and has not touched before, at
    // i + 1, and 0 beyond the least and the greatest i that are possible.
    let (mut now, mut next) = (vec![0.0; n + 3], vec![0.0; n + 3]);
    now[1] = 1.0;
    let numbers: Vec<f64> = (0..=n + 1).map(|i| i as f64).collect();
    let (mut low, mut high, mut touching) = (0, 0, 0.0);
    for (taken, end) in ends.iter().enumerate().skip(1) {
        low = low.max(taken.saturating_sub(m));
        high = (high + 1).min(n).min(taken);
        // From (i, j) a path goes on to i + 1 with the probability (n − i) / (n + m − i − j), and
        // else to j + 1.
        let share = 1.0 / (all - taken + 1) as f64;
        let second_left = (m + 1) as f64 - taken as f64;
        let first_left = (n + 1) as f64;
        let before = now[low..high + 2].windows(2).zip(&numbers[low..=high]);
        for (after, (pair, i)) in next[low + 1..high + 2].iter_mut().zip(before) {
            *after = (pair[0] * (first_left - i) + pair[1] * (second_left + i)) * share;
        }
        (next[low], next[high + 2]) = (0.0, 0.0);
        std::mem::swap(&mut now, &mut next);
        if !end {
            continue;
        }
        // i m − j n rises with i.
        let difference = |i: usize| (i * all) as i64 - (taken * n) as i64;
        while low <= high && difference(low) <= -greatest {
            touching += std::mem::take(&mut now[low + 1]);
            low += 1;
        }
        while low <= high && difference(high) >= greatest {
            touching += std::mem::take(&mut now[high + 1]);
            if high == low {
                return touching.min(1.0);
            }
            high -= 1;
        }
        if low > high {
            break;
        }
    }
    touching.min(1.0)
}

#[cfg(test)]
mod unit_tests {
    use super::super::kolmogorov_smirnov;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_abstains_where_there_is_nothing_to_count() {
        assert_eq!(kolmogorov_smirnov_exact(&[1.0; 4], &[1.0; 9]), Err(Abstention::Constant));
        let long = vec![0.0; 40_000];
        let other: Vec<f64> = (0..40_000).map(f64::from).collect();
        let found = kolmogorov_smirnov_exact(&long, &other);
        assert!(matches!(found, Err(Abstention::TooManyPairs { .. })));
        let found = kolmogorov_smirnov_exact(&[1.0], &[2.0, 3.0]);
        assert!(matches!(found, Err(Abstention::TooFewEvents { .. })));
    }

    #[test]
    fn separate_samples_are_two_of_all_ways() {
        let a: Vec<f64> = (0..30).map(f64::from).collect();
        let b: Vec<f64> = (100..120).map(f64::from).collect();
        let ways: f64 = (1..=20).map(|k| (30.0 + f64::from(k)) / f64::from(k)).product();
        let found = kolmogorov_smirnov_exact(&a, &b).expect("it can be counted");
        approx::assert_relative_eq!(found.p_value, 2.0 / ways, max_relative = 1e-12);
        assert_eq!(found.distance, 1.0);
    }

    /// The share of all ways to deal the pooled values with at least the distance found.
    fn counted(a: &[f64], b: &[f64]) -> f64 {
        let pooled: Vec<f64> = a.iter().chain(b).copied().collect();
        let found = kolmogorov_smirnov(a, b).distance;
        let (mut ways, mut touching) = (0, 0);
        for chosen in 0..1_u32 << pooled.len() {
            if chosen.count_ones() as usize == a.len() {
                let part = |first: bool| -> Vec<f64> {
                    let taken = (0..pooled.len()).filter(|i| (chosen >> i & 1 == 1) == first);
                    taken.map(|i| pooled[i]).collect()
                };
                ways += 1;
                if kolmogorov_smirnov(&part(true), &part(false)).distance >= found - 1e-12 {
                    touching += 1;
                }
            }
        }
        f64::from(touching) / f64::from(ways)
    }

    fn sample() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec((-4..4i32).prop_map(f64::from), 2..6)
    }

    proptest! {
        #[test]
        fn it_is_the_share_of_all_ways_with_equal_values_too(a in sample(), b in sample()) {
            if let Ok(found) = kolmogorov_smirnov_exact(&a, &b) {
                prop_assert_eq!(found.distance, kolmogorov_smirnov(&a, &b).distance);
                prop_assert!((found.p_value - counted(&a, &b)).abs() < 1e-12);
                prop_assert_eq!(Ok(found), kolmogorov_smirnov_exact(&b, &a));
            }
        }
    }
}
