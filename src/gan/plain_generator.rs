use super::generator::Generated;
use crate::codec::EncodedLayout;
use crate::compute::{Device, Tensor};
use crate::nn::{Module, Network, Parameter, Pass, Site, for_each_in};
use crate::random::Normals;
use crate::settings::GeneratorSettings;

/// From noise and conditions to encoded values, without any head: for tables, and for cells that a
/// pipeline of transforms encodes.
#[derive(Debug, Clone)]
pub struct PlainGenerator {
    network: Network,
    latent: usize,
}

impl PlainGenerator {
    /// # Panics
    /// If the settings were not checked for this codec.
    pub fn new(
        settings: &GeneratorSettings,
        layout: &EncodedLayout,
        normals: &mut Normals,
        device: &Device,
    ) -> Self {
        let layers = settings
            .network
            .layers(layout.values)
            .expect("checked settings have one form of network");
        let mut site = Site { labels: layout.labels, normals, device };
        let network = Network::build(&layers, &[settings.latent], &mut site);
        Self { network, latent: settings.latent }
    }

    /// Noise numbers that one event needs.
    pub fn noise_width(&self) -> usize {
        self.latent
    }

    pub fn network(&self) -> &Network {
        &self.network
    }

    pub fn network_mut(&mut self) -> &mut Network {
        &mut self.network
    }

    /// Generates events.
    ///
    /// # Shapes
    /// `noise`: `[events, noise_width]`; both outputs `[events, values]`.
    pub fn forward(&self, noise: &Tensor<2>, pass: &mut Pass) -> Generated {
        let encoded = self.network.forward(noise.clone(), pass);
        Generated { made: encoded.clone(), encoded }
    }
}

impl Module for PlainGenerator {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for_each_in(&mut self.network, "network", visit);
    }
}
