use std::ops::Range;

use detectors::{Detector, Layer, LayerShape};

use super::lanes::{LANES, Lanes};
use super::moments::{Axial, TINY};
use crate::observables::ShowerShape;
use crate::observables::shower_shape::{back, middle, strips};

/// Strips of either side of the greatest one that w_s,tot takes.
const STRIPS_OF_WIDTH: usize = 10;

/// Measures the shower shapes of a barrel.
#[derive(Debug, Clone)]
pub(super) struct ShapeMeter {
    /// Numbers of the layers among all.
    middle: Option<(usize, Middle)>,
    strips: Option<(usize, Plane)>,
    back: Option<usize>,
}

/// What the shapes are computed from.
#[derive(Debug, Clone, Default)]
pub(super) struct ShapeSums {
    seven_by_seven: Lanes,
    three_by_seven: Lanes,
    three_by_three: Lanes,
    width: Lanes,
    strips: Lanes,
    back: Lanes,
    /// Energy of each strip, over all rows.
    profile: Vec<Lanes>,
}

/// How a layer's cells are ordered.
#[derive(Debug, Clone, Copy)]
struct Plane {
    cells_x: usize,
    cells_y: usize,
    y_fastest: bool,
}

#[derive(Debug, Clone)]
struct Middle {
    plane: Plane,
    x_mm: Vec<f64>,
}

/// Cells of a layer of rectangles along x.
pub(in crate::observables) fn cells_along_x(layer: &Layer) -> usize {
    Plane::of(layer).map_or(0, |plane| plane.cells_x)
}

impl Plane {
    fn of(layer: &Layer) -> Option<Self> {
        let LayerShape::Rectangles { y_fastest, .. } = layer.shape() else { return None };
        let (slow, fast) = layer.dimensions();
        let (cells_x, cells_y) = if *y_fastest { (slow, fast) } else { (fast, slow) };
        Some(Self { cells_x, cells_y, y_fastest: *y_fastest })
    }

    fn index(self, x: usize, y: usize) -> usize {
        if self.y_fastest { x * self.cells_y + y } else { y * self.cells_x + x }
    }

    /// So many cells about the middle one.
    fn window(cells: usize, wanted: usize) -> Range<usize> {
        let first = cells / 2 - wanted / 2;
        first..first + wanted
    }

    fn sum(self, cells: &[Lanes], along_x: usize, along_y: usize) -> Lanes {
        let mut sum = Lanes::ZERO;
        for x in Self::window(self.cells_x, along_x) {
            for y in Self::window(self.cells_y, along_y) {
                sum += cells[self.index(x, y)];
            }
        }
        sum
    }
}

impl ShapeMeter {
    /// `None` for detectors without such layers.
    pub fn of(detector: &Detector) -> Option<Self> {
        if ShowerShape::all(detector).is_empty() {
            return None;
        }
        let number =
            |layer: &Layer| detector.layers().iter().position(|known| known.id() == layer.id());
        let of_middle = |layer: &Layer| {
            let plane = Plane::of(layer)?;
            let x = layer.eta_midpoints_mm();
            let x_mm = (0..plane.cells_x).map(|cell| x[plane.index(cell, 0)]).collect();
            Some((number(layer)?, Middle { plane, x_mm }))
        };
        Some(Self {
            middle: middle(detector).and_then(of_middle),
            strips: strips(detector).and_then(|layer| Some((number(layer)?, Plane::of(layer)?))),
            back: back(detector).and_then(number),
        })
    }

    /// Adds a layer, by its number.
    pub fn add(&self, layer: usize, cells: &[Lanes], energy: Lanes, sums: &mut ShapeSums) {
        if self.back == Some(layer) {
            sums.back = energy;
        }
        match &self.middle {
            Some((number, Middle { plane, x_mm })) if *number == layer => {
                sums.seven_by_seven = plane.sum(cells, 7, 7);
                sums.three_by_seven = plane.sum(cells, 3, 7);
                sums.three_by_three = plane.sum(cells, 3, 3);
                let (mut along, mut window) = (Axial::default(), Lanes::ZERO);
                for x in Plane::window(plane.cells_x, 3) {
                    for y in Plane::window(plane.cells_y, 5) {
                        let energy = cells[plane.index(x, y)];
                        along.add(x_mm[x], energy);
                        window += energy;
                    }
                }
                sums.width = along.width(window);
            }
            _ => {}
        }
        match &self.strips {
            Some((number, plane)) if *number == layer => {
                sums.strips = energy;
                sums.profile.clear();
                sums.profile.extend((0..plane.cells_x).map(|x| {
                    let rows = (0..plane.cells_y).map(|y| cells[plane.index(x, y)]);
                    rows.fold(Lanes::ZERO, |sum, energy| sum + energy)
                }));
            }
            _ => {}
        }
    }
}

