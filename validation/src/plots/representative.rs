//! Which of many layers are drawn.

/// At most `most` of the layers (at least 3): the first, the one with the greatest sum, the last,
/// and others in the widest gaps between them. All of them where there are no more.
///
/// # Shapes
/// `sums`: `[layers]`; gives numbers of layers, rising.
pub(crate) fn representative_layers(sums: &[f64], most: usize) -> Vec<usize> {
    if sums.len() <= most {
        return (0..sums.len()).collect();
    }
    let greatest = (0..sums.len()).max_by(|&a, &b| sums[a].total_cmp(&sums[b])).unwrap_or(0);
    let mut chosen = vec![0, greatest, sums.len() - 1];
    chosen.sort_unstable();
    chosen.dedup();
    while chosen.len() < most {
        let gap = |&index: &usize| chosen[index + 1] - chosen[index];
        // The first of the widest gaps.
        let Some(widest) = (0..chosen.len() - 1).rev().max_by_key(gap) else { break };
        let between = usize::midpoint(chosen[widest], chosen[widest + 1]);
        chosen.insert(widest + 1, between);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_greatest_and_last_layer_and_the_gaps_between() {
        let mut sums = [1.0; 45];
        sums[12] = 9.0;
        assert_eq!(representative_layers(&sums, 6), [0, 12, 20, 28, 36, 44]);
        assert_eq!(representative_layers(&sums, 3), [0, 12, 44]);
        assert_eq!(representative_layers(&sums[..4], 6), [0, 1, 2, 3]);
        let falling: Vec<f64> = (0..9).map(|layer| -f64::from(layer)).collect();
        assert_eq!(representative_layers(&falling, 4), [0, 2, 4, 8]);
    }
}
