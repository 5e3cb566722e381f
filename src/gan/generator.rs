use super::noise::Noise;
use super::plain_generator::PlainGenerator;
use super::program::{GeneratorProgram, Head};
use super::shower_generator::ShowerGenerator;
use crate::codec::{Conditions, EventCodec};
use crate::compute::{Device, Tensor, matrix};
use crate::nn::{BatchStatistics, LayerDescription, Module, Network, Parameter, Pass};
use crate::random::{Normals, Streams};
use crate::settings::GeneratorSettings;

/// The generator that belongs to a codec.
#[derive(Debug, Clone)]
pub struct Generator {
    kind: GeneratorKind,
    noise: Noise,
    latent: usize,
}

#[derive(Debug, Clone)]
enum GeneratorKind {
    Shower(Box<ShowerGenerator>),
    Plain(PlainGenerator),
}

/// Generated events, twice.
#[derive(Debug)]
pub struct Generated {
    /// What [`EventCodec::decode`] makes events of, `[events, values]`.
    pub made: Tensor<2>,
    /// As the codec encodes events, `[events, EncodedLayout::width]`.
    pub encoded: Tensor<2>,
}

impl Generator {
    /// A generator by settings that were checked for this codec.
    ///
    /// # Panics
    /// If they were not.
    pub fn new(
        settings: &GeneratorSettings,
        codec: &EventCodec,
        normals: &mut Normals,
        device: &Device,
    ) -> Self {
        let kind = match codec {
            EventCodec::Shower(codec) => GeneratorKind::Shower(Box::new(ShowerGenerator::new(
                settings, codec, normals, device,
            ))),
            EventCodec::Pipeline(_) => GeneratorKind::Plain(PlainGenerator::new(
                settings,
                &codec.layout(),
                normals,
                device,
            )),
        };
        Self { kind, noise: settings.noise, latent: settings.latent }
    }

    /// Noise numbers that one event needs.
    pub fn noise_width(&self) -> usize {
        match &self.kind {
            GeneratorKind::Shower(generator) => generator.noise_width(),
            GeneratorKind::Plain(generator) => generator.noise_width(),
        }
    }

    /// Draws the noise of one event, `[noise_width]`.
    pub fn fill_noise(&self, normals: &mut Normals, values: &mut [f32]) {
        let (latent, voxels) = values.split_at_mut(self.latent);
        self.noise.fill(normals, latent);
        normals.fill(voxels);
    }

    /// Draws the noise of events, each from a stream of its own, from number `first` on.
    ///
    /// # Shapes
    /// `values`: `[events, noise_width]`.
    pub fn fill_noise_of_events(&self, streams: &Streams, first: u64, values: &mut [f32]) {
        let width = self.noise_width();
        if width == self.latent && self.noise == Noise::default() {
            return streams.fill_normals(first, width, values);
        }
        for (row, number) in values.chunks_exact_mut(width).zip(first..) {
            self.fill_noise(&mut streams.normals(number), row);
        }
    }

    /// Events as they are after the training.
    ///
    /// # Shapes
    /// `noise`: `[events, noise_width]`.
    ///
    /// # Panics
    /// If the conditions were made by another codec than the generator was.
    pub fn generate(&self, noise: &Tensor<2>, conditions: &Conditions) -> Generated {
        self.forward(noise, conditions, &mut Pass::evaluation(None))
    }

    /// Events in a pass through the network, whose conditions are set.
    ///
    /// # Shapes
    /// `noise`: `[events, noise_width]`.
    ///
    /// # Panics
    /// If the conditions were made by another codec than the generator was.
    pub fn forward(
        &self,
        noise: &Tensor<2>,
        conditions: &Conditions,
        pass: &mut Pass,
    ) -> Generated {
        pass.set_label(Some(conditions.label.clone()));
        match &self.kind {
            GeneratorKind::Shower(generator) => {
                let sums = conditions.sums.as_ref();
                let sums = sums.expect("a shower codec makes conditions with sums");
                generator.forward(noise, sums, pass)
            }
            GeneratorKind::Plain(generator) => generator.forward(noise, pass),
        }
    }

    /// What it is after the training, as plain numbers.
    pub fn program(&self) -> GeneratorProgram {
        let (network, head) = match &self.kind {
            GeneratorKind::Shower(generator) => {
                (generator.network().operations(), Head::Shower(generator.program()))
            }
            GeneratorKind::Plain(generator) => (generator.network().operations(), Head::Plain),
        };
        GeneratorProgram { latent: self.latent, noise: self.noise, network, head }
    }

    /// Noise of a batch as a tensor.
    pub fn noise(&self, values: Vec<f32>, device: &Device) -> Tensor<2> {
        let width = self.noise_width();
        let events = values.len() / width;
        matrix(values, events, width, device)
    }

    pub fn describe(&self) -> Vec<LayerDescription> {
        match &self.kind {
            GeneratorKind::Shower(generator) => generator.network().describe(),
            GeneratorKind::Plain(generator) => generator.network().describe(),
        }
    }

    /// Whether an event depends on the others of its batch, in training.
    pub fn mixes_events(&self) -> bool {
        match &self.kind {
            GeneratorKind::Shower(generator) => generator.network().mixes_events(),
            GeneratorKind::Plain(generator) => generator.network().mixes_events(),
        }
    }

    /// Power iterations of spectral normalisation, before each step.
    pub fn before_step(&mut self) {
        self.network_mut().before_step();
    }

    /// Takes up the statistics of batch norms.
    pub fn absorb(&mut self, mut statistics: BatchStatistics) {
        self.network_mut().absorb(&mut statistics);
    }

    fn network_mut(&mut self) -> &mut Network {
        match &mut self.kind {
            GeneratorKind::Shower(generator) => generator.network_mut(),
            GeneratorKind::Plain(generator) => generator.network_mut(),
        }
    }
}

impl Module for Generator {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        match &mut self.kind {
            GeneratorKind::Shower(generator) => generator.for_each_parameter(visit),
            GeneratorKind::Plain(generator) => generator.for_each_parameter(visit),
        }
    }
}
