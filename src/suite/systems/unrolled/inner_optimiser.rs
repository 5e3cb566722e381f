use crate::compute::Tensor;
use crate::gan::{OptimiserSettings, Progress};

/// The optimiser of the critic, with its steps as functions that can be gone through backwards.
#[derive(Debug, Clone, Copy)]
pub(super) enum InnerOptimiser {
    /// φ ← φ − η g
    Sgd { rate: f64 },
    /// arXiv:1412.6980, algorithm 1.
    Adam { rate: f64, betas: [f64; 2], epsilon: f64 },
}

/// Weights of the critic and the optimiser's running means of the gradient and its square, parameter
/// by parameter.
#[derive(Debug, Clone)]
pub(super) struct InnerState {
    pub weights: Vec<Tensor<1>>,
    pub first: Vec<Tensor<1>>,
    pub second: Vec<Tensor<1>>,
    /// Steps taken.
    pub steps: u64,
}

/// The derivative of something by all of an [`InnerState`].
#[derive(Debug, Clone)]
pub(super) struct Adjoint {
    pub weights: Vec<Tensor<1>>,
    pub first: Vec<Tensor<1>>,
    pub second: Vec<Tensor<1>>,
}

/// Keeps 0/0 at 0 where a weight never had a gradient.
const SMALL: f64 = 1e-30;

impl InnerOptimiser {
    /// None for one whose steps are not written here.
    pub fn of(settings: &OptimiserSettings, progress: Progress) -> Option<Self> {
        let rate = settings.learning_rate().at(progress);
        match *settings {
            OptimiserSettings::Sgd { momentum: 0.0, .. } => Some(Self::Sgd { rate }),
            OptimiserSettings::Adam { beta1, beta2, epsilon, .. } => {
                Some(Self::Adam { rate, betas: [beta1, beta2], epsilon })
            }
            OptimiserSettings::Sgd { .. } | OptimiserSettings::Rmsprop { .. } => None,
        }
    }

    /// The state after a step along −`gradient`.
    pub fn step(self, before: &InnerState, gradient: &[Tensor<1>]) -> InnerState {
        let mut after = before.clone();
        after.steps += 1;
        for (i, g) in gradient.iter().enumerate() {
            let change = match self {
                Self::Sgd { rate } => g.clone() * rate,
                Self::Adam { betas: [b1, b2], .. } => {
                    let (rate, epsilon) = self.corrected(after.steps);
                    after.first[i] = before.first[i].clone() * b1 + g.clone() * (1.0 - b1);
                    after.second[i] =
                        before.second[i].clone() * b2 + g.clone().square() * (1.0 - b2);
                    after.first[i].clone() / (after.second[i].clone().sqrt() + epsilon) * rate
                }
            };
            after.weights[i] = before.weights[i].clone() - change;
        }
        after
    }

    /// Back through [`Self::step`], which led to `after`: the derivative by the gradient, and that
    /// by the state before with the gradient held.
    pub fn back(
        self,
        after: &InnerState,
        gradient: &[Tensor<1>],
        adjoint: Adjoint,
    ) -> (Vec<Tensor<1>>, Adjoint) {
        let Self::Adam { betas: [b1, b2], .. } = self else {
            let Self::Sgd { rate } = self else { unreachable!("there are two optimisers") };
            let by_gradient = adjoint.weights.iter().map(|w| w.clone() * -rate).collect();
            return (by_gradient, adjoint);
        };
        let (rate, epsilon) = self.corrected(after.steps);
        let mut by_gradient = Vec::with_capacity(gradient.len());
        let mut before = adjoint.clone();
        for (i, g) in gradient.iter().enumerate() {
            let root = after.second[i].clone().sqrt();
            let scale = root.clone() + epsilon;
            let by_step = adjoint.weights[i].clone() * rate;
            let first = adjoint.first[i].clone() - by_step.clone() / scale.clone();
            let second = adjoint.second[i].clone()
                + by_step * after.first[i].clone() / (scale.square() * (root * 2.0) + SMALL);
            by_gradient
                .push(first.clone() * (1.0 - b1) + second.clone() * g.clone() * (2.0 * (1.0 - b2)));
            before.first[i] = first * b1;
            before.second[i] = second * b2;
        }
        (by_gradient, before)
    }

