use crate::codec::EncodedLayout;
use crate::compute::{Device, Tensor};
use crate::gan::objectives::{Objective, weighted_mean};
use crate::gan::penalties::Penalty;
use crate::gan::view::View;
use crate::nn::{Module, MultilayerPerceptron, Parameter};
use crate::random::Normals;
use crate::settings::CriticSettings;

/// A network that tells real from generated events by what its view shows of them, given the
/// condition.
#[derive(Debug, Clone)]
pub struct Critic {
    network: MultilayerPerceptron,
    view: View,
    layout: EncodedLayout,
    objective: Objective,
    penalty: Penalty,
}

/// The terms of a critic's loss, each `[1]`.
#[derive(Debug)]
pub struct CriticTerms {
    /// What the critic minimises: objective + weight × penalty.
    pub loss: Tensor<1>,
    pub objective: Tensor<1>,
    pub penalty: Tensor<1>,
    /// E D(real) − E D(generated): the estimate of the Wasserstein distance for that objective.
    pub score_difference: Tensor<1>,
}

impl Critic {
    pub fn new(
        settings: &CriticSettings,
        layout: &EncodedLayout,
        normals: &mut Normals,
        device: &Device,
    ) -> Self {
        let inputs = settings.sees.columns(layout).len() + layout.labels;
        let widths = [&[inputs], settings.hidden.as_slice(), &[1]].concat();
        Self {
            network: MultilayerPerceptron::new(
                &widths,
                settings.activation,
                false,
                normals,
                device,
            ),
            view: settings.sees,
            layout: layout.clone(),
            objective: settings.objective,
            penalty: settings.penalty,
        }
    }

    /// D(x | c).
    ///
    /// # Shapes
    /// `encoded`: `[events, EncodedLayout::width]`, `label`: `[events, labels]`; the score: `[events, 1]`.
    pub fn score(&self, encoded: &Tensor<2>, label: &Tensor<2>) -> Tensor<2> {
        self.network.forward(self.input(encoded, label))
    }

    /// D(x | c) and its gradient with respect to what the critic sees of x; the condition is not
    /// differentiated.
    ///
    /// # Shapes
    /// The gradient: `[events, columns of the view]`.
    pub fn score_and_gradient(
        &self,
        encoded: &Tensor<2>,
        label: &Tensor<2>,
    ) -> (Tensor<2>, Tensor<2>) {
        let (score, trace) = self.network.forward_with_trace(self.input(encoded, label));
        let columns = self.view.columns(&self.layout).len();
        (score, self.network.input_gradient(&trace).narrow(1, 0, columns))
    }

    /// The critic's loss on a batch of real events and as many generated ones at the same
    /// conditions.
    ///
    /// # Shapes
    /// `real`, `fake`: `[events, EncodedLayout::width]`; `label`: `[events, labels]`;
    /// `epsilon`, `weights`: `[events, 1]`. Weights may be negative; their mean should be 1.
    pub fn terms(
        &self,
        real: &Tensor<2>,
        fake: &Tensor<2>,
        label: &Tensor<2>,
        epsilon: &Tensor<2>,
        weights: Option<&Tensor<2>>,
        penalty_weight: f64,
    ) -> CriticTerms {
        let events = label.dims()[0];
        let both = Tensor::cat(vec![real.clone(), fake.clone()], 0);
        let labels = Tensor::cat(vec![label.clone(), label.clone()], 0);
        let (scores, gradient) = match self.penalty {
            Penalty::ZeroCentred { .. } => self.score_and_gradient(&both, &labels),
            Penalty::GradientPenalty { .. } => {
                let between =
                    crate::gan::penalties::interpolate(real.clone(), fake.clone(), epsilon.clone());
                (self.score(&both, &labels), self.score_and_gradient(&between, label).1)
            }
        };
        let real = scores.clone().narrow(0, 0, events);
        let fake = scores.narrow(0, events, events);
        let objective = self.objective.critic_loss(real.clone(), fake.clone(), weights);
        let penalty = self.penalty.of_gradient(gradient);
        CriticTerms {
            loss: objective.clone() + penalty.clone() * penalty_weight,
            objective,
            penalty,
            score_difference: weighted_mean(real - fake, weights),
        }
    }

    /// What the generator minimises against this critic.
    pub fn generator_loss(
        &self,
        real: &Tensor<2>,
        fake: &Tensor<2>,
        label: &Tensor<2>,
        weights: Option<&Tensor<2>>,
    ) -> Tensor<1> {
        let scores = self.score(fake, label);
        let real = if self.objective.pairs_with_real() {
            self.score(real, label)
        } else {
            scores.clone().detach()
        };
        self.objective.generator_loss(real, scores, weights)
    }

    pub fn penalty(&self) -> &Penalty {
        &self.penalty
    }

    fn input(&self, encoded: &Tensor<2>, label: &Tensor<2>) -> Tensor<2> {
        Tensor::cat(vec![self.view.of(encoded, &self.layout), label.clone()], 1)
    }
}

impl Module for Critic {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        self.network.for_each_parameter(visit);
    }
}
