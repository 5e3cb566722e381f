//! sWeights that take a background off a sample.

use crate::simulation::random::Random;

/// Mean and width of the signal's peak in the discriminating variable, whose range is 0 to 1; the
/// background is flat.
const PEAK: f64 = 0.5;
const PEAK_WIDTH: f64 = 0.1;
const INTEGRATION_STEPS: usize = 2_000;

/// A sample of signal and background with a discriminating variable m, such as an invariant mass.
///
/// The sWeight of the signal (Pivk and Le Diberder, physics/0402083, eq. 15) is
///
/// w(m) = (V_ss f_s(m) + V_sb f_b(m)) / (N_s f_s(m) + N_b f_b(m)), V⁻¹_ij = ∫ f_i f_j / (N_s f_s + N_b f_b) dm,
///
/// here with the true parts N of signal and background. Its mean is 1 over the signal and 0 over the
/// background, and it is negative where the background prevails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SignalPlot {
    background_fraction: f64,
    signal_row: [f64; 2],
    /// Integral of the peak in 0 to 1.
    peak_integral: f64,
}

impl SignalPlot {
    pub fn new(background_fraction: f64) -> Self {
        let reach = PEAK / PEAK_WIDTH / std::f64::consts::SQRT_2;
        let mut plot =
            Self { background_fraction, signal_row: [1.0, 0.0], peak_integral: libm::erf(reach) };
        let mut inverse = [0.0; 3];
        let step = 1.0 / INTEGRATION_STEPS as f64;
        for k in 0..INTEGRATION_STEPS {
            let [signal, background] = plot.densities((k as f64 + 0.5) * step);
            let all = plot.mixture([signal, background]);
            inverse[0] += signal * signal / all * step;
            inverse[1] += signal * background / all * step;
            inverse[2] += background * background / all * step;
        }
        let determinant = inverse[0] * inverse[2] - inverse[1] * inverse[1];
        plot.signal_row = [inverse[2] / determinant, -inverse[1] / determinant];
        plot
    }

    fn densities(&self, m: f64) -> [f64; 2] {
        let z = (m - PEAK) / PEAK_WIDTH;
        let normal = libm::exp(-0.5 * z * z) / ((2.0 * std::f64::consts::PI).sqrt() * PEAK_WIDTH);
        [normal / self.peak_integral, 1.0]
    }

    fn mixture(&self, [signal, background]: [f64; 2]) -> f64 {
        (1.0 - self.background_fraction) * signal + self.background_fraction * background
    }

    /// Whether an event is background, and its sWeight.
    pub fn draw(&self, random: &mut Random) -> (bool, f64) {
        let is_background = random.uniform() < self.background_fraction;
        let m = if is_background {
            random.uniform()
        } else {
            loop {
                let m = PEAK + PEAK_WIDTH * random.normal();
                if (0.0..1.0).contains(&m) {
                    break m;
                }
            }
        };
        let densities = self.densities(m);
        let [of_signal, of_background] = self.signal_row;
        let weight =
            (of_signal * densities[0] + of_background * densities[1]) / self.mixture(densities);
        (is_background, weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::random::Purpose;

    #[test]
    fn weights_average_to_1_over_the_signal_and_to_0_over_the_background() {
        let plot = SignalPlot::new(0.3);
        let mut random = Random::new(5, Purpose::Event, 0);
        let (mut sums, mut counts, mut negative) = ([0.0; 2], [0.0; 2], 0);
        for _ in 0..200_000 {
            let (is_background, weight) = plot.draw(&mut random);
            sums[usize::from(is_background)] += weight;
            counts[usize::from(is_background)] += 1.0;
            negative += i32::from(weight < 0.0);
        }
        // Standard deviations of the weights: 0.28 over the signal, 0.84 over the background.
        let deviation = |k: usize, mean: f64| (sums[k] / counts[k] - mean) * f64::sqrt(counts[k]);
        assert!(deviation(0, 1.0).abs() < 4.5 * 0.28, "{sums:?} {counts:?}");
        assert!(deviation(1, 0.0).abs() < 4.5 * 0.84, "{sums:?} {counts:?}");
        assert!(negative > 20_000, "{negative}");
    }
}
