use super::plain_generator::PlainGenerator;
use super::shower_generator::ShowerGenerator;
use crate::codec::{Conditions, EventCodec};
use crate::compute::{Device, Tensor, matrix};
use crate::nn::{Module, Parameter};
use crate::random::Normals;
use crate::settings::GeneratorSettings;

/// The generator that belongs to a codec.
#[derive(Debug, Clone)]
pub enum Generator {
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
    pub fn new(
        settings: &GeneratorSettings,
        codec: &EventCodec,
        normals: &mut Normals,
        device: &Device,
    ) -> Self {
        match codec {
            EventCodec::Shower(codec) => {
                Self::Shower(Box::new(ShowerGenerator::new(settings, codec, normals, device)))
            }
            EventCodec::Pipeline(_) => {
                Self::Plain(PlainGenerator::new(settings, &codec.layout(), normals, device))
            }
        }
    }

    /// Noise numbers that one event needs.
    pub fn noise_width(&self) -> usize {
        match self {
            Self::Shower(generator) => generator.noise_width(),
            Self::Plain(generator) => generator.noise_width(),
        }
    }

    /// Generates events.
    ///
    /// # Shapes
    /// `noise`: `[events, noise_width]`, normal.
    ///
    /// # Panics
    /// If the conditions were made by another codec than the generator was.
    pub fn forward(&self, noise: &Tensor<2>, conditions: &Conditions) -> Generated {
        match self {
            Self::Shower(generator) => {
                let sums = conditions.sums.as_ref();
                let sums = sums.expect("a shower codec makes conditions with sums");
                generator.forward(noise, conditions, sums)
            }
            Self::Plain(generator) => generator.forward(noise, conditions),
        }
    }

    /// Noise of a batch as a tensor.
    pub fn noise(&self, values: Vec<f32>, device: &Device) -> Tensor<2> {
        let width = self.noise_width();
        let events = values.len() / width;
        matrix(values, events, width, device)
    }
}

impl Module for Generator {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        match self {
            Self::Shower(generator) => generator.for_each_parameter(visit),
            Self::Plain(generator) => generator.for_each_parameter(visit),
        }
    }
}
