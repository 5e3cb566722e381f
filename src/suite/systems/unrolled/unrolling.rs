use super::critic::{DenseCritic, critic_loss, critic_loss_along, softplus};
use super::inner_optimiser::{Adjoint, InnerOptimiser, InnerState};
use super::settings::GeneratorObjective;
use crate::compute::Tensor;
use crate::gan::optimisers::ParameterGradients;
use crate::nn::{Module, frozen, tracked};

/// A critic and where its optimiser is.
#[derive(Debug, Clone)]
pub(super) struct CriticInTraining {
    critic: DenseCritic,
    state: InnerState,
}

/// What unrolling has given.
#[derive(Debug)]
pub(super) struct Unrolling {
    /// d/dx of the generator's loss at each generated event, the critic's steps included,
    /// `[events, values]`.
    pub gradient: Tensor<2>,
    /// The generator's loss against the critic after all steps, `[1]`.
    pub generator_loss: Tensor<1>,
    /// The critic's loss before the first step, `[1]`.
    pub critic_loss: Tensor<1>,
    /// The critic after its first step, which is the one that it takes.
    pub first_step: CriticInTraining,
}

impl CriticInTraining {
    pub fn new(critic: DenseCritic) -> Self {
        let mut weights = Vec::new();
        critic.clone().for_each_parameter(&mut |_, parameter| weights.push(parameter.flat()));
        Self { critic, state: InnerState::new(weights) }
    }

    pub fn critic(&self) -> &DenseCritic {
        &self.critic
    }

    /// The same critic in another state.
    fn at(&self, state: InnerState) -> Self {
        let mut critic = self.critic.clone();
        let mut weights = state.weights.iter();
        critic.for_each_parameter(&mut |_, parameter| {
            parameter.set_flat(weights.next().expect("as many as there are parameters").clone());
        });
        Self { critic, state }
    }

    /// The critic's loss and its gradient by the weights.
    fn loss(&self, real: &Tensor<2>, fake: &Tensor<2>) -> (Tensor<1>, Vec<Tensor<1>>) {
        let critic = tracked(&self.critic);
        let scores = |x: &Tensor<2>| critic.scores(Tensor::from_inner(x.clone()));
        let loss = critic_loss(scores(real), scores(fake));
        let gradients = ParameterGradients::of(&critic, &loss.backward());
        (loss.inner(), self.dense(&gradients))
    }

    /// Zeros where the loss does not depend on a parameter.
    fn dense(&self, gradients: &ParameterGradients) -> Vec<Tensor<1>> {
        let weights = self.state.weights.iter();
        gradients
            .iter()
            .zip(weights)
            .map(|(gradient, weights)| gradient.cloned().unwrap_or_else(|| weights.zeros_like()))
            .collect()
    }

    /// The critic after a step.
    pub fn step(&self, optimiser: InnerOptimiser, gradient: &[Tensor<1>]) -> Self {
        self.at(optimiser.step(&self.state, gradient))
    }

    /// ∂/∂φ and ∂/∂x of the derivative of the critic's loss along `direction`, x being the generated
    /// events: the Hessian times the direction, and the mixed derivative times it.
    fn along(
        &self,
        real: &Tensor<2>,
        fake: &Tensor<2>,
        direction: &[Tensor<1>],
    ) -> (Vec<Tensor<1>>, Tensor<2>) {
        let critic = tracked(&self.critic);
        let fake = Tensor::from_inner(fake.clone()).require_grad();
        let direction: Vec<Tensor<1>> =
            direction.iter().map(|part| Tensor::from_inner(part.clone())).collect();
        let of_real = critic.scores_along(Tensor::from_inner(real.clone()), &direction);
        let of_fake = critic.scores_along(fake.clone(), &direction);
        let gradients = critic_loss_along(of_real, of_fake).backward();
        let by_weights = self.dense(&ParameterGradients::of(&critic, &gradients));
        (by_weights, fake.grad(&gradients).expect("the scores depend on the events"))
    }
}

