use crate::compute::{Device, Tensor};
use crate::gan::optimisers::ParameterGradients;
use crate::gan::{Optimiser, OptimiserSettings, Progress};
use crate::nn::{ConcatenateSettings, DenseSettings};
use crate::nn::{
    Initialisation, LayerSettings, Network, PerStepSettings, PulledBack, Recording, RecurrentKind,
    RecurrentSettings, ReshapeSettings, Site, Tracking,
};
use crate::random::Uniforms;

/// One of the networks of a system, with its optimiser.
#[derive(Debug)]
pub(super) struct Member {
    pub network: Network,
    optimiser: Optimiser,
    settings: OptimiserSettings,
    /// The largest norm of its gradient.
    largest_gradient: Option<f64>,
}

/// A stack of recurrent layers with a dense layer on each step behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct RecurrentStack {
    pub kind: RecurrentKind,
    pub steps: usize,
    pub features: usize,
    pub hidden: usize,
    pub layers: usize,
    pub outputs: usize,
    /// Behind the dense layer.
    pub last: Last,
}

/// The last activation of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    Linear,
    Sigmoid,
    Tanh,
}

impl RecurrentStack {
    /// All layers, from flat features; with conditions, they are told at every step.
    fn layer_settings(&self, labels: usize) -> Vec<LayerSettings> {
        let shape = vec![self.steps, self.features];
        let mut layers = vec![LayerSettings::Reshape(ReshapeSettings { shape })];
        if labels > 0 {
            let told = LayerSettings::Concatenate(ConcatenateSettings { embedding: None });
            layers.push(LayerSettings::PerStep(PerStepSettings { layer: vec![told] }));
        }
        let settings = RecurrentSettings { hidden: self.hidden, bidirectional: false };
        let recurrent = match self.kind {
            RecurrentKind::Gru => LayerSettings::Gru(settings),
            RecurrentKind::Lstm => LayerSettings::Lstm(settings),
        };
        layers.extend(std::iter::repeat_n(recurrent, self.layers));
        let mut head = vec![LayerSettings::Dense(DenseSettings {
            outputs: self.outputs,
            initialisation: Initialisation::Glorot,
            bias: true,
            spectral_norm: false,
        })];
        match self.last {
            Last::Linear => {}
            Last::Sigmoid => head.push(LayerSettings::Sigmoid),
            Last::Tanh => head.push(LayerSettings::Tanh),
        }
        layers.push(LayerSettings::PerStep(PerStepSettings { layer: head }));
        layers
    }

    pub(super) fn build(&self, site: &mut Site<'_>) -> Network {
        let layers = self.layer_settings(site.labels);
        Network::build(&layers, &[self.steps * self.features], site)
    }
}

impl Member {
    pub(super) fn new(
        network: Network,
        settings: OptimiserSettings,
        largest_gradient: Option<f64>,
    ) -> Self {
        Self { network, optimiser: Optimiser::new(settings), settings, largest_gradient }
    }

    /// Begins with a new optimiser, for another phase of a training.
    pub(super) fn forget_steps(&mut self) {
        self.optimiser = Optimiser::new(self.settings);
    }

    /// Goes through the network on the way to an update of it.
    pub(super) fn record(
        &self,
        x: &Tensor<2>,
        label: Option<&Tensor<2>>,
        dropout: Option<Uniforms>,
    ) -> (Tensor<2>, Recording) {
        self.network.record(x.clone(), label, dropout, Tracking::Parameters)
    }

    /// Goes through the network as it is, on the way to an update of one in front of it.
    pub(super) fn pass(
        &self,
        x: &Tensor<2>,
        label: Option<&Tensor<2>>,
        dropout: Option<Uniforms>,
    ) -> (Tensor<2>, Recording) {
        self.network.record(x.clone(), label, dropout, Tracking::Input)
    }

    /// Goes through the network without a way back.
    pub(super) fn forward(&self, x: &Tensor<2>, label: Option<&Tensor<2>>) -> Tensor<2> {
        let mut pass = crate::nn::Pass::evaluation(label.cloned());
        self.network.forward(x.clone(), &mut pass)
    }

    /// One update from gradients of [`Self::record`]; the cotangent of the input.
    pub(super) fn step(&mut self, pulled: PulledBack, progress: Progress) -> Tensor<2> {
        let mut gradients = ParameterGradients::from_places(pulled.parameters);
        if let Some(largest) = self.largest_gradient {
            gradients = gradients.clip(largest);
        }
        let rate = self.settings.learning_rate().at(progress);
        self.optimiser.step(&mut self.network, gradients, rate);
        pulled.input
    }
}

/// A site to build networks at.
pub(super) fn site<'a>(
    labels: usize,
    normals: &'a mut crate::random::Normals,
    device: &'a Device,
) -> Site<'a> {
    Site { labels, normals, device }
}