    /// Rate and ε of Adam's step number `step` with the corrections of the means in them.
    fn corrected(self, step: u64) -> (f64, f64) {
        match self {
            Self::Sgd { rate } => (rate, 0.0),
            Self::Adam { rate, betas: [b1, b2], epsilon } => {
                let step = i32::try_from(step).unwrap_or(i32::MAX);
                let root = (1.0 - b2.powi(step)).sqrt();
                (rate * root / (1.0 - b1.powi(step)), epsilon * root)
            }
        }
    }
}

impl InnerState {
    /// Before the first step.
    pub fn new(weights: Vec<Tensor<1>>) -> Self {
        let zeros: Vec<Tensor<1>> = weights.iter().map(Tensor::zeros_like).collect();
        Self { first: zeros.clone(), second: zeros, weights, steps: 0 }
    }
}

impl Adjoint {
    /// Of something that depends on the weights alone.
    pub fn of_weights(weights: Vec<Tensor<1>>) -> Self {
        let zeros: Vec<Tensor<1>> = weights.iter().map(Tensor::zeros_like).collect();
        Self { first: zeros.clone(), second: zeros, weights }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, scalar};

    fn one(value: f64) -> Vec<Tensor<1>> {
        vec![Tensor::from_floats([value as f32], &cpu())]
    }

    fn number(tensors: &[Tensor<1>]) -> f64 {
        scalar(tensors[0].clone())
    }

    const ADAM: InnerOptimiser =
        InnerOptimiser::Adam { rate: 0.1, betas: [0.5, 0.9], epsilon: 1e-8 };

    #[test]
    fn adam_agrees_with_pytorch() {
        // torch.optim.Adam(lr=0.1, betas=(0.5, 0.9)) of PyTorch 2 in float64, as in gan::optimisers.
        let mut state = InnerState::new(one(1.0));
        for gradient in [0.3, 0.0, -0.7] {
            state = ADAM.step(&state, &one(gradient));
        }
        approx::assert_relative_eq!(number(&state.weights), 0.929_930_8, max_relative = 1e-6);
    }

    /// Adam's second step in 64 bits, from weight w, means m and v, by gradient g.
    fn second_step([w, m, v, g]: [f64; 4]) -> [f64; 3] {
        let (m, v) = (0.5 * m + 0.5 * g, 0.9 * v + 0.1 * g * g);
        let root = (1.0 - 0.9_f64.powi(2)).sqrt();
        let change = 0.1 * root / 0.75 * m / (v.sqrt() + 1e-8 * root);
        [w - change, m, v]
    }

    #[test]
    fn the_way_back_is_the_derivative_of_a_step() {
        let at = [0.7, 0.2, 0.3, -0.4];
        // Of 2 w' − 3 m' + 5 v'.
        let value = |at| {
            let [w, m, v] = second_step(at);
            2.0 * w - 3.0 * m + 5.0 * v
        };
        let derivative = |i: usize| {
            let shifted = |by: f64| {
                let mut at = at;
                at[i] += by;
                value(at)
            };
            (shifted(1e-6) - shifted(-1e-6)) / 2e-6
        };
        let [w, m, v, g] = at.map(one);
        let before = InnerState { weights: w, first: m, second: v, steps: 1 };
        let after = ADAM.step(&before, &g);
        approx::assert_relative_eq!(
            number(&after.weights),
            second_step(at)[0],
            max_relative = 1e-6
        );
        let adjoint = Adjoint { weights: one(2.0), first: one(-3.0), second: one(5.0) };
        let (by_gradient, by_state) = ADAM.back(&after, &g, adjoint);
        let found = [&by_state.weights, &by_state.first, &by_state.second, &by_gradient];
        for (i, found) in found.into_iter().enumerate() {
            approx::assert_relative_eq!(number(found), derivative(i), max_relative = 1e-5);
        }
    }

    #[test]
    fn a_weight_without_gradients_stays_finite() {
        let before = InnerState::new(one(1.0));
        let after = ADAM.step(&before, &one(0.0));
        let (by_gradient, by_state) = ADAM.back(&after, &one(0.0), Adjoint::of_weights(one(1.0)));
        assert!(number(&by_gradient).is_finite() && number(&by_state.second) == 0.0);
    }
}
