use super::colours::Colour;
use super::png;

/// Shares of cover that a mark can have, so that pictures have few colours.
const LEVELS: f32 = 10.0;

/// How far each pixel is covered by marks of one kind.
#[derive(Debug, Clone)]
pub struct Layer {
    width: usize,
    height: usize,
    cover: Vec<f32>,
}

impl Layer {
    pub fn new(width: usize, height: usize) -> Self {
        Self { width, height, cover: vec![0.0; width * height] }
    }

    /// A line with round ends, in pixels from the upper left; a dot where both ends are the same.
    /// What is outside of the picture is left out.
    pub fn stroke(&mut self, from: (f64, f64), to: (f64, f64), radius: f64, opacity: f64) {
        let finite = [from.0, from.1, to.0, to.1].iter().all(|value| value.is_finite());
        if !finite {
            return;
        }
        let span = |a: f64, b: f64, size: usize| {
            let low = (a.min(b) - radius - 1.0).floor().clamp(0.0, size as f64);
            let high = (a.max(b) + radius + 1.0).ceil().clamp(0.0, size as f64);
            low as usize..high as usize
        };
        let columns = span(from.0, to.0, self.width);
        for row in span(from.1, to.1, self.height) {
            for column in columns.clone() {
                let centre = (column as f64 + 0.5, row as f64 + 0.5);
                let covered = (radius + 0.5 - distance(centre, from, to)).clamp(0.0, 1.0) * opacity;
                let cover = &mut self.cover[row * self.width + column];
                *cover = 1.0 - (1.0 - *cover) * (1.0 - covered as f32);
            }
        }
    }

    /// A line through points.
    pub fn path(&mut self, points: &[(f64, f64)], radius: f64, opacity: f64) {
        for pair in points.windows(2) {
            self.stroke(pair[0], pair[1], radius, opacity);
        }
    }
}

/// From a point to a line between two others.
fn distance(point: (f64, f64), from: (f64, f64), to: (f64, f64)) -> f64 {
    let (along_x, along_y) = (to.0 - from.0, to.1 - from.1);
    let (x, y) = (point.0 - from.0, point.1 - from.1);
    let length = along_x * along_x + along_y * along_y;
    let share =
        if length > 0.0 { ((x * along_x + y * along_y) / length).clamp(0.0, 1.0) } else { 0.0 };
    (x - share * along_x).hypot(y - share * along_y)
}

/// Coloured pixels, row by row from the upper left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pixels: Vec<Colour>,
}

impl Picture {
    pub fn new(width: usize, height: usize, colour: Colour) -> Self {
        Self { width, height, pixels: vec![colour; width * height] }
    }

    pub fn set(&mut self, column: usize, row: usize, colour: Colour) {
        if column < self.width && row < self.height {
            self.pixels[row * self.width + column] = colour;
        }
    }

    /// Lays a colour over what is there, where the layer covers it.
    pub fn paint(&mut self, layer: &Layer, colour: Colour) {
        for (pixel, cover) in self.pixels.iter_mut().zip(&layer.cover) {
            if *cover > 0.0 {
                let share = (cover * LEVELS).ceil() / LEVELS;
                for (channel, over) in pixel.iter_mut().zip(colour) {
                    let (below, over) = (f32::from(*channel), f32::from(over));
                    *channel = (below + share * (over - below)).round() as u8;
                }
            }
        }
    }

    /// Like [`Self::paint`] on an empty background: what was there before does not shine through,
    /// so that crossing lines make no further colours.
    pub fn replace(&mut self, layer: &Layer, colour: Colour, background: Colour) {
        let mut alone = Self::new(self.width, self.height, background);
        alone.paint(layer, colour);
        for (pixel, over) in self.pixels.iter_mut().zip(alone.pixels) {
            if over != background {
                *pixel = over;
            }
        }
    }

    /// Puts another picture here, with its upper left corner at this pixel.
    pub fn paste(&mut self, other: &Self, column: usize, row: usize) {
        for (number, line) in other.pixels.chunks(other.width.max(1)).enumerate() {
            for (offset, colour) in line.iter().enumerate() {
                self.set(column + offset, row + number, *colour);
            }
        }
    }

    /// As a PNG file.
    pub fn png(&self) -> Vec<u8> {
        png::encode(self.width, self.height, &self.pixels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_and_lines_cover_their_area() {
        let mut layer = Layer::new(40, 40);
        layer.stroke((20.0, 20.0), (20.0, 20.0), 6.0, 1.0);
        let area: f32 = layer.cover.iter().sum();
        assert!((f64::from(area) - std::f64::consts::PI * 36.0).abs() < 2.0, "{area}");
        let mut line = Layer::new(40, 40);
        line.path(&[(-10.0, 10.0), (50.0, 10.0)], 1.0, 0.5);
        let area: f32 = line.cover.iter().sum();
        assert!((f64::from(area) - 40.0).abs() < 0.5, "{area}");
        line.stroke((f64::NAN, 0.0), (1.0, 1.0), 1.0, 1.0);
        assert_eq!(line.cover.iter().sum::<f32>(), area);
    }

    #[test]
    fn pictures_are_painted_and_pasted() {
        let mut small = Picture::new(3, 3, [255; 3]);
        let mut layer = Layer::new(3, 3);
        layer.stroke((1.5, 1.5), (1.5, 1.5), 0.4, 1.0);
        small.paint(&layer, [0; 3]);
        let mut large = Picture::new(6, 4, [255; 3]);
        large.paste(&small, 3, 1);
        let dark: Vec<usize> = (0..24).filter(|at| large.pixels[*at] != [255; 3]).collect();
        assert_eq!(dark, [2 * 6 + 4]);
    }
}
