/// Adam (Kingma and Ba, arXiv:1412.6980) with β₁ = 0.9, β₂ = 0.999 and ε = 10⁻⁸.
pub(super) struct Adam {
    learning_rate: f64,
    steps: i32,
    mean: Vec<f64>,
    square: Vec<f64>,
}

impl Adam {
    const BETA_1: f64 = 0.9;
    const BETA_2: f64 = 0.999;
    const EPSILON: f64 = 1e-8;

    pub(super) fn new(parameters: usize, learning_rate: f64) -> Self {
        let zeros = vec![0.0; parameters];
        Self { learning_rate, steps: 0, mean: zeros.clone(), square: zeros }
    }

    pub(super) fn step(&mut self, parameters: &mut [f64], gradient: &[f64]) {
        self.steps = self.steps.saturating_add(1);
        let of_mean = 1.0 - Self::BETA_1.powi(self.steps);
        let of_square = 1.0 - Self::BETA_2.powi(self.steps);
        let averages = self.mean.iter_mut().zip(&mut self.square);
        for ((parameter, gradient), (mean, square)) in
            parameters.iter_mut().zip(gradient).zip(averages)
        {
            *mean = Self::BETA_1 * *mean + (1.0 - Self::BETA_1) * gradient;
            *square = Self::BETA_2 * *square + (1.0 - Self::BETA_2) * gradient * gradient;
            let root = (*square / of_square).sqrt();
            *parameter -= self.learning_rate * (*mean / of_mean) / (root + Self::EPSILON);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_steps_are_as_long_as_the_learning_rate() {
        let mut adam = Adam::new(2, 0.1);
        let mut parameters = [1.0, 1.0];
        adam.step(&mut parameters, &[5.0, -0.01]);
        approx::assert_relative_eq!(parameters[0], 0.9, max_relative = 1e-8);
        approx::assert_relative_eq!(parameters[1], 1.1, max_relative = 1e-6);
        adam.step(&mut parameters, &[5.0, 0.0]);
        approx::assert_relative_eq!(parameters[0], 0.8, max_relative = 1e-8);
        // m̂ = −0.0009 / 0.19 and v̂ = 0.999 · 10⁻⁷ / 0.001999.
        let expected = 1.1 + 0.1 * (0.0009 / 0.19) / (0.999e-7_f64 / 0.001_999).sqrt();
        approx::assert_relative_eq!(parameters[1], expected, max_relative = 1e-5);
    }
}
