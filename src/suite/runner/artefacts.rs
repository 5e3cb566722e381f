use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};

use crate::events::Events;
use crate::suite::problem::ProblemData;
use crate::suite::system::Trained;

/// The version of [`Artefacts`] as it stands in files.
pub const FORMAT_VERSION: u32 = 1;

/// What a run leaves to be looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Artefacts {
    pub format_version: u32,
    /// Of one event.
    pub shape: Vec<usize>,
    /// Test events.
    pub reference: Vec<Vec<f32>>,
    /// As many generated ones.
    pub samples: Vec<Vec<f32>>,
    /// The classes that samples were asked for.
    pub labels: Option<Vec<usize>>,
    /// Generated events on the way.
    pub frames: Vec<Frame>,
    /// The critic's score in the plane.
    pub surface: Option<Surface>,
    /// Input images of tasks from image to image.
    pub input: Option<Vec<Vec<f32>>>,
}

/// Generated events after so many iterations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    pub iteration: u64,
    pub samples: Vec<Vec<f32>>,
}

/// Scores on a square grid of `cells` × `cells` points, row by row from low y.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Surface {
    pub x: [f64; 2],
    pub y: [f64; 2],
    pub cells: usize,
    pub scores: Vec<f32>,
}

/// Points along each side of a surface.
const CELLS: usize = 64;
/// Of points with more values only a few are kept: detectors, and points of many dimensions.
const FEW_VALUES: usize = 16;
/// Room around the data.
const MARGIN: f64 = 0.2;

/// Events that are kept to be looked at: many points, fewer images, few series.
pub(super) fn shown(shape: &[usize]) -> usize {
    match shape {
        [values] if *values > FEW_VALUES => 200,
        [_] => 2_000,
        [_, _] => 32,
        _ => 64,
    }
}

/// Events of a frame.
pub(super) fn in_frame(shape: &[usize]) -> usize {
    match shape {
        [values] if *values > FEW_VALUES => 0,
        [_] => 500,
        [_, _] => 8,
        _ => 16,
    }
}

/// Rows of events, with so many digits as can be seen.
pub(super) fn rows(events: &Events, count: usize) -> Vec<Vec<f32>> {
    let rounded = |value: &f32| (value * 1e4).round() / 1e4;
    events
        .values
        .rows()
        .into_iter()
        .take(count)
        .map(|row| row.iter().map(rounded).collect())
        .collect()
}

/// The critic's score around the data, of problems in the plane whose events have no conditions.
pub(super) fn surface(data: &ProblemData, trained: &dyn Trained) -> Option<Surface> {
    if data.shape != [2] || data.detector.condition_width() > 0 {
        return None;
    }
    let range = |axis: usize| {
        let values = data.test.values.index_axis(Axis(1), axis);
        let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), &value| {
            (low.min(value.into()), high.max(value.into()))
        });
        let margin = MARGIN * (high - low).max(1e-3);
        [low - margin, high + margin]
    };
    let (x, y) = (range(0), range(1));
    let place = |range: [f64; 2], step: usize| {
        (range[0] + (range[1] - range[0]) * (step as f64 + 0.5) / CELLS as f64) as f32
    };
    let values = Array2::from_shape_fn((CELLS * CELLS, 2), |(point, axis)| {
        if axis == 0 { place(x, point % CELLS) } else { place(y, point / CELLS) }
    });
    let conditions = Array2::zeros((CELLS * CELLS, 0));
    let scores = trained.scores(&Events { conditions, values, weights: None })?;
    Some(Surface { x, y, cells: CELLS, scores: scores.into_iter().map(|s| s as f32).collect() })
}
