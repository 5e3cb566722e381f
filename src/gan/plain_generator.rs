use super::generator::Generated;
use crate::codec::{Conditions, EncodedLayout};
use crate::compute::{Device, Tensor};
use crate::nn::{Module, MultilayerPerceptron, Parameter, for_each_in};
use crate::random::Normals;
use crate::settings::GeneratorSettings;

/// From noise and conditions to encoded values, without any head: for tables, and for cells that a
/// pipeline of transforms encodes.
#[derive(Debug, Clone)]
pub struct PlainGenerator {
    network: MultilayerPerceptron,
    latent: usize,
}

impl PlainGenerator {
    pub fn new(
        settings: &GeneratorSettings,
        layout: &EncodedLayout,
        normals: &mut Normals,
        device: &Device,
    ) -> Self {
        let inputs = settings.latent + layout.labels;
        let widths = [&[inputs], settings.hidden.as_slice(), &[layout.values]].concat();
        let network = MultilayerPerceptron::new(
            &widths,
            settings.activation,
            settings.residual,
            normals,
            device,
        );
        Self { network, latent: settings.latent }
    }

    /// Noise numbers that one event needs.
    pub fn noise_width(&self) -> usize {
        self.latent
    }

    /// Generates events.
    ///
    /// # Shapes
    /// `noise`: `[events, noise_width]`, normal; both outputs `[events, values]`.
    pub fn forward(&self, noise: &Tensor<2>, conditions: &Conditions) -> Generated {
        let input = Tensor::cat(vec![noise.clone(), conditions.label.clone()], 1);
        let encoded = self.network.forward(input);
        Generated { made: encoded.clone(), encoded }
    }
}

impl Module for PlainGenerator {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for_each_in(&mut self.network, "network", visit);
    }
}
