use detectors::{Detector, Family};
use ndarray::{Array2, ArrayView1};

/// One quantity of the validation sample and of generated events, in the same bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    pub label: String,
    /// `[bins + 1]`
    pub edges: Vec<f64>,
    /// Shares of the events in each bin. `[bins]`
    pub reference: Vec<f64>,
    /// `[bins]`
    pub generated: Vec<f64>,
}

const BINS: usize = 40;
/// Layers that are shown: those with the greatest mean.
const LAYERS: usize = 8;

/// The total and the layers with most of it, or the columns of a table.
///
/// # Shapes
/// Both samples: `[events, layers + 1]`, the total last, or `[events, columns]`.
pub fn compare(
    detector: &Detector,
    reference: &Array2<f64>,
    generated: &Array2<f64>,
    weights: Option<&[f64]>,
) -> Vec<Comparison> {
    let layers = detector.layers().len();
    let mean = |column: usize| reference.column(column).mean().unwrap_or(0.0);
    let mut chosen: Vec<usize> =
        if layers > 0 { (0..layers).collect() } else { (0..reference.ncols()).collect() };
    if layers > LAYERS {
        chosen.sort_by(|&a, &b| mean(b).total_cmp(&mean(a)));
        chosen.truncate(LAYERS);
        chosen.sort_unstable();
    }
    let total = (layers > 0).then_some(layers);
    total
        .into_iter()
        .chain(chosen)
        .map(|column| {
            let (reference, generated) = (reference.column(column), generated.column(column));
            let edges = edges_of(reference);
            Comparison {
                label: label(detector, column),
                reference: shares(&edges, reference, weights),
                generated: shares(&edges, generated, weights),
                edges,
            }
        })
        .collect()
}

fn label(detector: &Detector, column: usize) -> String {
    if let Some(of_table) = detector.columns().get(column) {
        return of_table.name.clone();
    }
    let quantity = capitalised(detector.quantity());
    match (detector.layers().get(column), detector.family()) {
        (Some(layer), Family::Calorimeter) => format!("E of layer {} / E_inc", layer.id()),
        (Some(layer), _) => format!("{quantity} of layer {}", layer.id()),
        (None, Family::Calorimeter) => "E_tot / E_inc".to_owned(),
        (None, _) => format!("Total {}", detector.quantity()),
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// Equal bins from the 0.2 % to the 99.8 % quantile, a little widened.
fn edges_of(values: ArrayView1<'_, f64>) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| {
        sorted.get((share * (sorted.len().saturating_sub(1)) as f64) as usize).copied()
    };
    let (low, high) = (at(0.002).unwrap_or(0.0), at(0.998).unwrap_or(1.0));
    let margin = (0.05 * (high - low)).max(1e-6 * high.abs()).max(1e-9);
    // What cannot be negative does not begin below 0.
    let from = if low >= 0.0 { (low - margin).max(0.0) } else { low - margin };
    let width = (high + margin - from) / BINS as f64;
    (0..=BINS).map(|edge| from + width * edge as f64).collect()
}

/// What lies outside counts into the first or the last bin, so that it is seen.
fn shares(edges: &[f64], values: ArrayView1<'_, f64>, weights: Option<&[f64]>) -> Vec<f64> {
    let mut counts = vec![0.0; BINS];
    let (from, width) = (edges[0], edges[1] - edges[0]);
    let mut total = 0.0;
    for (event, &value) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
        let weight = weights.map_or(1.0, |weights| weights[event]);
        counts[(((value - from) / width).max(0.0) as usize).min(BINS - 1)] += weight;
        total += weight;
    }
    let norm = if total > 0.0 { total } else { 1.0 };
    counts.into_iter().map(|count| count / norm).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use super::*;

    #[test]
    fn shares_add_up_and_what_is_outside_is_at_the_end() {
        let values = Array1::from_iter((0..1000).map(|i| f64::from(i) / 1000.0));
        let edges = edges_of(values.view());
        assert_eq!((edges.len(), edges[0]), (BINS + 1, 0.0));
        let far = Array1::from_elem(10, 7.0);
        let found = shares(&edges, far.view(), None);
        assert_eq!(found[BINS - 1], 1.0);
        let even = shares(&edges, values.view(), None);
        approx::assert_relative_eq!(even.iter().sum::<f64>(), 1.0, max_relative = 1e-12);
        // A constant has bins of some width too.
        let constant = Array1::from_elem(10, 3.0);
        assert!(edges_of(constant.view()).is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn the_total_comes_first_and_only_the_greatest_layers_follow() {
        let detector = detectors::builtin("clic-ecal-25").expect("built in");
        let columns = detector.layers().len() + 1;
        let sums =
            Array2::from_shape_fn((50, columns), |(event, layer)| 0.01 * (layer + event) as f64);
        let found = compare(&detector, &sums, &sums, None);
        let labels: Vec<&str> = found.iter().map(|c| c.label.as_str()).collect();
        assert_eq!(labels.len(), 1 + LAYERS);
        assert_eq!(labels[..2], ["E_tot / E_inc", "E of layer 17 / E_inc"]);
        assert!(found.iter().all(|c| c.reference == c.generated));
    }
}
