use crate::ValidationError;
use crate::metrics::FeatureMatrix;
use crate::metrics::pairwise::{Points, Scalar, TILE, common_centre, squared_distance};

/// Events sorted by their distance from a centre, so that blocks of them that are far apart in it
/// need not be compared.
pub(super) struct Space<'a, T> {
    pub(super) features: &'a FeatureMatrix,
    /// The event at each place of the sorted order.
    pub(super) order: Vec<usize>,
    pub(super) points: Points<T>,
    /// |x|² (1 − e): what is left of it if the error e|x|² of a squared distance is taken off.
    pub(super) shrunk: Vec<T>,
    /// e: an inner product of n terms is off by less than n ε |x| |y|, and centring and the sum of
    /// three terms add a few ε.
    pub(super) error: f64,
    /// What products so small that they lose digits may be off by.
    pub(super) least: f64,
}

impl<'a, T: Scalar> Space<'a, T> {
    fn new(features: &'a FeatureMatrix, centre: &[f64]) -> Result<Self, ValidationError> {
        let square = |event: usize| squared_distance(features.event(event), centre);
        let squares: Vec<f64> = (0..features.events()).map(square).collect();
        if squares.iter().any(|square| !square.is_finite()) {
            return Err(ValidationError::Sample {
                label: features.label().to_owned(),
                problem: "has values so great that distances overflow".to_owned(),
            });
        }
        let mut order: Vec<usize> = (0..features.events()).collect();
        order.sort_by(|&a, &b| squares[a].total_cmp(&squares[b]).then(a.cmp(&b)));
        let points = Points::<T>::of_events(features, order.iter().copied(), Some(centre));
        let error = error::<T>(features.features());
        let shrunk =
            points.squares.iter().map(|square| T::rounded(square * (1.0 - error))).collect();
        let least = features.features() as f64 * T::LEAST;
        Ok(Self { features, order, points, shrunk, error, least })
    }

    /// The event at a place of the sorted order.
    pub(super) fn event(&self, place: usize) -> &[f64] {
        self.features.event(self.order[place])
    }

    pub(super) fn blocks(&self) -> usize {
        self.points.events().div_ceil(TILE)
    }

    /// The places of a block.
    pub(super) fn block(&self, block: usize) -> std::ops::Range<usize> {
        block * TILE..self.points.events().min((block + 1) * TILE)
    }

    /// Distance from the centre of the nearest and of the farthest event of a block.
    fn reach(&self, block: usize) -> (f64, f64) {
        let places = self.block(block);
        (self.points.squares[places.start].sqrt(), self.points.squares[places.end - 1].sqrt())
    }

    /// No event of `block` is nearer than this, squared, to one of `other`'s block.
    pub(super) fn squared_gap(&self, block: usize, other: &Self, other_block: usize) -> f64 {
        let ((near, far), (other_near, other_far)) = (self.reach(block), other.reach(other_block));
        // A little less, for the rounding of the reaches.
        let gap = (near - other_far).max(other_near - far) - 1e-12 * far.max(other_far);
        gap.max(0.0).powi(2)
    }
}

fn error<T: Scalar>(dimensions: usize) -> f64 {
    (2 * dimensions + 32) as f64 * T::EPSILON
}

/// One set or two in a common space, in as few digits as tell neighbours from others.
pub(super) enum Spaces<'a> {
    Single(Vec<Space<'a, f32>>),
    Double(Vec<Space<'a, f64>>),
}

impl<'a> Spaces<'a> {
    pub(super) fn new(sets: &[&'a FeatureMatrix]) -> Result<Self, ValidationError> {
        let (first, last) = (sets[0], sets[sets.len() - 1]);
        let centre = common_centre(first, last);
        if single_tells_apart(sets, &centre) {
            let spaces = sets.iter().map(|set| Space::new(set, &centre)).collect::<Result<_, _>>();
            return Ok(Self::Single(spaces?));
        }
        let spaces = sets.iter().map(|set| Space::new(set, &centre)).collect::<Result<_, _>>();
        Ok(Self::Double(spaces?))
    }
}

/// Whether products in single precision leave few pairs of events for which it takes the exact
/// distance to tell whether they are near: by all pairs of some events at equal steps.
fn single_tells_apart(sets: &[&FeatureMatrix], centre: &[f64]) -> bool {
    /// Events of each set.
    const EVENTS: usize = 128;
    /// An exact distance takes as long as some ten products in double precision.
    const SHARE: f64 = 0.02;
    /// The numbers that have all digits in single precision, with some room for sums.
    const RANGE: std::ops::Range<f64> = 1e-25..1e30;
    let chosen: Vec<(&[f64], f64)> = sets
        .iter()
        .flat_map(|set| {
            let taken = set.events().min(EVENTS);
            (0..taken).map(move |number| set.event(number * set.events() / taken))
        })
        .map(|event| (event, squared_distance(event, centre)))
        .collect();
    let greatest = sets
        .iter()
        .flat_map(|set| set.as_slice().chunks_exact(centre.len()))
        .map(|event| squared_distance(event, centre))
        .fold(0.0, f64::max);
    if !RANGE.contains(&greatest) {
        return false;
    }
    let error = error::<f32>(centre.len());
    let mut near = 0;
    for (number, (event, square)) in chosen.iter().enumerate() {
        near += chosen[..number]
            .iter()
            .filter(|(other, other_square)| {
                squared_distance(event, other) <= 4.0 * error * (square + other_square)
            })
            .count();
    }
    let pairs = (chosen.len() * chosen.len().saturating_sub(1) / 2).max(1);
    (near as f64) < SHARE * pairs as f64
}
