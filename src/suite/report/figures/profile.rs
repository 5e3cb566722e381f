use std::fmt::Write as _;

use super::axes::{Axes, range};
use crate::suite::report::artefacts::Rows;

const WIDTH: f64 = 252.0;
const HEIGHT: f64 = 190.0;
const BINS: usize = 60;
/// Values of an event, of which means of neighbours are drawn where there are more.
const POINTS: usize = 120;

fn axes(x: (f64, f64), y: (f64, f64)) -> Axes {
    Axes {
        width: WIDTH,
        height: HEIGHT,
        left: 34.0,
        right: 8.0,
        top: 6.0,
        bottom: 22.0,
        x,
        y,
        logarithmic: false,
    }
}

fn svg(axes: &Axes, body: &str, label: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{label}\">{}{body}</svg>",
        axes.draw(4, 4)
    )
}

/// Densities of single numbers: data filled with grey, generated as a line.
pub fn histograms(data: &Rows, generated: Option<&Rows>, label: &str) -> Option<String> {
    let (low, high) = range(data.iter().flatten().copied(), false)?;
    let width = (high - low) / BINS as f64;
    let density = |rows: &Rows| {
        let mut counts = vec![0.0; BINS];
        for value in rows.iter().flatten().filter(|value| **value >= low && **value < high) {
            counts[(((value - low) / width) as usize).min(BINS - 1)] += 1.0;
        }
        let total = rows.len().max(1) as f64 * width;
        counts.iter_mut().for_each(|count| *count /= total);
        counts
    };
    let densities: Vec<Vec<f64>> = std::iter::once(data).chain(generated).map(density).collect();
    let highest = densities.iter().flatten().copied().fold(0.0, f64::max).max(1e-12);
    let axes = axes((low, high), (0.0, 1.06 * highest));
    let mut body = String::new();
    for (values, class) in densities.iter().zip(["data", "generated"]) {
        let edge = |bin: usize| low + width * bin as f64;
        let steps = values
            .iter()
            .enumerate()
            .flat_map(|(bin, value)| [(edge(bin), *value), (edge(bin + 1), *value)]);
        let outline = std::iter::once((low, 0.0)).chain(steps).chain([(high, 0.0)]);
        let _ = write!(body, r#"<path class="{class}" d="{}"/>"#, axes.path(outline));
    }
    Some(svg(&axes, &body, label))
}

/// Means and standard deviations of every value of an event: data as a grey band, generated as
/// three lines.
pub fn profile(data: &Rows, generated: Option<&Rows>, label: &str) -> Option<String> {
    let length = data.first()?.len();
    let stride = length.div_ceil(POINTS).max(1);
    let of = |rows: &Rows| -> Vec<(f64, f64, f64)> {
        let places: Vec<usize> = (0..length).collect();
        places
            .chunks(stride)
            .map(|places| {
                let values = || {
                    let rows = rows.iter().flat_map(|row| places.iter().map(|place| row[*place]));
                    rows.filter(|value| value.is_finite())
                };
                let count = values().count().max(1) as f64;
                let mean = values().sum::<f64>() / count;
                let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
                let centre = places.iter().sum::<usize>() as f64 / places.len() as f64;
                (centre, mean, variance.sqrt())
            })
            .collect()
    };
    let real = of(data);
    let ends = real.iter().flat_map(|(_, mean, sigma)| [mean - sigma, mean + sigma]);
    let axes = axes((0.0, (length - 1).max(1) as f64), range(ends, false)?);
    let upper = real.iter().map(|(x, mean, sigma)| (*x, mean + sigma));
    let lower = real.iter().rev().map(|(x, mean, sigma)| (*x, mean - sigma));
    let mut body = format!(r#"<path class="data" d="{}Z"/>"#, axes.path(upper.chain(lower)));
    if let Some(generated) = generated {
        for factor in [-1.0, 0.0, 1.0] {
            let line = of(generated);
            let path = axes.path(line.iter().map(|(x, mean, s)| (*x, mean + factor * s)));
            let _ = write!(body, r#"<path class="generated" d="{path}"/>"#);
        }
    } else {
        let path = axes.path(real.iter().map(|(x, mean, _)| (*x, *mean)));
        let _ = write!(body, r#"<path class="middle" d="{path}"/>"#);
    }
    Some(svg(&axes, &body, label))
}
