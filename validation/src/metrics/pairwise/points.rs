use crate::metrics::FeatureMatrix;

/// Events about a centre, and their squared distances from it.
pub(crate) struct Points {
    /// `[events, features]`
    pub(crate) values: Vec<f64>,
    /// `[events]`
    pub(crate) squares: Vec<f64>,
    pub(crate) dimensions: usize,
}

impl Points {
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
        let mut values = Vec::new();
        for event in events {
            let event = features.event(event);
            match centre {
                Some(centre) => values.extend(event.iter().zip(centre).map(|(x, c)| x - c)),
                None => values.extend_from_slice(event),
            }
        }
        let squares = values.chunks_exact(dimensions).map(square).collect();
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
