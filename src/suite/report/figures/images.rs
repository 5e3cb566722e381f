use crate::suite::report::artefacts::{Artefacts, Rows};
use crate::suite::report::draw::{Colour, Picture, grey, png_uri};

/// How values of images become grey or colours, by the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ImageView {
    pub channels: usize,
    pub rows: usize,
    pub columns: usize,
    low: f64,
    high: f64,
    /// Energies over several decades.
    pub logarithmic: bool,
}

const GAP: usize = 1;
const BACK: Colour = [226, 230, 236];
const NOT_FINITE: Colour = [255, 0, 90];
/// Images of a picture, and of a frame of an animation.
const SHOWN: usize = 64;
const IN_FRAME: usize = 16;
/// Images side by side of tasks from image to image.
const PAIRS: usize = 8;
/// Lines of them, each of input, sample and data.
const BLOCKS: usize = 2;
/// Width that a picture is shown with, about.
const WIDTH: usize = 232;
/// Highest over mean value from which on grey is logarithmic.
const PEAKED: f64 = 15.0;

impl ImageView {
    /// For events of `[channels, rows, columns]`, by the range of the data.
    pub fn of(shape: [usize; 3], data: &Rows) -> Option<Self> {
        let [channels, rows, columns] = shape;
        let values = || data.iter().flatten().copied().filter(|value| value.is_finite());
        let low = values().fold(f64::INFINITY, f64::min);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        let mean = values().sum::<f64>() / values().count().max(1) as f64;
        let logarithmic = low >= 0.0 && mean > 0.0 && high > PEAKED * mean;
        (low < high).then_some(Self { channels, rows, columns, low, high, logarithmic })
    }

    fn share(&self, value: f64) -> f64 {
        if self.logarithmic {
            // Four decades below the highest value.
            let floor = 1e-4 * self.high;
            (value.max(floor) / floor).log10() / 4.0
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    fn colour(&self, event: &[f64], row: usize, column: usize) -> Colour {
        let plane = self.rows * self.columns;
        let at = |channel: usize| event[channel * plane + row * self.columns + column];
        if self.channels == 3 {
            let values = [at(0), at(1), at(2)];
            return if values.iter().all(|value| value.is_finite()) {
                values.map(|value| grey(self.share(value))[0])
            } else {
                NOT_FINITE
            };
        }
        match at(0) {
            value if !value.is_finite() => NOT_FINITE,
            // Energies are dark on white, as in event displays.
            value if self.logarithmic => grey(1.0 - self.share(value)),
            value => grey(self.share(value)),
        }
    }

    /// Images at places of a grid, given as column and row.
    fn placed(&self, cells: &[(usize, usize, &[f64])]) -> Picture {
        let across = cells.iter().map(|cell| cell.0 + 1).max().unwrap_or(1);
        let down = cells.iter().map(|cell| cell.1 + 1).max().unwrap_or(1);
        let (width, height) = (self.columns + GAP, self.rows + GAP);
        let mut picture = Picture::new(across * width + GAP, down * height + GAP, BACK);
        for (column, row, event) in cells {
            let (left, top) = (column * width + GAP, row * height + GAP);
            for y in 0..self.rows {
                for x in 0..self.columns {
                    picture.set(left + x, top + y, self.colour(event, y, x));
                }
            }
        }
        picture
    }

    /// Images beside each other in a square.
    fn square(&self, events: &[&[f64]]) -> Picture {
        let side = (1..).find(|side| side * side >= events.len()).unwrap_or(1);
        let numbered = events.iter().enumerate();
        let cells: Vec<(usize, usize, &[f64])> =
            numbered.map(|(number, event)| (number % side, number / side, *event)).collect();
        self.placed(&cells)
    }

    /// The first images of a sample, by class where there are classes.
    pub fn sheet(&self, artefacts: &Artefacts, events: &Rows) -> Picture {
        let places = artefacts.by_label(events.len().min(SHOWN));
        let chosen: Vec<&[f64]> = places.iter().map(|place| events[*place].as_slice()).collect();
        self.square(&chosen)
    }

    /// Rows of inputs, what was made of them, and the data.
    pub fn translations(&self, artefacts: &Artefacts, input: &Rows) -> Picture {
        let all = input.iter().zip(&artefacts.samples).zip(&artefacts.reference);
        let mut cells: Vec<(usize, usize, &[f64])> = Vec::new();
        for (number, ((input, sample), data)) in all.take(BLOCKS * PAIRS).enumerate() {
            let (column, top) = (number % PAIRS, 3 * (number / PAIRS));
            cells.extend([
                (column, top, &**input),
                (column, top + 1, sample),
                (column, top + 2, data),
            ]);
        }
        self.placed(&cells)
    }

    /// A frame of an animation.
    pub fn frame(&self, events: &Rows) -> Picture {
        let chosen: Vec<&[f64]> = events.iter().take(IN_FRAME).map(Vec::as_slice).collect();
        self.square(&chosen)
    }
}

/// Width in CSS pixels: a whole multiple of the picture's own.
pub fn shown_width(picture: &Picture) -> usize {
    picture.width * (WIDTH / picture.width.max(1)).max(1)
}

/// An image element.
pub fn element(picture: &Picture, alternative: &str) -> String {
    format!(
        "<img class=\"pixels\" width=\"{}\" alt=\"{alternative}\" src=\"{}\">",
        shown_width(picture),
        png_uri(&picture.png())
    )
}
