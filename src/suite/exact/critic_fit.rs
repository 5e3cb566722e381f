//! A small network on one quantity, trained as a critic with exact expectations.

use super::judging::{column, judged};
use crate::compute::{Tensor, cpu, scalar, to_host};
use crate::gan::objectives::{JudgedBatch, Objective};
use crate::gan::optimisers::ParameterGradients;
use crate::gan::penalties::Penalty;
use crate::gan::{Optimiser, OptimiserSettings};
use crate::nn::{
    Activation, ConditionUse, LabelCotangent, Network, NetworkSettings, Pass, Site, tracked,
};
use crate::random::{Purpose, Streams};

/// Points with their probabilities.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'a> {
    pub points: &'a [f64],
    pub probabilities: &'a [f64],
}

/// A penalty with its weight, and where the gradient is taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Penalised<'a> {
    pub penalty: &'a Penalty,
    pub weight: f64,
    pub points: &'a [f64],
}

/// The network and its optimiser.
#[derive(Debug)]
pub(super) struct CriticFit {
    network: Network,
    optimiser: Optimiser,
}

impl CriticFit {
    /// A dense network with hyperbolic tangents, from one number to one score.
    pub(super) fn new(hidden: &[usize], seed: u64) -> Self {
        let settings = NetworkSettings {
            hidden: hidden.to_vec(),
            activation: Some(Activation::Tanh),
            conditions: ConditionUse::None,
            ..NetworkSettings::default()
        };
        let layers = settings.layers(1).expect("hidden layers with an activation");
        let mut normals = Streams::new(seed, Purpose::Initialisation).normals(0);
        let mut site = Site { labels: 0, normals: &mut normals, device: &cpu() };
        let network = Network::build(&layers, &[1], &mut site);
        let adam = OptimiserSettings::Adam {
            learning_rate: 0.0.into(),
            beta1: 0.9,
            beta2: 0.99,
            epsilon: 1e-8,
        };
        Self { network, optimiser: Optimiser::new(adam) }
    }

    /// Scores of points.
    pub(super) fn scores(&self, points: &[f64]) -> Vec<f64> {
        let x = column(points).inner();
        let scores = self.network.forward(x, &mut Pass::evaluation(None));
        to_host(scores).into_iter().map(f64::from).collect()
    }

    /// dD/dx at points.
    pub(super) fn slopes(&self, points: &[f64]) -> Vec<f64> {
        let slopes = slope(&self.network, column(points).inner());
        to_host(slopes).into_iter().map(f64::from).collect()
    }

    /// `steps` of Adam on all points at once, with a rate that falls from `rate` to 0; the last
    /// loss, without the penalty.
    pub(super) fn train(
        &mut self,
        objective: &Objective,
        [real, fake]: [Side<'_>; 2],
        penalised: Option<Penalised<'_>>,
        steps: u64,
        rate: f64,
    ) -> f64 {
        let constants = [real, fake].map(|side| (column(side.points), column(side.probabilities)));
        let mut last = 0.0;
        for step in 0..steps {
            let network = tracked(&self.network);
            let [real, fake] = constants.clone().map(|(points, probabilities)| {
                let scores = network.forward(points, &mut Pass::evaluation(None));
                judged(&scores, probabilities)
            });
            let batch = JudgedBatch { real, fake, other_fake: None };
            let mut loss = objective.critic_loss(&batch, 0.0, None);
            last = scalar(loss.clone());
            if let Some(Penalised { penalty, weight, points }) = penalised {
                loss = loss + penalty.of(slope(&network, column(points))) * weight;
            }
            let gradients = ParameterGradients::of(&network, &loss.backward());
            let share = step as f64 / steps as f64;
            let rate = 0.5 * rate * (1.0 + (std::f64::consts::PI * share).cos());
            self.optimiser.step(&mut self.network, gradients, rate);
        }
        last
    }
}

/// dD/dx at every point, `[points, 1]`.
fn slope(network: &Network, x: Tensor<2>) -> Tensor<2> {
    let (scores, trace) = network.forward_with_trace(x, &mut Pass::evaluation(None));
    network.vjp(&trace, scores.ones_like().detach(), &mut LabelCotangent::default())
}
