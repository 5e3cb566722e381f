//! The likelihood of a species, from the pixels about a track.

use super::pixels::Pixels;
use super::radiator::Radiator;
use super::track::velocity_gap;

/// A ring's expected hits in a pixel below this change no likelihood.
const FARTHEST_SPREADS: f64 = 7.0;

/// The ring likelihood of one track over pixels that are hit or not, as of LHCb's RICH, for one track
/// at a time (R. Forty and O. Schneider, LHCb-98-040):
///
/// ln L_h = Σ_hit ln(1 − e^(−λ)) − Σ_not hit λ, λ = s_h + b,
///
/// where s_h is the mean number of photons in a pixel under the hypothesis h and b the background,
/// which comes from the pixels beyond every ring.
#[derive(Debug, Clone)]
pub(super) struct RingLikelihood {
    pub focal_length_mm: f64,
    /// Of a photon's position, without dispersion and pixels.
    pub smearing_mm: f64,
    pub likelihood_radius_mm: f64,
    pub background_radius_mm: f64,
}

/// The ring that a hypothesis expects.
#[derive(Debug, Clone, Copy, PartialEq)]
struct ExpectedRing {
    photons: f64,
    radius_mm: f64,
    spread_mm: f64,
}

impl RingLikelihood {
    /// ln L_h − ln L_0 for each mass, where 0 is a track that emits nothing.
    pub fn over_no_ring(
        &self,
        radiator: &Radiator,
        pixels: &Pixels,
        is_hit: &[bool],
        momentum_mev: f64,
        path_mm: f64,
        masses_mev: &[f64],
    ) -> Vec<f64> {
        let hits = pixels.hits_of_rings(is_hit);
        let background = self.background(pixels, &hits);
        let log_hit_background = libm::log(-libm::expm1(-background));
        masses_mev
            .iter()
            .map(|mass| {
                let gap = velocity_gap(momentum_mev, *mass);
                let Some(ring) = self.expected(radiator, pixels, path_mm, gap) else { return 0.0 };
                let mut sum = 0.0;
                for (pixel, hits) in pixels.rings.iter().zip(&hits) {
                    let distance = (pixel.radius_mm - ring.radius_mm) / ring.spread_mm;
                    if pixel.radius_mm >= self.likelihood_radius_mm
                        || distance.abs() > FARTHEST_SPREADS
                    {
                        continue;
                    }
                    let signal = ring.in_pixel(distance, pixels.size_mm);
                    let log_hit = libm::log(-libm::expm1(-(signal + background)));
                    sum += hits * (log_hit - log_hit_background) - (pixel.pixels - hits) * signal;
                }
                sum
            })
            .collect()
    }

    /// b = −ln(1 − occupancy) of the pixels beyond the background radius.
    fn background(&self, pixels: &Pixels, hits: &[f64]) -> f64 {
        let (mut hit, mut all) = (0.5, 0.0);
        for (ring, hits) in pixels.rings.iter().zip(hits) {
            if ring.radius_mm > self.background_radius_mm {
                hit += hits;
                all += ring.pixels;
            }
        }
        -libm::log1p(-(hit / all).min(0.9))
    }

    fn expected(
        &self,
        radiator: &Radiator,
        pixels: &Pixels,
        path_mm: f64,
        gap: f64,
    ) -> Option<ExpectedRing> {
        let emission = radiator.emission(gap);
        let photons = emission.mean_photons(path_mm);
        if photons < 1e-6 {
            return None;
        }
        // f tan θ with tan θ = √(s / (1 − s)) of s = sin²θ.
        let radius = |s: f64| self.focal_length_mm * (s / (1.0 - s)).sqrt();
        let [radius_mm, dispersion] = emission.mean_and_variance(radius);
        let smearing = self.smearing_mm * self.smearing_mm;
        let pixel = pixels.size_mm * pixels.size_mm / 12.0;
        Some(ExpectedRing { photons, radius_mm, spread_mm: (dispersion + smearing + pixel).sqrt() })
    }
}

impl ExpectedRing {
    /// Photons in a pixel whose middle is `distance` spreads from the ring.
    fn in_pixel(&self, distance: f64, pixel_mm: f64) -> f64 {
        let density = libm::exp(-0.5 * distance * distance)
            / ((2.0 * std::f64::consts::PI).sqrt() * self.spread_mm);
        let circumference = 2.0 * std::f64::consts::PI * self.radius_mm.max(1.0);
        self.photons * density / circumference * pixel_mm * pixel_mm
    }
}
