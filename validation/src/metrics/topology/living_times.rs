use super::Interval;

/// The relative living times RLT(i): the share of the relaxations from 0 to `most` at which there
/// are exactly i holes, for i from 0 to `counts` − 1 (Khrulkov and Oseledets, arXiv:1802.02664,
/// eq. 2 and 3). A hole that does not close is there to the end; shares of more holes are left out.
///
/// ```
/// use validation::metrics::topology::{Interval, relative_living_times};
/// let holes = [
///     Interval { birth: 1.0, death: Some(3.0) },
///     Interval { birth: 2.0, death: None },
/// ];
/// assert_eq!(relative_living_times(&holes, 8.0, 3), [0.125, 0.75, 0.125]);
/// ```
pub fn relative_living_times(holes: &[Interval], most: f64, counts: usize) -> Vec<f64> {
    let mut shares = vec![0.0; counts];
    if most.is_nan() || most <= 0.0 {
        shares.iter_mut().take(1).for_each(|share| *share = 1.0);
        return shares;
    }
    let mut changes: Vec<(f64, bool)> = holes
        .iter()
        .flat_map(|hole| [(hole.birth, true), (hole.death.unwrap_or(most), false)])
        .collect();
    changes.push((most, false));
    changes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut open, mut from) = (0_usize, 0.0);
    for (at, opens) in changes {
        if let Some(share) = shares.get_mut(open) {
            *share += (at - from) / most;
        }
        from = at;
        open = if opens { open + 1 } else { open.saturating_sub(1) };
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_holes_it_is_always_none() {
        assert_eq!(relative_living_times(&[], 2.0, 3), [1.0, 0.0, 0.0]);
        assert_eq!(relative_living_times(&[], 0.0, 3), [1.0, 0.0, 0.0]);
    }

    #[test]
    fn more_holes_than_are_counted_are_left_out() {
        let hole = Interval { birth: 0.0, death: Some(1.0) };
        assert_eq!(relative_living_times(&[hole; 4], 4.0, 2), [0.75, 0.0]);
    }
}
