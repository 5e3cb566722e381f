//! Square pixels about a track.

/// n × n pixels, the track in the middle.
#[derive(Debug, Clone)]
pub(super) struct Pixels {
    pub count: usize,
    pub size_mm: f64,
    /// Which of `rings` each pixel is in.
    ring_of: Vec<usize>,
    /// Distances from the middle that pixels have, and how many have each.
    pub rings: Vec<PixelRing>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PixelRing {
    pub radius_mm: f64,
    pub pixels: f64,
}

impl Pixels {
    pub fn new(count: usize, size_mm: f64) -> Self {
        // Twice the distance of a pixel's middle from the middle line, in pixels.
        let distance = |k: usize| (2 * k + 1).abs_diff(count);
        let mut rings: Vec<(usize, PixelRing)> = Vec::new();
        let mut ring_of = Vec::with_capacity(count * count);
        let mut known = std::collections::BTreeMap::new();
        for row in 0..count {
            for column in 0..count {
                let square = distance(row) * distance(row) + distance(column) * distance(column);
                let ring = *known.entry(square).or_insert_with(|| {
                    let radius_mm = 0.5 * (square as f64).sqrt() * size_mm;
                    rings.push((square, PixelRing { radius_mm, pixels: 0.0 }));
                    rings.len() - 1
                });
                rings[ring].1.pixels += 1.0;
                ring_of.push(ring);
            }
        }
        Self { count, size_mm, ring_of, rings: rings.into_iter().map(|(_, ring)| ring).collect() }
    }

    pub fn half_width_mm(&self) -> f64 {
        0.5 * self.count as f64 * self.size_mm
    }

    /// Number of the pixel at a point, x fastest.
    pub fn at(&self, x_mm: f64, y_mm: f64) -> Option<usize> {
        let half = self.half_width_mm();
        let bin = |position: f64| {
            let bin = ((position + half) / self.size_mm).floor();
            (bin >= 0.0 && bin < self.count as f64).then_some(bin as usize)
        };
        Some(bin(y_mm)? * self.count + bin(x_mm)?)
    }

    /// Hit pixels of each ring.
    pub fn hits_of_rings(&self, is_hit: &[bool]) -> Vec<f64> {
        let mut hits = vec![0.0; self.rings.len()];
        for (ring, _) in self.ring_of.iter().zip(is_hit).filter(|(_, hit)| **hit) {
            hits[*ring] += 1.0;
        }
        hits
    }
}
