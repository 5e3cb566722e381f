use super::axes::Axes;
use crate::suite::report::artefacts::Rows;
use crate::suite::report::draw::{Colour, Layer, Picture, png_uri};

/// The square of the plane that is shown: the data and some room.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaneView {
    pub x: (f64, f64),
    pub y: (f64, f64),
}

/// Side of a drawing, without its axes.
const SIDE: f64 = 216.0;
const LEFT: f64 = 30.0;
const TOP: f64 = 6.0;
/// Pixels for each of its units.
const SCALE: f64 = 2.0;
/// Side of a frame of an animation, in pixels.
const FRAME: usize = 230;
const DATA: Colour = [176, 182, 190];
const GENERATED: Colour = [0, 92, 160];
const WHITE: Colour = [255; 3];
/// Room around the data, of their range.
const MARGIN: f64 = 0.12;

impl PlaneView {
    /// Around points in the plane; `None` if none is finite.
    pub fn of(points: &Rows) -> Option<Self> {
        let range = |axis: usize| {
            let values = points.iter().map(|point| point[axis]).filter(|v| v.is_finite());
            let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                (low.min(v), high.max(v))
            });
            (low <= high).then_some((low, high))
        };
        let (x, y) = (range(0)?, range(1)?);
        let half = (0.5 * (x.1 - x.0)).max(0.5 * (y.1 - y.0)).max(1e-9) * (1.0 + 2.0 * MARGIN);
        let around = |(low, high): (f64, f64)| {
            let centre = 0.5 * (low + high);
            (centre - half, centre + half)
        };
        Some(Self { x: around(x), y: around(y) })
    }

    /// Pixels of a point in a picture of so many.
    fn pixel(&self, point: &[f64], side: usize) -> (f64, f64) {
        let share = |value: f64, (low, high): (f64, f64)| (value - low) / (high - low);
        let side = side as f64;
        (side * share(point[0], self.x), side * (1.0 - share(point[1], self.y)))
    }

    fn has(&self, point: &[f64]) -> bool {
        let inside = |value: f64, (low, high): (f64, f64)| value >= low && value <= high;
        inside(point[0], self.x) && inside(point[1], self.y)
    }

    /// Points that are not in the picture.
    pub fn outside(&self, points: &Rows) -> usize {
        points.iter().filter(|point| !self.has(point)).count()
    }

    fn axes(&self) -> Axes {
        Axes {
            width: LEFT + SIDE + 6.0,
            height: TOP + SIDE + 22.0,
            left: LEFT,
            right: 6.0,
            top: TOP,
            bottom: 22.0,
            x: self.x,
            y: self.y,
            logarithmic: false,
        }
    }

    /// A drawing with axes of something that fills them.
    pub fn framed(&self, content: &Picture, above: &str, label: &str) -> String {
        let axes = self.axes();
        format!(
            "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{label}\">\
             <image x=\"{LEFT}\" y=\"{TOP}\" width=\"{SIDE}\" height=\"{SIDE}\" preserveAspectRatio=\"none\" href=\"{}\"/>\
             {above}{}<rect class=\"frame\" x=\"{LEFT}\" y=\"{TOP}\" width=\"{SIDE}\" height=\"{SIDE}\"/></svg>",
            axes.width,
            axes.height,
            png_uri(&content.png()),
            axes.draw(4, 4).replace("class=\"rule\"", "class=\"faint\"")
        )
    }

    /// Where a point is in the drawing that [`Self::framed`] makes.
    pub fn place(&self, point: &[f64]) -> (f64, f64) {
        let (x, y) = self.pixel(point, 1);
        (LEFT + SIDE * x, TOP + SIDE * y)
    }

    /// Data in grey, with generated points over them if there are any.
    pub fn scatter(&self, data: &Rows, generated: Option<&Rows>) -> Picture {
        let side = (SIDE * SCALE) as usize;
        let mut picture = Picture::new(side, side, WHITE);
        picture.paint(&self.dots(data, side, 0.9 * SCALE, 0.55), DATA);
        if let Some(generated) = generated {
            picture.paint(&self.dots(generated, side, 0.75 * SCALE, 0.5), GENERATED);
        }
        picture
    }

    /// Data alone, in the size of an animation's frames.
    pub fn frame_of_data(&self, data: &Rows) -> Picture {
        let mut picture = Picture::new(FRAME, FRAME, WHITE);
        picture.paint(&self.dots(data, FRAME, 0.9, 0.55), DATA);
        picture
    }

    /// A frame of an animation: generated points over the data.
    pub fn frame(&self, of_data: &Picture, generated: &Rows) -> Picture {
        let mut picture = of_data.clone();
        picture.paint(&self.dots(generated, FRAME, 0.9, 0.6), GENERATED);
        picture
    }

    fn dots(&self, points: &Rows, side: usize, radius: f64, opacity: f64) -> Layer {
        let mut layer = Layer::new(side, side);
        for point in points.iter().filter(|point| self.has(point)) {
            let place = self.pixel(point, side);
            layer.stroke(place, place, radius, opacity);
        }
        layer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_view_is_a_square_around_the_data() {
        let data = vec![vec![-1.0, 0.0], vec![1.0, 0.5], vec![f64::NAN, 3.0]];
        let view = PlaneView::of(&data).unwrap();
        let side = |(low, high): (f64, f64)| high - low;
        approx::assert_relative_eq!(side(view.x), 3.0 * 1.24, epsilon = 1e-12);
        assert!(view.y.1 > 3.0 && view.y.0 < 0.0);
        approx::assert_relative_eq!(side(view.x).max(side(view.y)), side(view.y));
        assert_eq!(view.outside(&vec![vec![0.0, 9.0], vec![0.0, 1.0], vec![f64::NAN, 0.0]]), 2);
        assert_eq!(PlaneView::of(&vec![vec![f64::NAN, 1.0]]), None);
        assert!(PlaneView::of(&vec![vec![2.0, 2.0]]).is_some());
    }
}
