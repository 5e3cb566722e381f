//! Points and rectangles in pixels.

/// Pixels from the left and from the top.
pub type Point = (f64, f64);

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    #[must_use]
    pub fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { x, y, width, height }
    }

    #[must_use]
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    #[must_use]
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// The parts of a path that are within a rectangle.
///
/// A point that is not finite ends a part.
#[must_use]
pub fn clipped(points: &[Point], rect: Rect) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = Vec::new();
    let mut part: Vec<Point> = Vec::new();
    for pair in points.windows(2) {
        match clipped_segment(pair[0], pair[1], rect) {
            Some((from, to)) => {
                if part.last() != Some(&from) {
                    parts.push(std::mem::take(&mut part));
                    part.push(from);
                }
                part.push(to);
            }
            None => parts.push(std::mem::take(&mut part)),
        }
    }
    parts.push(part);
    parts.retain(|part| part.len() > 1);
    parts
}

/// The part of a segment within a rectangle (Liang and Barsky, ACM Transactions on Graphics 3
/// (1984) 1).
fn clipped_segment((x0, y0): Point, (x1, y1): Point, rect: Rect) -> Option<(Point, Point)> {
    if ![x0, y0, x1, y1].into_iter().all(f64::is_finite) {
        return None;
    }
    let (dx, dy) = (x1 - x0, y1 - y0);
    let (mut enters, mut leaves) = (0.0_f64, 1.0_f64);
    let borders =
        [(-dx, x0 - rect.x), (dx, rect.right() - x0), (-dy, y0 - rect.y), (dy, rect.bottom() - y0)];
    for (step, room) in borders {
        if step == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if step < 0.0 {
            enters = enters.max(room / step);
        } else {
            leaves = leaves.min(room / step);
        }
    }
    let at = |share: f64| match share {
        0.0 => (x0, y0),
        1.0 => (x1, y1),
        share => (x0 + share * dx, y0 + share * dy),
    };
    (enters <= leaves).then(|| (at(enters), at(leaves)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cut_where_it_leaves_a_rectangle() {
        let rect = Rect::new(0.0, 0.0, 10.0, 10.0);
        let path = [(-5.0, 5.0), (5.0, 5.0), (5.0, 15.0), (8.0, 15.0), (8.0, 2.0), (9.0, 2.0)];
        let expected =
            [vec![(0.0, 5.0), (5.0, 5.0), (5.0, 10.0)], vec![(8.0, 10.0), (8.0, 2.0), (9.0, 2.0)]];
        assert_eq!(clipped(&path, rect), expected);
        let broken = [(1.0, 1.0), (2.0, f64::NAN), (3.0, 3.0), (4.0, 4.0)];
        assert_eq!(clipped(&broken, rect), [vec![(3.0, 3.0), (4.0, 4.0)]]);
        assert!(clipped(&[(-1.0, -1.0), (-2.0, 20.0)], rect).is_empty());
    }
}
