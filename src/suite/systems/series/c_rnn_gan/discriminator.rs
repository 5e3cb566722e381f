use crate::compute::Tensor;
use crate::nn::{
    DenseSettings, DropoutSettings, Initialisation, LayerSettings, Module, Network, Parameter,
    PerStepSettings, PulledBack, Recording, RecurrentSettings, ReshapeSettings, Site, Tracking,
    for_each_in,
};
use crate::random::Uniforms;

/// Recurrent layers in both directions, and a logit of each step.
#[derive(Debug, Clone)]
pub(super) struct Discriminator {
    body: Network,
    head: Network,
}

/// What a pass left behind.
pub(super) struct Judgement {
    /// R, of the last recurrent layer, `[series, steps × 2 hidden]`.
    pub features: Tensor<2>,
    /// `[series, steps]`
    pub logits: Tensor<2>,
    body: Recording,
    head: Recording,
}

impl Discriminator {
    pub(super) fn new(
        [steps, features]: [usize; 2],
        hidden: usize,
        layers: usize,
        dropout: f64,
        site: &mut Site<'_>,
    ) -> Self {
        let shape = vec![steps, features];
        let mut body = vec![LayerSettings::Reshape(ReshapeSettings { shape })];
        for _ in 0..layers {
            let settings = RecurrentSettings { hidden, bidirectional: true };
            body.push(LayerSettings::Lstm(settings));
            body.push(LayerSettings::Dropout(DropoutSettings { rate: dropout }));
        }
        let head = LayerSettings::PerStep(PerStepSettings {
            layer: vec![LayerSettings::Dense(DenseSettings {
                outputs: 1,
                initialisation: Initialisation::Glorot,
                bias: true,
                spectral_norm: false,
            })],
        });
        let body = Network::build(&body, &[steps * features], site);
        let head = Network::build(&[head], &[steps, 2 * hidden], site);
        Self { body, head }
    }

    /// # Shapes
    /// x: `[series, steps × features]`.
    pub(super) fn judge(
        &self,
        x: Tensor<2>,
        dropout: Option<Uniforms>,
        tracking: Tracking,
    ) -> Judgement {
        let (features, body) = self.body.record(x, None, dropout, tracking);
        let (logits, head) = self.head.record(features.clone(), None, None, tracking);
        Judgement { features, logits, body, head }
    }
}

impl Judgement {
    /// From the cotangent of the logits.
    pub(super) fn pull_back(self, of_logits: Tensor<2>) -> PulledBack {
        let head = self.head.pull_back(of_logits);
        let body = self.body.pull_back(head.input);
        let parameters = body.parameters.into_iter().chain(head.parameters).collect();
        PulledBack { input: body.input, parameters }
    }

    /// The cotangent of x from that of the features.
    pub(super) fn pull_features_back(self, of_features: Tensor<2>) -> Tensor<2> {
        self.body.pull_back(of_features).input
    }
}

impl Module for Discriminator {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for_each_in(&mut self.body, "body", visit);
        for_each_in(&mut self.head, "head", visit);
    }
}
