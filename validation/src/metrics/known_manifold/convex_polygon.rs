use super::KnownManifold;
use crate::ValidationError;
use crate::metrics::checks::problem_of;

/// A convex polygon in the plane with its inside: the manifold of events with two features.
///
/// ```
/// use validation::metrics::known_manifold::{ConvexPolygon, KnownManifold};
/// let square = ConvexPolygon::new(&[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])?;
/// assert_eq!(square.distance(&[0.5, 0.5]), 0.0);
/// assert_eq!(square.distance(&[4.0, 5.0]), 5.0);
/// # Ok::<(), validation::ValidationError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ConvexPolygon {
    /// Counter-clockwise.
    corners: Vec<[f64; 2]>,
}

impl ConvexPolygon {
    /// The corners in order, either way round.
    ///
    /// # Errors
    /// Fewer than three corners, numbers that are not finite, corners in one line, or an outline
    /// that turns both ways or crosses itself.
    pub fn new(corners: &[[f64; 2]]) -> Result<Self, ValidationError> {
        let refused = |problem: &str| Err(problem_of("polygon", problem.to_owned()));
        if corners.len() < 3 {
            return refused("has fewer than three corners");
        }
        if corners.iter().flatten().any(|value| !value.is_finite()) {
            return refused("has a corner that is not finite");
        }
        let mut corners = corners.to_vec();
        let count = corners.len();
        // Twice the area, above 0 if counter-clockwise.
        let area: f64 = (1..count - 1).map(|i| turn(corners[0], corners[i], corners[i + 1])).sum();
        if area < 0.0 {
            corners.reverse();
        }
        let convex = (0..count)
            .all(|i| turn(corners[i], corners[(i + 1) % count], corners[(i + 2) % count]) > 0.0);
        // A star turns one way at each corner, too, but more than once about.
        let angles: f64 = (0..count)
            .map(|i| {
                let [a, b, c] = [0, 1, 2].map(|k| corners[(i + k) % count]);
                let (u, v) = ([b[0] - a[0], b[1] - a[1]], [c[0] - b[0], c[1] - b[1]]);
                (u[0] * v[1] - u[1] * v[0]).atan2(u[0] * v[0] + u[1] * v[1])
            })
            .sum();
        if !convex || (angles - std::f64::consts::TAU).abs() > 1e-6 {
            return refused("is not convex, or has three neighbouring corners in a line");
        }
        Ok(Self { corners })
    }

    /// Of the inside.
    pub fn area(&self) -> f64 {
        let corners = &self.corners;
        let doubled: f64 =
            (1..corners.len() - 1).map(|i| turn(corners[0], corners[i], corners[i + 1])).sum();
        doubled / 2.0
    }
}

impl KnownManifold for ConvexPolygon {
    fn features(&self) -> usize {
        2
    }

    fn distance(&self, event: &[f64]) -> f64 {
        let point = [event[0], event[1]];
        let edges = || {
            let next = self.corners.iter().cycle().skip(1);
            self.corners.iter().zip(next)
        };
        if edges().all(|(&a, &b)| turn(a, b, point) >= 0.0) {
            return 0.0;
        }
        edges().map(|(&a, &b)| distance_to_edge(point, a, b)).fold(f64::INFINITY, f64::min)
    }
}

/// Twice the area of the triangle, above 0 where c lies to the left of the way from a to b.
fn turn(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

fn distance_to_edge(point: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let along = [b[0] - a[0], b[1] - a[1]];
    let from = [point[0] - a[0], point[1] - a[1]];
    let length = along[0] * along[0] + along[1] * along[1];
    let t = ((from[0] * along[0] + from[1] * along[1]) / length).clamp(0.0, 1.0);
    (from[0] - t * along[0]).hypot(from[1] - t * along[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_to_edges_and_corners_of_a_triangle() {
        let corners = [[0.0, 0.0], [4.0, 0.0], [0.0, 3.0]];
        let backwards = [[0.0, 3.0], [4.0, 0.0], [0.0, 0.0]];
        for corners in [corners, backwards] {
            let triangle = ConvexPolygon::new(&corners).expect("convex");
            assert_eq!(triangle.area(), 6.0);
            assert_eq!(triangle.distance(&[1.0, 1.0]), 0.0);
            assert_eq!(triangle.distance(&[2.0, -1.5]), 1.5);
            assert_eq!(triangle.distance(&[-3.0, 7.0]), 5.0);
            // From the middle of the long side, along its normal (3, 4) / 5.
            let found = triangle.distance(&[2.0 + 0.6 * 2.0, 1.5 + 0.8 * 2.0]);
            approx::assert_relative_eq!(found, 2.0, max_relative = 1e-14);
        }
    }

    #[test]
    fn outlines_that_are_not_convex_are_refused() {
        let arrow = [[0.0, 0.0], [4.0, 0.0], [1.0, 1.0], [0.0, 4.0]];
        let line = [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]];
        let star: Vec<[f64; 2]> = (0..5)
            .map(|i| {
                let angle = f64::from(2 * i) * std::f64::consts::TAU / 5.0;
                [angle.cos(), angle.sin()]
            })
            .collect();
        for corners in [&arrow[..], &line, &star, &arrow[..2], &[[f64::NAN; 2]; 3]] {
            assert!(ConvexPolygon::new(corners).is_err(), "{corners:?}");
        }
    }
}
