use std::fmt;
use std::sync::Arc;

use detectors::Detector;
use ndarray::ArrayView2;
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use serde::{Deserialize, Serialize};

use super::meter::{LANES, Lanes};

/// Radial power spectrum of an image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PowerSpectrum {
    /// k = 0, 1, …: waves across the shorter side of the image.
    pub wave_number: Vec<f64>,
    /// P(k), in the square of the image's unit.
    pub power: Vec<f64>,
}

impl PowerSpectrum {
    /// Slope of log₁₀ P(k) in log₁₀ k by least squares, over the k ≥ 1 with power; 0 where there
    /// are less than two.
    pub fn slope(&self) -> f64 {
        slope(&self.power)
    }
}

/// P(k): the mean of |F|² / (n_x n_y) over the modes of the image whose wave number rounds to k,
/// for k = 0, 1, … ⌊n/2⌋ with n = min(n_x, n_y).
///
/// F is the discrete Fourier transform without a factor, so that the mean of |F|² / (n_x n_y) over
/// all modes is the sum of the squared pixels (Parseval). The wave number of mode (k_x, k_y) is
/// n √((k_x / n_x)² + (k_y / n_y)²), and a half rounds up.
///
/// ```
/// # use validation::observables::radial_power_spectrum;
/// // A wave of amplitude 1, three times across 16 × 16 pixels.
/// let wave = |(_, x): (usize, usize)| (std::f64::consts::TAU * 3.0 * x as f64 / 16.0).cos();
/// let found = radial_power_spectrum(ndarray::Array2::from_shape_fn((16, 16), wave).view());
/// assert!((found.power[3] - 2.0 * 64.0 / 16.0).abs() < 1e-12 && found.power[2] < 1e-12);
/// ```
///
/// # Shapes
/// `image`: `[n_y, n_x]`; the spectrum: `[⌊n/2⌋ + 1]`, empty for an image without pixels.
pub fn radial_power_spectrum(image: ArrayView2<'_, f64>) -> PowerSpectrum {
    let (rows, columns) = image.dim();
    if rows == 0 || columns == 0 {
        return PowerSpectrum { wave_number: Vec::new(), power: Vec::new() };
    }
    let plan = Plan::new(rows, columns);
    let power = plan.power(image.iter().copied());
    PowerSpectrum { wave_number: (0..power.len()).map(|k| k as f64).collect(), power }
}

/// Transforms of images of one size.
#[derive(Clone)]
struct Plan {
    rows: usize,
    columns: usize,
    along_row: Arc<dyn Fft<f64>>,
    along_column: Arc<dyn Fft<f64>>,
    /// Of each mode, transposed, the wave number; beyond the spectrum in the corners.
    rings: Vec<usize>,
    /// Modes of each wave number.
    modes: Vec<usize>,
}

impl Plan {
    fn new(rows: usize, columns: usize) -> Self {
        let mut planner = FftPlanner::new();
        let shorter = rows.min(columns);
        let frequency = |index: usize, size: usize| index.min(size - index) as f64 / size as f64;
        let rings: Vec<usize> = (0..columns)
            .flat_map(|x| (0..rows).map(move |y| (x, y)))
            .map(|(x, y)| {
                let wave = frequency(x, columns).hypot(frequency(y, rows)) * shorter as f64;
                (wave + 0.5).floor() as usize
            })
            .collect();
        let mut modes = vec![0; shorter / 2 + 1];
        for &ring in &rings {
            if let Some(count) = modes.get_mut(ring) {
                *count += 1;
            }
        }
        Self {
            rows,
            columns,
            along_row: planner.plan_fft_forward(columns),
            along_column: planner.plan_fft_forward(rows),
            rings,
            modes,
        }
    }

    fn power(&self, pixels: impl Iterator<Item = f64>) -> Vec<f64> {
        let (rows, columns) = (self.rows, self.columns);
        let mut image: Vec<Complex<f64>> = pixels.map(|pixel| Complex::new(pixel, 0.0)).collect();
        self.along_row.process(&mut image);
        let mut transposed: Vec<Complex<f64>> = (0..columns)
            .flat_map(|x| (0..rows).map(move |y| (x, y)))
            .map(|(x, y)| image[y * columns + x])
            .collect();
        self.along_column.process(&mut transposed);
        let mut power = vec![0.0; self.modes.len()];
        for (mode, &ring) in transposed.iter().zip(&self.rings) {
            if let Some(sum) = power.get_mut(ring) {
                *sum += mode.norm_sqr();
            }
        }
        let pixels = (rows * columns) as f64;
        power.iter().zip(&self.modes).map(|(sum, &modes)| sum / (modes as f64 * pixels)).collect()
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, columns) = (self.rows, self.columns);
        formatter.debug_struct("Plan").field("rows", &rows).field("columns", &columns).finish()
    }
}

fn slope(power: &[f64]) -> f64 {
    let points: Vec<(f64, f64)> = power
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, power)| **power > 0.0)
        .map(|(k, power)| ((k as f64).log10(), power.log10()))
        .collect();
    let count = points.len() as f64;
    if points.len() < 2 {
        return 0.0;
    }
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let covariance: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    covariance / points.iter().map(|(x, _)| (x - mean_x) * (x - mean_x)).sum::<f64>()
}

/// Slopes of the spectra of a detector's images.
#[derive(Debug, Clone)]
pub(super) struct SlopeMeter {
    plan: Plan,
}

impl SlopeMeter {
    /// `None` for detectors that are no image.
    pub fn of(detector: &Detector) -> Option<Self> {
        let [columns, rows, 1] = detector.grid()? else { return None };
        Some(Self { plan: Plan::new(rows, columns) })
    }

    pub fn slopes(&self, cells: &[Lanes]) -> Lanes {
        let mut found = [0.0; LANES];
        for (lane, found) in found.iter_mut().enumerate() {
            *found = slope(&self.plan.power(cells.iter().map(|cell| cell.0[lane])));
        }
        Lanes(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn all_modes_together_have_the_squared_pixels() {
        // 5 × 5: the corners are beyond k = 2, √8 rounds to 3.
        let image = Array2::from_shape_fn((5, 5), |(y, x)| ((3 * x + 7 * y) % 11) as f64);
        let plan = Plan::new(5, 5);
        assert_eq!(plan.modes, [1, 8, 12]);
        let power = plan.power(image.iter().copied());
        approx::assert_relative_eq!(power[0], image.sum().powi(2) / 25.0, max_relative = 1e-12);
        let inside: f64 = power.iter().zip(&plan.modes).map(|(p, &n)| p * n as f64).sum();
        assert!(inside < 25.0 * image.mapv(|pixel| pixel * pixel).sum());
    }

    #[test]
    fn a_constant_or_empty_image_has_no_slope() {
        let flat = radial_power_spectrum(Array2::zeros((8, 8)).view());
        assert_eq!((flat.slope(), flat.power.len()), (0.0, 5));
        assert!(radial_power_spectrum(Array2::zeros((0, 8)).view()).power.is_empty());
    }

    #[test]
    fn a_power_law_has_its_slope() {
        let power: Vec<f64> = (0..17).map(|k| 3.0 * f64::from(k).powf(-2.5)).collect();
        approx::assert_relative_eq!(slope(&power), -2.5, max_relative = 1e-12);
    }
}
