use super::settings::Checked;
use crate::compute::{Device, Tensor};
use crate::nn::{
    BatchStatistics, DenseSettings, Initialisation, LayerSettings, Module, Network, Parameter,
    Pass, Site, for_each_in,
};
use crate::random::{Purpose, Streams, Uniforms};
use crate::suite::systems::changes::batch_norm;

/// The critic and Q on one trunk.
#[derive(Debug, Clone)]
pub(super) struct CriticWithCode {
    trunk: Network,
    /// To one score.
    score: Network,
    /// To the parameters of Q(c|x).
    code: Network,
}

/// What both heads give for events.
///
/// # Shapes
/// `score`: `[events, 1]`; `code`: `[events, classes + 2 numbers]`.
pub(super) struct Read {
    pub score: Tensor<2>,
    pub code: Tensor<2>,
}

pub(super) fn generator(checked: &Checked, seed: u64, device: &Device) -> Network {
    let mut normals = Streams::new(seed, Purpose::Initialisation).normals(0);
    let mut site = Site { labels: 0, normals: &mut normals, device };
    Network::build(&checked.generator, &[checked.settings.input_width()], &mut site)
}

impl CriticWithCode {
    pub fn new(checked: &Checked, values: usize, seed: u64, device: &Device) -> Self {
        let mut normals = Streams::new(seed, Purpose::Initialisation).normals(1);
        let mut site = Site { labels: 0, normals: &mut normals, device };
        let trunk = Network::build(&checked.trunk, &[values], &mut site);
        let score = Network::build(&checked.score, trunk.output_shape(), &mut site);
        let settings = &checked.settings;
        let dense = |outputs| {
            LayerSettings::Dense(DenseSettings {
                outputs,
                initialisation: Initialisation::Glorot,
                bias: true,
                spectral_norm: false,
            })
        };
        let mut code = vec![dense(settings.code_hidden)];
        if settings.code_batch_norm {
            code.push(batch_norm());
        }
        code.extend([LayerSettings::LeakyRelu { slope: 0.1 }, dense(settings.code_outputs())]);
        let code = Network::build(&code, trunk.output_shape(), &mut site);
        Self { trunk, score, code }
    }

    /// In training, with what batch norms have seen.
    pub fn train(&self, events: Tensor<2>, uniforms: Uniforms) -> (Read, BatchStatistics) {
        let mut pass = Pass::training(None, uniforms);
        let read = self.read(events, &mut pass);
        (read, pass.take_statistics())
    }

    pub fn evaluate(&self, events: Tensor<2>) -> Read {
        self.read(events, &mut Pass::evaluation(None))
    }

    fn read(&self, events: Tensor<2>, pass: &mut Pass) -> Read {
        let features = self.trunk.forward(events, pass);
        Read {
            score: self.score.forward(features.clone(), pass),
            code: self.code.forward(features, pass),
        }
    }

    pub fn absorb(&mut self, mut statistics: BatchStatistics) {
        for part in [&mut self.trunk, &mut self.score, &mut self.code] {
            part.absorb(&mut statistics);
        }
    }

    pub fn before_step(&mut self) {
        for part in [&mut self.trunk, &mut self.score, &mut self.code] {
            part.before_step();
        }
    }
}

impl Module for CriticWithCode {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for_each_in(&mut self.trunk, "trunk", visit);
        for_each_in(&mut self.score, "score", visit);
        for_each_in(&mut self.code, "code", visit);
    }
}