impl ShapeSums {
    pub fn value(&self, shape: ShowerShape, total: Lanes) -> Lanes {
        let over = |part: Lanes, whole: Lanes| part / whole.map(|energy| energy + TINY);
        match shape {
            ShowerShape::RatioEta => over(self.three_by_seven, self.seven_by_seven),
            ShowerShape::RatioPhi => over(self.three_by_three, self.three_by_seven),
            ShowerShape::WidthEta => self.width,
            ShowerShape::StripFraction => over(self.strips, total),
            ShowerShape::BackFraction => over(self.back, total),
            ShowerShape::StripRatio => self.of_profile(strip_ratio),
            ShowerShape::StripSide => self.of_profile(strip_side),
            ShowerShape::CoreStripWidth => self.of_profile(|profile| strip_width(profile, 1)),
            ShowerShape::StripWidth => {
                self.of_profile(|profile| strip_width(profile, STRIPS_OF_WIDTH))
            }
        }
    }

    fn of_profile(&self, value: impl Fn(&[f64]) -> f64) -> Lanes {
        let mut found = Lanes::ZERO;
        for lane in 0..LANES {
            let profile: Vec<f64> = self.profile.iter().map(|energy| energy.0[lane]).collect();
            found.0[lane] = value(&profile);
        }
        found
    }
}

/// The first of the greatest strips.
fn greatest(profile: &[f64]) -> usize {
    let mut greatest = 0;
    for (strip, energy) in profile.iter().enumerate() {
        if *energy > profile[greatest] {
            greatest = strip;
        }
    }
    greatest
}

/// The strips of either side of one that are in the profile.
fn about(strip: usize, sides: usize, profile: &[f64]) -> Range<usize> {
    strip.saturating_sub(sides)..(strip + sides + 1).min(profile.len())
}

fn strip_ratio(profile: &[f64]) -> f64 {
    let first = greatest(profile);
    let at = |strip: Option<usize>| strip.and_then(|s| profile.get(s)).copied().unwrap_or(0.0);
    let is_maximum = |strip: usize| {
        let energy = profile[strip];
        energy > at(strip.checked_sub(1)) && energy > at(strip.checked_add(1))
    };
    let others = (0..profile.len()).filter(|&strip| strip != first && is_maximum(strip));
    let second = others.map(|strip| profile[strip]).fold(0.0, f64::max);
    (profile[first] - second) / (profile[first] + second + TINY)
}

fn strip_side(profile: &[f64]) -> f64 {
    let strip = greatest(profile);
    let sum = |sides| profile[about(strip, sides, profile)].iter().sum::<f64>();
    let core = sum(1);
    (sum(3) - core) / (core + TINY)
}

fn strip_width(profile: &[f64], sides: usize) -> f64 {
    let strip = greatest(profile);
    let (mut sum, mut squares) = (0.0, 0.0);
    for other in about(strip, sides, profile) {
        let steps = other as f64 - strip as f64;
        sum += profile[other];
        squares += steps * steps * profile[other];
    }
    (squares / (sum + TINY)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_strip_profile() {
        let profile = [0.0, 1.0, 0.0, 2.0, 8.0, 3.0, 4.0, 0.0, 0.0];
        assert_eq!(greatest(&profile), 4);
        // The other maxima are 1 and 4.
        approx::assert_relative_eq!(strip_ratio(&profile), 4.0 / 12.0);
        approx::assert_relative_eq!(strip_side(&profile), (1.0 + 4.0) / 13.0);
        approx::assert_relative_eq!(strip_width(&profile, 1), (5.0f64 / 13.0).sqrt());
        let squares = 9.0 + 2.0 + 3.0 + 4.0 * 4.0;
        approx::assert_relative_eq!(strip_width(&profile, 10), (squares / 18.0f64).sqrt());
    }

    #[test]
    fn a_maximum_at_the_edge_and_an_empty_profile() {
        assert_eq!(strip_ratio(&[5.0, 1.0, 0.0, 0.0, 0.0, 0.0, 3.0]), 2.0 / 8.0);
        assert_eq!(strip_ratio(&[5.0, 4.0, 3.0, 0.0, 0.0, 0.0, 0.0]), 1.0);
        for value in [strip_ratio(&[0.0; 9]), strip_side(&[0.0; 9]), strip_width(&[0.0; 9], 10)] {
            assert_eq!(value, 0.0);
        }
    }
}
