//! The fitted resolution of a calorimeter as a curve and in words.

use super::drawing::ticks::with_error;

/// Points of a drawn curve.
const POINTS: u32 = 120;

/// A value with its error.
pub type WithError = (f64, f64);

/// σ/E = a/√E ⊕ b/E ⊕ c with E in GeV, ⊕ being the sum of squares under a root: stochastic, noise
/// and constant term (R. L. Workman et al., Review of Particle Physics, section on calorimeters).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResolutionFit {
    /// a in √GeV.
    pub stochastic: WithError,
    /// b in GeV.
    pub noise: WithError,
    /// c.
    pub constant: WithError,
}

impl ResolutionFit {
    /// σ/E at an energy in GeV.
    ///
    /// ```
    /// use validation::plots::ResolutionFit;
    /// let fit = ResolutionFit { stochastic: (0.1, 0.0), noise: (0.3, 0.0), constant: (0.01, 0.0) };
    /// assert!((fit.at(100.0) - 0.0144568).abs() < 1e-7);
    /// ```
    #[must_use]
    pub fn at(&self, energy_gev: f64) -> f64 {
        let stochastic = self.stochastic.0 / energy_gev.sqrt();
        let noise = self.noise.0 / energy_gev;
        stochastic.hypot(noise).hypot(self.constant.0)
    }

    /// Points at even distances on a logarithmic axis.
    #[must_use]
    pub fn curve(&self, (low_gev, high_gev): (f64, f64)) -> Vec<(f64, f64)> {
        let step = (high_gev / low_gev).ln() / f64::from(POINTS);
        let energies = (0..=POINTS).map(|point| low_gev * (f64::from(point) * step).exp());
        energies.map(|energy| (energy, self.at(energy))).collect()
    }

    /// The parameters for a legend: `a = 10.1 ± 0.2 % √GeV, b = 0 GeV, c = 0.51 ± 0.02 %`.
    #[must_use]
    pub fn words(&self) -> String {
        let term = |name: &str, (value, error): WithError, factor: f64, unit: &str| {
            format!("{name} = {}{unit}", with_error(value * factor, error * factor))
        };
        [
            term("a", self.stochastic, 100.0, " % √GeV"),
            term("b", self.noise, 1.0, " GeV"),
            term("c", self.constant, 100.0, " %"),
        ]
        .join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_ends_where_it_should_and_words_have_errors() {
        let fit = ResolutionFit {
            stochastic: (0.1, 0.002),
            noise: (0.0, f64::NAN),
            constant: (0.005, 0.0002),
        };
        let curve = fit.curve((1.0, 100.0));
        let last = curve[curve.len() - 1];
        approx::assert_relative_eq!(last.0, 100.0, max_relative = 1e-12);
        approx::assert_relative_eq!(last.1, 0.01_f64.hypot(0.005), max_relative = 1e-12);
        let words = "a = 10.00 ± 0.20 % √GeV, b = 0 GeV, c = 0.500 ± 0.020 %";
        assert_eq!(fit.words(), words);
    }
}
