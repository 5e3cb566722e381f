use std::fmt::Write as _;

use super::plane::PlaneView;
use crate::suite::report::artefacts::{Artefacts, Surface};
use crate::suite::report::draw::{Picture, sequential};
use crate::suite::report::text::escaped;

/// Levels of contour lines, and shades between them.
const LEVELS: usize = 10;
/// Pixels along each side of the shading.
const SIDE: usize = 216;
/// Points of the data that are drawn.
const POINTS: usize = 400;

/// The critic's score in the plane: shades, contour lines, and the data on top. `None` where no
/// score is finite.
pub fn surface_picture(artefacts: &Artefacts, surface: &Surface, system: &str) -> Option<String> {
    let finite = surface.scores.iter().copied().filter(|score| score.is_finite());
    let low = finite.clone().fold(f64::INFINITY, f64::min);
    let high = finite.fold(f64::NEG_INFINITY, f64::max);
    if low > high || surface.cells < 2 {
        return None;
    }
    let view = PlaneView { x: (surface.x[0], surface.x[1]), y: (surface.y[0], surface.y[1]) };
    let level = |number: usize| low + (high - low) * number as f64 / LEVELS as f64;
    let mut shading = Picture::new(SIDE, SIDE, [255; 3]);
    for row in 0..SIDE {
        for column in 0..SIDE {
            let share = |pixel: usize| (pixel as f64 + 0.5) / SIDE as f64;
            let score = interpolated(surface, share(column), 1.0 - share(row));
            if score.is_finite() {
                let shade = ((score - low) / (high - low).max(f64::MIN_POSITIVE) * LEVELS as f64)
                    .floor()
                    .clamp(0.0, LEVELS as f64 - 1.0);
                shading.set(column, row, sequential((shade + 0.5) / LEVELS as f64));
            }
        }
    }
    let mut above = String::from("<path class=\"contour\" d=\"");
    if high > low {
        for number in 1..LEVELS {
            contour(&mut above, surface, &view, level(number));
        }
    }
    above.push_str("\"/><path class=\"points\" d=\"");
    let inside = |point: &&Vec<f64>| {
        let within = |value: f64, (low, high)| value >= low && value <= high;
        within(point[0], view.x) && within(point[1], view.y)
    };
    for point in artefacts.reference.iter().filter(inside).take(POINTS) {
        let (x, y) = view.place(point);
        let _ = write!(above, "M{x:.1} {y:.1}h0");
    }
    above.push_str("\"/>");
    let label = format!(
        "Score of the critic of {} around the data, from {low:.3} (light) to {high:.3} (dark)",
        escaped(system)
    );
    Some(view.framed(&shading, &above, &label))
}

/// Between the centres of the cells, at shares of the square.
fn interpolated(surface: &Surface, x: f64, y: f64) -> f64 {
    let cells = surface.cells;
    let place = |share: f64| {
        let place = (share * cells as f64 - 0.5).clamp(0.0, cells as f64 - 1.0);
        let below = (place.floor() as usize).min(cells - 2);
        (below, place - below as f64)
    };
    let ((column, right), (row, up)) = (place(x), place(y));
    let at = |row: usize, column: usize| surface.scores[row * cells + column];
    let along = |row: usize| (1.0 - right) * at(row, column) + right * at(row, column + 1);
    (1.0 - up) * along(row) + up * along(row + 1)
}

/// Marching squares: where the score passes a level between the centres of cells.
fn contour(path: &mut String, surface: &Surface, view: &PlaneView, level: f64) {
    let cells = surface.cells;
    let centre =
        |range: (f64, f64), cell: f64| range.0 + (range.1 - range.0) * (cell + 0.5) / cells as f64;
    for row in 0..cells - 1 {
        for column in 0..cells - 1 {
            let corners = [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(right, up)| {
                let score = surface.scores[(row + up) * cells + column + right];
                ((column + right) as f64, (row + up) as f64, score)
            });
            let mut crossings = Vec::new();
            for (index, from) in corners.iter().enumerate() {
                let to = corners[(index + 1) % 4];
                if (from.2 < level) != (to.2 < level) {
                    let share = (level - from.2) / (to.2 - from.2);
                    let x = from.0 + share * (to.0 - from.0);
                    let y = from.1 + share * (to.1 - from.1);
                    crossings.push(view.place(&[centre(view.x, x), centre(view.y, y)]));
                }
            }
            for pair in crossings.chunks_exact(2) {
                let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
                if [x, y, to_x, to_y].iter().all(|value| value.is_finite()) {
                    let _ = write!(path, "M{x:.1} {y:.1}L{to_x:.1} {to_y:.1}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slope(cells: usize) -> Surface {
        // The score is x, from the centres of the cells.
        let scores =
            (0..cells * cells).map(|place| ((place % cells) as f64 + 0.5) / cells as f64).collect();
        Surface { x: [0.0, 1.0], y: [0.0, 1.0], cells, scores }
    }

    #[test]
    fn the_score_between_cells_is_interpolated() {
        let surface = slope(8);
        for x in [0.1, 0.3, 0.77] {
            approx::assert_relative_eq!(interpolated(&surface, x, 0.4), x, epsilon = 1e-12);
        }
    }

    #[test]
    fn contours_of_a_slope_are_vertical_lines() {
        let view = PlaneView { x: (0.0, 1.0), y: (0.0, 1.0) };
        let mut path = String::new();
        contour(&mut path, &slope(8), &view, 0.5);
        let expected = format!("M{:.1} ", view.place(&[0.5, 0.0]).0);
        assert_eq!(path.matches('M').count(), 7);
        assert_eq!(path.matches(&expected).count(), 7, "{path}");
    }
}
