/// How far the networks have grown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stage {
    /// Doublings of 4 × 4.
    pub level: usize,
    /// α, the share of the newest level: 1 once it is faded in.
    pub alpha: f64,
}

impl Stage {
    /// The stage of iteration `iteration` of `of`, from 0. The training has 2 · levels − 1 phases of
    /// equal length: one for the first level; then for each further one a phase in which α rises from
    /// 0 to 1, and one at which it stays there (arXiv:1710.10196, appendix A.1).
    pub fn at(iteration: u64, of: u64, levels: usize) -> Self {
        let phases = 2 * levels - 1;
        let through = phases as f64 * iteration as f64 / of.max(1) as f64;
        let phase = (through as usize).min(phases - 1);
        let is_fading = phase % 2 == 1;
        Self {
            level: phase.div_ceil(2),
            alpha: if is_fading { (through - phase as f64).clamp(0.0, 1.0) } else { 1.0 },
        }
    }

    /// Pixels of a side.
    pub fn side(self) -> usize {
        SMALLEST_SIDE << self.level
    }
}

/// Of the images that the training begins with.
pub(super) const SMALLEST_SIDE: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_faded_in_one_by_one() {
        let at = |iteration| {
            let stage = Stage::at(iteration, 500, 3);
            (stage.side(), stage.alpha)
        };
        assert_eq!(at(0), (4, 1.0));
        assert_eq!(at(99), (4, 1.0));
        assert_eq!(at(100), (8, 0.0));
        assert_eq!(at(150), (8, 0.5));
        assert_eq!(at(200), (8, 1.0));
        assert_eq!(at(325), (16, 0.25));
        assert_eq!(at(499), (16, 1.0));
        assert_eq!(Stage::at(7, 9, 1), Stage { level: 0, alpha: 1.0 });
    }
}
