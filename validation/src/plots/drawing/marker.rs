//! The shapes of points.

use super::canvas::write_number;
use super::geometry::Point;

/// Shapes tell points apart where a print is grey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    Circle,
    Square,
    TriangleUp,
    Diamond,
    TriangleDown,
    Plus,
}

/// Writes the outline of a marker, as wide as a circle of `radius` to the eye.
pub(super) fn write_marker(path: &mut String, (x, y): Point, radius: f64, marker: Marker) {
    let scaled = |shape: &[(f64, f64)], size: f64| -> Vec<Point> {
        shape.iter().map(|(dx, dy)| (x + dx * size, y + dy * size)).collect()
    };
    let corners = match marker {
        Marker::Circle => {
            path.push('M');
            write_number(path, x - radius);
            path.push(' ');
            write_number(path, y);
            for sign in [1.0, -1.0] {
                path.push('a');
                write_number(path, radius);
                path.push(' ');
                write_number(path, radius);
                path.push_str(" 0 1 0 ");
                write_number(path, sign * 2.0 * radius);
                path.push_str(" 0");
            }
            path.push('Z');
            return;
        }
        Marker::Square => {
            scaled(&[(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)], 0.9 * radius)
        }
        Marker::TriangleUp => scaled(&[(0.0, -1.1), (1.05, 0.85), (-1.05, 0.85)], 1.1 * radius),
        Marker::TriangleDown => scaled(&[(0.0, 1.1), (-1.05, -0.85), (1.05, -0.85)], 1.1 * radius),
        Marker::Diamond => {
            scaled(&[(0.0, -1.0), (0.85, 0.0), (0.0, 1.0), (-0.85, 0.0)], 1.35 * radius)
        }
        Marker::Plus => {
            const A: f64 = 0.36;
            let outline = [
                (-A, -1.0),
                (A, -1.0),
                (A, -A),
                (1.0, -A),
                (1.0, A),
                (A, A),
                (A, 1.0),
                (-A, 1.0),
                (-A, A),
                (-1.0, A),
                (-1.0, -A),
                (-A, -A),
            ];
            scaled(&outline, 1.2 * radius)
        }
    };
    for (index, (x, y)) in corners.into_iter().enumerate() {
        path.push(if index == 0 { 'M' } else { 'L' });
        write_number(path, x);
        path.push(' ');
        write_number(path, y);
    }
    path.push('Z');
}
