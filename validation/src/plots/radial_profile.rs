//! The radial profile of the average event in a layer.

use super::drawing::axis::Scale;
use super::estimates::Estimates;
use super::layer_map::LayerMaps;
use super::profile::{Positions, Profile, ProfileSample, ProfileScale};

use crate::report::model::CellShape;

/// Rectangles are put into at most so many bins of their radius.
const MOST_BINS: f64 = 40.0;

/// The radial profile of a layer.
///
/// Of rings it is the mean per millimetre of radius, summed over the angular bins; the drawn radius
/// goes with √r. Of rectangles it is the mean per cell of those whose middle is at this radius.
/// There are no errors: the image is a mean without a spread. A layer whose lengths do not fit
/// gives a profile that cannot be drawn.
#[must_use]
pub fn radial_profile(layer: &LayerMaps) -> Profile {
    let units = &layer.units;
    let (edges, weights, rings) = bins(&layer.shape);
    let sample = |label: &str, cells: &[f64]| {
        let mut values = vec![0.0; weights.len()];
        for (&ring, &value) in rings.iter().zip(cells) {
            values[ring] += if value.is_finite() { value } else { 0.0 };
        }
        for (value, weight) in values.iter_mut().zip(&weights) {
            *value *= weight;
        }
        ProfileSample {
            label: label.to_owned(),
            estimates: Estimates::exact(values),
            ..ProfileSample::default()
        }
    };
    let in_rings = matches!(layer.shape, CellShape::Rings { .. });
    let (name, length) = (&layer.name, &units.length);
    let generated = layer.generated.iter().map(|(label, cells)| sample(label, cells));
    Profile {
        name: name.clone(),
        x_label: if in_rings {
            format!("r in {name} ({length}), √ scale")
        } else {
            format!("r in {name} ({length})")
        },
        y_label: match (in_rings, units.quantity.as_str()) {
            (true, "energy") => format!("Mean dE/dr ({} / {length})", units.unit),
            (true, quantity) => format!("Mean {quantity} / dr ({} / {length})", units.unit),
            (false, _) => units.mean_value_label(),
        },
        x_scale: if in_rings { Scale::SquareRoot } else { Scale::Linear },
        y_scale: ProfileScale::Logarithmic,
        reference: sample(&layer.reference.0, &layer.reference.1),
        generated: generated.collect(),
        positions: Positions::Edges(edges),
        notes: Vec::new(),
    }
}

/// Edges of bins of the radius, what the sum in each is multiplied with, and the bin of each cell.
fn bins(shape: &CellShape) -> (Vec<f64>, Vec<f64>, Vec<usize>) {
    match shape {
        CellShape::Rings { radial_edges_mm, angular_bins } => {
            let weights: Vec<f64> =
                radial_edges_mm.windows(2).map(|pair| 1.0 / (pair[1] - pair[0])).collect();
            let rings = (0..weights.len()).collect::<Vec<_>>().repeat(*angular_bins);
            (radial_edges_mm.clone(), weights, rings)
        }
        CellShape::Rectangles { x_edges_mm, y_edges_mm }
            if x_edges_mm.len() > 1 && y_edges_mm.len() > 1 =>
        {
            rings_of_rectangles(x_edges_mm, y_edges_mm)
        }
        CellShape::Rectangles { .. } => (Vec::new(), Vec::new(), Vec::new()),
    }
}

/// Edges of bins of the radius of which each has a cell, one over the number of its cells, and the
/// bin of each cell.
fn rings_of_rectangles(x_edges: &[f64], y_edges: &[f64]) -> (Vec<f64>, Vec<f64>, Vec<usize>) {
    let middles = |edges: &[f64]| -> Vec<f64> {
        edges.windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect()
    };
    let (x, y) = (middles(x_edges), middles(y_edges));
    let radii: Vec<f64> = y.iter().flat_map(|y| x.iter().map(move |x: &f64| x.hypot(*y))).collect();
    let narrowest = |edges: &[f64]| {
        edges.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min)
    };
    let greatest = radii.iter().copied().fold(0.0, f64::max);
    let width = narrowest(x_edges).min(narrowest(y_edges)).max(greatest / MOST_BINS);
    let number = |radius: f64| (radius / width).floor();
    let mut filled: Vec<f64> = radii.iter().map(|&radius| number(radius)).collect();
    filled.sort_by(f64::total_cmp);
    filled.dedup();
    // A bin reaches to where the next one with a cell begins.
    let mut edges: Vec<f64> = filled.iter().map(|number| number * width).collect();
    edges[0] = 0.0;
    edges.push((filled[filled.len() - 1] + 1.0) * width);
    let rings: Vec<usize> = radii
        .iter()
        .map(|&radius| filled.partition_point(|known| *known < number(radius)))
        .collect();
    let mut cells = vec![0.0; filled.len()];
    for &ring in &rings {
        cells[ring] += 1.0;
    }
    (edges, cells.iter().map(|cells| 1.0 / cells).collect(), rings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_are_averaged_over_those_at_a_radius() {
        let edges = [-1.5, -0.5, 0.5, 1.5];
        let (radii, weights, rings) = rings_of_rectangles(&edges, &edges);
        // The middle alone; then four neighbours at 1 and four corners at √2.
        assert_eq!(radii, [0.0, 1.0, 2.0]);
        assert_eq!(weights, [1.0, 0.125]);
        assert_eq!(rings, [1, 1, 1, 1, 0, 1, 1, 1, 1]);
        let (radii, weights, _) = rings_of_rectangles(&[-10.0, 10.0], &[-3.0, -1.0, 1.0, 3.0]);
        assert_eq!(radii, [0.0, 2.0, 4.0]);
        assert_eq!(weights, [1.0, 0.5]);
    }
}
