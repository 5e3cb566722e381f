//! Which earlier checkpoints are kept.

/// Whether checkpoint number `number` is kept beside the newest, of number `newest`.
///
/// The last `keep` are kept; of those between 2ᵏ⁻¹ `keep` and 2ᵏ `keep` checkpoints ago, every 2ᵏ-th
/// is, counted from the beginning of the training. So n checkpoints leave about `keep` · (1 +
/// log₂(n / `keep`) / 2), and what was dropped once is never asked for again: it does not matter
/// when, or how often, the rule is applied.
pub fn is_kept(number: u64, newest: u64, keep: u64) -> bool {
    if keep == 0 {
        return false;
    }
    let (age, mut apart) = (newest.saturating_sub(number), 1_u64);
    while age >= keep.saturating_mul(apart) {
        apart = apart.saturating_mul(2);
    }
    number.is_multiple_of(apart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_are_kept_and_ever_rarer_ones_before() {
        let kept = |newest, keep| (1..=newest).filter(|&n| is_kept(n, newest, keep)).collect();
        let found: Vec<u64> = kept(40, 4);
        assert_eq!(found, [16, 24, 28, 32, 34, 36, 37, 38, 39, 40]);
        assert_eq!(kept(3, 4), vec![1, 2, 3]);
        assert_eq!(kept(1_000_000, 4).len(), 39);
        assert_eq!(kept(9, 0), Vec::<u64>::new());
    }

    #[test]
    fn what_was_dropped_is_never_asked_for_again() {
        for keep in 1..5 {
            for number in 1..200 {
                let kept: Vec<bool> = (number..400).map(|n| is_kept(number, n, keep)).collect();
                assert!(kept.is_sorted_by(|earlier, later| earlier >= later), "{number} {keep}");
            }
        }
    }
}