/// Takes `steps` steps of the critic on this batch and differentiates the generator's loss against
/// the last critic through all of them (arXiv:1611.02163, equations 7 to 10).
///
/// With φ_{i+1} = step(φ_i, ∇_φ L(φ_i, x)) and f(x) = L_G(φ_K, x), the derivatives λ_i = ∂f/∂(state i)
/// follow backwards from λ_K = ∂L_G/∂φ: the way back through a step gives the derivative v by its
/// gradient, which is ∇_φ(∇_φ L · v) for λ_i, and ∇_x(∇_φ L · v) for the events. Both are gradients
/// of one number, the derivative of L along v, so that nothing is differentiated twice.
pub(super) fn unroll(
    critic: &CriticInTraining,
    optimiser: InnerOptimiser,
    objective: GeneratorObjective,
    steps: usize,
    real: &Tensor<2>,
    fake: &Tensor<2>,
) -> Unrolling {
    let mut critics = vec![critic.clone()];
    let mut gradients = Vec::with_capacity(steps);
    let mut first_loss = None;
    for _ in 0..steps.max(1) {
        let before = critics.last().expect("the critic itself is there");
        let (loss, gradient) = before.loss(real, fake);
        let after = before.step(optimiser, &gradient);
        first_loss.get_or_insert(loss);
        gradients.push(gradient);
        critics.push(after);
    }
    let first_step = critics[1].clone();
    let last = &critics[steps];

    let in_graph = if steps == 0 { frozen(&last.critic) } else { tracked(&last.critic) };
    let x = Tensor::from_inner(fake.clone()).require_grad();
    let of_real = in_graph.scores(Tensor::from_inner(real.clone()));
    let of_fake = in_graph.scores(x.clone());
    let loss = match objective {
        GeneratorObjective::Saturating => -critic_loss(of_real, of_fake),
        GeneratorObjective::NonSaturating => softplus(-of_fake).mean(),
    };
    let backward = loss.backward();
    let mut gradient = x.grad(&backward).expect("the scores depend on the events");
    if steps > 0 {
        let by_weights = last.dense(&ParameterGradients::of(&in_graph, &backward));
        let mut adjoint = Adjoint::of_weights(by_weights);
        for step in (0..steps).rev() {
            let after = &critics[step + 1].state;
            let (direction, mut before) = optimiser.back(after, &gradients[step], adjoint);
            let (by_weights, by_events) = critics[step].along(real, fake, &direction);
            gradient = gradient + by_events;
            let weights = before.weights.into_iter().zip(by_weights);
            before.weights = weights.map(|(held, through)| held + through).collect();
            adjoint = before;
        }
    }
    Unrolling {
        gradient,
        generator_loss: loss.inner(),
        critic_loss: first_loss.expect("one step is always taken"),
        first_step,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::{cpu, matrix, scalar, to_host};
    use crate::nn::{Activation, Initialisation, Site};
    use crate::random::{Purpose, Streams};

    fn critic(inputs: usize, hidden: &[usize]) -> CriticInTraining {
        let mut normals = Streams::new(9, Purpose::Initialisation).normals(2);
        let device = cpu();
        let mut site = Site { labels: 0, normals: &mut normals, device: &device };
        CriticInTraining::new(DenseCritic::new(
            inputs,
            hidden,
            Activation::Tanh,
            Initialisation::Glorot,
            &mut site,
        ))
    }

    fn points(events: usize, stream: u64) -> Vec<f32> {
        let mut values = vec![0.0; events * 2];
        Streams::new(9, Purpose::Selection).normals(stream).fill(&mut values);
        values
    }

    const SGD: InnerOptimiser = InnerOptimiser::Sgd { rate: 0.7 };
    const ADAM: InnerOptimiser =
        InnerOptimiser::Adam { rate: 0.03, betas: [0.5, 0.999], epsilon: 1e-3 };

    /// The generator's loss as a function of where the generated events are.
    #[test]
    fn the_gradient_through_all_steps_is_that_of_finite_differences() {
        let real = matrix(points(12, 1), 12, 2, &cpu());
        let at = points(12, 2);
        let direction = points(12, 3);
        for optimiser in [SGD, ADAM] {
            for objective in [GeneratorObjective::Saturating, GeneratorObjective::NonSaturating] {
                for steps in [0, 1, 4] {
                    let start = critic(2, &[6, 5]);
                    let run = |by: f32| {
                        let moved = at.iter().zip(&direction).map(|(x, d)| x + by * d).collect();
                        let fake = matrix(moved, 12, 2, &cpu());
                        unroll(&start, optimiser, objective, steps, &real, &fake)
                    };
                    // Of fourth order.
                    let h = 0.01;
                    let apart =
                        |by: f32| scalar(run(by).generator_loss) - scalar(run(-by).generator_loss);
                    let difference = (8.0 * apart(h) - apart(2.0 * h)) / f64::from(12.0 * h);
                    let gradient = to_host(run(0.0).gradient);
                    let ours: f64 = gradient
                        .iter()
                        .zip(&direction)
                        .map(|(g, d)| f64::from(*g) * f64::from(*d))
                        .sum();
                    approx::assert_relative_eq!(
                        ours,
                        difference,
                        max_relative = 2e-3,
                        epsilon = 1e-5
                    );
                }
            }
        }
    }

    /// The Dirac-GAN with a bias: one real event at 0.5, one generated at x, D(x) = w x + b, and two
    /// steps of gradient descent, in 64 bits.
    fn dirac(x: f64, w: f64) -> f64 {
        let sigmoid = |s: f64| 1.0 / (1.0 + (-s).exp());
        let softplus = |s: f64| s.exp().ln_1p();
        let (mut w, mut b) = (w, 0.0);
        for _ in 0..2 {
            let real = -sigmoid(-(w * 0.5 + b));
            let fake = sigmoid(w * x + b);
            (w, b) = (w - 0.7 * (0.5 * real + x * fake), b - 0.7 * (real + fake));
        }
        -softplus(-(w * 0.5 + b)) - softplus(w * x + b)
    }

    #[test]
    fn two_steps_of_a_linear_critic_by_hand() {
        let start = critic(1, &[]);
        let w = scalar(start.state.weights[0].clone());
        for x in [-1.2_f64, 0.1, 0.9] {
            let one = |value: f64| matrix(vec![value as f32], 1, 1, &cpu());
            let objective = GeneratorObjective::Saturating;
            let found = unroll(&start, SGD, objective, 2, &one(0.5), &one(x));
            approx::assert_relative_eq!(
                scalar(found.generator_loss),
                dirac(x, w),
                max_relative = 1e-5
            );
            let expected = (dirac(x + 1e-5, w) - dirac(x - 1e-5, w)) / 2e-5;
            let gradient = f64::from(to_host(found.gradient)[0]);
            approx::assert_relative_eq!(gradient, expected, max_relative = 1e-4, epsilon = 1e-6);
        }
    }

    #[test]
    fn the_first_step_is_the_same_with_any_number() {
        let real = matrix(points(12, 1), 12, 2, &cpu());
        let fake = matrix(points(12, 2), 12, 2, &cpu());
        let weights = |steps| {
            let objective = GeneratorObjective::Saturating;
            let found = unroll(&critic(2, &[4]), ADAM, objective, steps, &real, &fake);
            found.first_step.state.weights.into_iter().flat_map(to_host).collect::<Vec<f32>>()
        };
        assert_eq!(weights(0), weights(3));
    }
}
