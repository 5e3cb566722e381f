use crate::metrics::FeatureMatrix;

/// A number that products of events are made of.
pub(crate) trait Scalar:
    faer::traits::ComplexField + Copy + PartialOrd + Send + Sync
{
    /// Distance from 1 to the next number.
    const EPSILON: f64;
    /// Least number above 0 of full precision.
    const LEAST: f64;
    const ZERO: Self;
    const ONE: Self;

    fn rounded(value: f64) -> Self;

    fn value(self) -> f64;

    /// `first` − 2 `second`.
    fn less_twice(first: Self, second: Self) -> Self;
}

impl Scalar for f64 {
    const EPSILON: f64 = Self::EPSILON;
    const LEAST: f64 = Self::MIN_POSITIVE;
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    fn rounded(value: f64) -> Self {
        value
    }

    fn value(self) -> f64 {
        self
    }

    fn less_twice(first: Self, second: Self) -> Self {
        first - 2.0 * second
    }
}

impl Scalar for f32 {
    const EPSILON: f64 = Self::EPSILON as f64;
    const LEAST: f64 = Self::MIN_POSITIVE as f64;
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    fn rounded(value: f64) -> Self {
        value as Self
    }

    fn value(self) -> f64 {
        f64::from(self)
    }

    fn less_twice(first: Self, second: Self) -> Self {
        first - 2.0 * second
    }
}

/// Events about a centre, and their squared distances from it.
pub(crate) struct Points<T = f64> {
    /// `[events, features]`
    pub(crate) values: Vec<T>,
    /// `[events]`
    pub(crate) squares: Vec<f64>,
    pub(crate) dimensions: usize,
}

impl<T: Scalar> Points<T> {
    /// About `centre`; `None` for the origin.
    pub(crate) fn new(features: &FeatureMatrix, centre: Option<&[f64]>) -> Self {
        Self::of_events(features, 0..features.events(), centre)
    }

    /// The events of these numbers, in this order.
    pub(crate) fn of_events(
        features: &FeatureMatrix,
        events: impl IntoIterator<Item = usize>,
        centre: Option<&[f64]>,
    ) -> Self {
        let dimensions = features.features();
        let (mut values, mut squares) = (Vec::new(), Vec::new());
        let mut about = vec![0.0; dimensions];
        for event in events {
            about.copy_from_slice(features.event(event));
            if let Some(centre) = centre {
                about.iter_mut().zip(centre).for_each(|(x, c)| *x -= c);
            }
            squares.push(square(&about));
            values.extend(about.iter().map(|&x| T::rounded(x)));
        }
        Self { values, squares, dimensions }
    }

    pub(crate) fn events(&self) -> usize {
        self.squares.len()
    }
}

/// The mean of all events of both: about it the squared distances lose least to rounding.
pub(crate) fn common_centre(first: &FeatureMatrix, second: &FeatureMatrix) -> Vec<f64> {
    let dimensions = first.features();
    let mut centre = vec![0.0; dimensions];
    let total = (first.events() + second.events()) as f64;
    let both = [first.as_slice(), second.as_slice()];
    for event in both.iter().flat_map(|values| values.chunks_exact(dimensions)) {
        for (centre, value) in centre.iter_mut().zip(event) {
            *centre += value / total;
        }
    }
    centre
}

/// Sums kept apart so that the processor can add them side by side.
const LANES: usize = 8;

fn square(event: &[f64]) -> f64 {
    lanes(event, event, |x, _| x * x)
}

/// Σ (x − y)².
pub(crate) fn squared_distance(first: &[f64], second: &[f64]) -> f64 {
    lanes(first, second, |x, y| (x - y) * (x - y))
}

fn lanes(first: &[f64], second: &[f64], of: impl Fn(f64, f64) -> f64) -> f64 {
    let mut sums = [0.0; LANES];
    let (first, first_rest) = first.as_chunks::<LANES>();
    let (second, second_rest) = second.as_chunks::<LANES>();
    for (x, y) in first.iter().zip(second) {
        for lane in 0..LANES {
            sums[lane] += of(x[lane], y[lane]);
        }
    }
    let rest: f64 = first_rest.iter().zip(second_rest).map(|(&x, &y)| of(x, y)).sum();
    sums.iter().sum::<f64>() + rest
}
