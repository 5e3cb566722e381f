//! Maps of the radio sky through two beams.

use super::description::RadioSkyDescription;
use super::random::Random;
use crate::Detector;
use crate::condition::ConditionKind;

/// Sources beyond the map's edge count within this many standard deviations of the wider beam, and
/// so far is a source's image drawn.
const REACH_SPREADS: f64 = 4.0;
/// Full width at half maximum of a Gaussian, in standard deviations: 2 √(2 ln 2).
const FULL_WIDTH: f64 = 2.354_820_045_030_949_3;

/// A checked simulation of radio maps.
///
/// The sky is a sum of Gaussians of flux S and width σ, 0 for point sources. A Gaussian beam of
/// width b makes of it a Gaussian of width √(σ² + b²) and of height S b² / (σ² + b²) in flux per
/// beam: the surface brightness times the beam's solid angle 2πb². Noise is added to each pixel, and
/// what is then negative is set to 0.
#[derive(Debug, Clone)]
pub(super) struct RadioModel {
    settings: RadioSkyDescription,
    columns: usize,
    rows: usize,
}

#[derive(Debug, Clone, Copy)]
struct Source {
    x: f64,
    y: f64,
    flux: f64,
    variance: f64,
}

impl RadioModel {
    pub fn new(detector: &Detector, settings: &RadioSkyDescription) -> Result<Self, String> {
        let Some([columns, rows, 1]) = detector.grid() else {
            return Err("its simulation needs an image as `[response.grid]`".to_owned());
        };
        match detector.conditions() {
            [only] if only.kind == ConditionKind::Image([rows, columns]) => {}
            _ => {
                return Err(format!(
                    "its simulation needs one condition, an image of {rows} x {columns}"
                ));
            }
        }
        let positive = [
            ("flux_power", settings.flux_power),
            ("flux_range_mjy", settings.flux_range_mjy[0]),
            ("diffuse_flux_range_mjy", settings.diffuse_flux_range_mjy[0]),
            ("diffuse_width_range_pixels", settings.diffuse_width_range_pixels[0]),
            ("high_resolution_beam_pixels", settings.high_resolution_beam_pixels),
            ("low_resolution_beam_pixels", settings.low_resolution_beam_pixels),
        ];
        for (key, value) in positive {
            if !(value.is_finite() && value > 0.0) {
                return Err(format!("`simulation.{key}` is {value}, expected a positive number"));
            }
        }
        let ranges = [
            ("flux_range_mjy", settings.flux_range_mjy),
            ("diffuse_flux_range_mjy", settings.diffuse_flux_range_mjy),
            ("diffuse_width_range_pixels", settings.diffuse_width_range_pixels),
        ];
        for (key, [minimum, maximum]) in ranges {
            if !(maximum.is_finite() && minimum < maximum) {
                return Err(format!("`simulation.{key}` must be [minimum, maximum]"));
            }
        }
        let not_negative = [
            ("point_sources", settings.point_sources),
            ("diffuse_sources", settings.diffuse_sources),
            ("high_resolution_noise_mjy_per_beam", settings.high_resolution_noise_mjy_per_beam),
            ("low_resolution_noise_mjy_per_beam", settings.low_resolution_noise_mjy_per_beam),
        ];
        for (key, value) in not_negative {
            if !(value.is_finite() && value >= 0.0) {
                return Err(format!("`simulation.{key}` is {value}, expected at least 0"));
            }
        }
        if settings.point_sources > 1e5 || settings.diffuse_sources > 1e5 {
            return Err("`simulation` has more than 100000 sources".to_owned());
        }
        Ok(Self { settings: settings.clone(), columns, rows })
    }

    /// The low-resolution map, which is the condition, and the high-resolution map.
    pub fn simulate(&self, random: &mut Random) -> (Vec<f64>, Vec<f32>) {
        let settings = &self.settings;
        let sources = self.sources(random);
        let low = self.map(
            &sources,
            settings.low_resolution_beam_pixels,
            settings.low_resolution_noise_mjy_per_beam,
            random,
        );
        let high = self.map(
            &sources,
            settings.high_resolution_beam_pixels,
            settings.high_resolution_noise_mjy_per_beam,
            random,
        );
        (low, high.into_iter().map(|value| value as f32).collect())
    }

    fn sources(&self, random: &mut Random) -> Vec<Source> {
        let settings = &self.settings;
        let widest_beam =
            settings.low_resolution_beam_pixels.max(settings.high_resolution_beam_pixels);
        let mut sources = Vec::new();
        for diffuse in [false, true] {
            let (mean, width) = if diffuse {
                (settings.diffuse_sources, settings.diffuse_width_range_pixels[1])
            } else {
                (settings.point_sources, 0.0)
            };
            let margin = REACH_SPREADS * (widest_beam / FULL_WIDTH).max(width);
            let (columns, rows) = (self.columns as f64, self.rows as f64);
            let area = (columns + 2.0 * margin) * (rows + 2.0 * margin);
            for _ in 0..random.poisson(mean * area / (columns * rows)) {
                let x = random.uniform_in(-margin, columns + margin);
                let y = random.uniform_in(-margin, rows + margin);
                let (flux, width) = if diffuse {
                    (
                        log_uniform(settings.diffuse_flux_range_mjy, random),
                        log_uniform(settings.diffuse_width_range_pixels, random),
                    )
                } else {
                    (power_law(settings.flux_range_mjy, settings.flux_power, random), 0.0)
                };
                sources.push(Source { x, y, flux, variance: width * width });
            }
        }
        sources
    }

    fn map(&self, sources: &[Source], beam: f64, noise: f64, random: &mut Random) -> Vec<f64> {
        let beam_variance = (beam / FULL_WIDTH) * (beam / FULL_WIDTH);
        let mut map = vec![0.0; self.columns * self.rows];
        for source in sources {
            let variance = source.variance + beam_variance;
            let height = source.flux * beam_variance / variance;
            let profile = |middle: f64, pixels: usize| -> Vec<f64> {
                let value = |pixel: usize| {
                    let distance = pixel as f64 + 0.5 - middle;
                    let exponent = 0.5 * distance * distance / variance;
                    if exponent > 0.5 * REACH_SPREADS * REACH_SPREADS {
                        0.0
                    } else {
                        libm::exp(-exponent)
                    }
                };
                (0..pixels).map(value).collect()
            };
            let across = profile(source.x, self.columns);
            let down = profile(source.y, self.rows);
            for (row, down) in map.chunks_mut(self.columns).zip(&down) {
                if *down > 0.0 {
                    let factor = height * down;
                    row.iter_mut().zip(&across).for_each(|(pixel, x)| *pixel += factor * x);
                }
            }
        }
        map.iter_mut().for_each(|pixel| *pixel = (*pixel + noise * random.normal()).max(0.0));
        map
    }
}

fn log_uniform([minimum, maximum]: [f64; 2], random: &mut Random) -> f64 {
    libm::exp(random.uniform_in(libm::log(minimum), libm::log(maximum)))
}

/// From dN/dS ∝ S^−γ, by inversion.
fn power_law([minimum, maximum]: [f64; 2], power: f64, random: &mut Random) -> f64 {
    let slope = 1.0 - power;
    if slope.abs() < 1e-9 {
        return log_uniform([minimum, maximum], random);
    }
    let (low, high) = (libm::pow(minimum, slope), libm::pow(maximum, slope));
    libm::pow(random.uniform_in(low, high), 1.0 / slope)
}
