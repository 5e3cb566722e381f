use std::ops::Range;

use detectors::Detector;

use super::lanes::{LANES, Lanes};

/// Half the width of the ring that is looked for, and the step of its radius, in pixels.
const HALF_WIDTH: f64 = 1.5;
const STEP: f64 = 0.5;
/// The bands that the background is taken from end at so many half widths.
const BAND: f64 = 3.0;

/// Finds the ring about the middle of an image: [`crate::observables::Quantity::RingRadius`].
#[derive(Debug, Clone)]
pub(super) struct RingFinder {
    /// Of each pixel, the number of its distance among all distances, which rise.
    distances: Vec<usize>,
    radii: Vec<f64>,
    windows: Vec<Window>,
}

/// A ring of a certain radius, and the bands on either side of it.
#[derive(Debug, Clone)]
struct Window {
    ring: Range<usize>,
    inside: Range<usize>,
    outside: Range<usize>,
    /// Pixels of the ring over those of the bands.
    ratio: f64,
    /// Mean distance of the ring's pixels.
    mean_radius: f64,
}

impl RingFinder {
    /// `None` for detectors that are no image.
    pub fn of(detector: &Detector) -> Option<Self> {
        let [_, _, 1] = detector.grid()? else { return None };
        let [width, height, _] = detector.cell_size_mm()?;
        let pixel = (width * height).sqrt();
        let layer = detector.layers().first()?;
        let of_pixels = layer.radius_midpoints_mm();
        let mut radii = of_pixels.clone();
        radii.sort_by(f64::total_cmp);
        radii.dedup_by(|a, b| *a - *b <= 1e-9 * pixel);
        let number = |radius: &f64| radii.partition_point(|known| *known < radius - 1e-9 * pixel);
        let distances: Vec<usize> = of_pixels.iter().map(number).collect();
        let mut pixels = vec![0.0; radii.len()];
        for &distance in &distances {
            pixels[distance] += 1.0;
        }
        let reach = detector
            .grid()
            .map_or(0.0, |[x, y, _]| 0.5 * (x as f64 * width).min(y as f64 * height));
        let half = HALF_WIDTH * pixel;
        let between = |low: f64, high: f64| {
            radii.partition_point(|r| *r < low)..radii.partition_point(|r| *r <= high)
        };
        let mut windows = Vec::new();
        for step in 0.. {
            let radius = half + f64::from(step) * STEP * pixel;
            if radius + half > reach {
                break;
            }
            let ring = between(radius - half, radius + half);
            let band = between(radius - BAND * half, radius + BAND * half);
            let (inside, outside) = (band.start..ring.start, ring.end..band.end);
            let count = |range: &Range<usize>| pixels[range.clone()].iter().sum::<f64>();
            let (of_ring, of_bands) = (count(&ring), count(&inside) + count(&outside));
            if of_ring > 0.0 && of_bands > 0.0 {
                let sum: f64 = ring.clone().map(|index| pixels[index] * radii[index]).sum();
                let (ratio, mean_radius) = (of_ring / of_bands, sum / of_ring);
                windows.push(Window { ring, inside, outside, ratio, mean_radius });
            }
        }
        Some(Self { distances, radii, windows })
    }

    /// Radius of the ring, and what is in it above the background.
    pub fn find(&self, pixels: &[Lanes], sums: &mut Vec<Lanes>) -> (Lanes, Lanes) {
        sums.clear();
        sums.resize(self.radii.len() + 1, Lanes::ZERO);
        for (&value, &distance) in pixels.iter().zip(&self.distances) {
            sums[distance + 1] += value;
        }
        let mut moments = vec![Lanes::ZERO];
        for index in 1..sums.len() {
            let here = sums[index];
            moments.push(moments[index - 1] + self.radii[index - 1] * here);
            sums[index] = sums[index - 1] + here;
        }
        let of = |sums: &[Lanes], range: &Range<usize>| {
            let (end, start) = (sums[range.end], sums[range.start]);
            end - start
        };
        let (mut radius, mut excess) = (Lanes::ZERO, Lanes::ZERO);
        for window in &self.windows {
            let bands = of(sums, &window.inside) + of(sums, &window.outside);
            let background = window.ratio * bands;
            let found = of(sums, &window.ring) - background;
            let moment = of(&moments, &window.ring) - window.mean_radius * background;
            for lane in 0..LANES {
                if found.0[lane] > excess.0[lane] {
                    excess.0[lane] = found.0[lane];
                    radius.0[lane] = moment.0[lane] / found.0[lane];
                }
            }
        }
        (radius, excess)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_found_in_an_even_background() {
        let detector = detectors::builtin("rich-rings").expect("built in");
        let finder = RingFinder::of(&detector).expect("an image");
        let radii = detector.layers()[0].radius_midpoints_mm();
        let on_ring = |r: f64| (r - 50.0).abs() < 1.4;
        let count = radii.iter().filter(|r| on_ring(**r)).count() as f64;
        let image = |background: f64, more: f64| -> Vec<Lanes> {
            let pixel = |&r: &f64| background + if on_ring(r) { more } else { 0.0 };
            radii.iter().map(|r| Lanes([pixel(r), 0.0, pixel(r), background])).collect()
        };
        let (radius, hits) = finder.find(&image(0.3, 2.0), &mut Vec::new());
        approx::assert_relative_eq!(hits.0[0], 2.0 * count, max_relative = 1e-9);
        assert!((radius.0[0] - 50.0).abs() < 0.3, "{radius:?}");
        assert_eq!((radius.0[1], hits.0[1]), (0.0, 0.0));
        // Without a ring there is nothing but rounding.
        assert!(hits.0[3] < 1e-9, "{hits:?}");
    }
}
