use super::scale::Scale;

/// Pieces that a feature is cut into, at most.
const PIECES: usize = 8;

/// One piece of a feature's piecewise linear encoding: (x − q_k) / (q_{k+1} − q_k), kept within 0
/// and 1, between neighbouring quantiles q (Gorishniy et al., arXiv:2203.05556, eq. 1).
pub(super) struct Piece {
    first: f64,
    last: f64,
    scale: Scale,
}

impl Piece {
    /// The pieces of a feature between its octiles; those without width are left out, so that a
    /// voxel that is nearly always empty has one piece and a constant has none. (More pieces for
    /// the rare values of such a voxel were tried, and made the classifier blunter.)
    ///
    /// # Shapes
    /// `sorted`: `[training events]`, rising.
    pub(super) fn of(sorted: &[f64]) -> Vec<Self> {
        let Some(last) = sorted.len().checked_sub(1) else { return Vec::new() };
        let mut edges: Vec<f64> = (0..=PIECES).map(|k| sorted[last * k / PIECES]).collect();
        edges.dedup();
        edges
            .windows(2)
            .map(|pair| {
                let mut piece = Self { first: pair[0], last: pair[1], scale: Scale::default() };
                piece.scale = Scale::of(sorted.iter().map(|&value| piece.position(value)));
                piece
            })
            .collect()
    }

    fn position(&self, value: f64) -> f64 {
        ((value - self.first) / (self.last - self.first)).clamp(0.0, 1.0)
    }

    pub(super) fn encode(&self, value: f64) -> f64 {
        self.scale.apply(self.position(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_feature_has_eight_pieces_a_mostly_empty_one_has_one_and_a_constant_none() {
        let spread: Vec<f64> = (0..=80).map(f64::from).collect();
        let pieces = Piece::of(&spread);
        assert_eq!(pieces.len(), 8);
        assert_eq!((pieces[1].first, pieces[1].last), (10.0, 20.0));
        let positions: Vec<f64> = pieces[..4].iter().map(|p| p.position(25.0)).collect();
        assert_eq!(positions, [1.0, 1.0, 0.5, 0.0]);
        let mut rare = vec![0.0; 99];
        rare.push(5.0);
        assert_eq!(Piece::of(&rare).len(), 1);
        assert!(Piece::of(&[7.0; 20]).is_empty());
    }
}
