use super::generator::Generated;
use super::program::ShowerProgram;
use super::shower_head::{HeadKind, ShowerHead};
use crate::codec::{ShowerCodec, SumConditions};
use crate::compute::{Device, Tensor};
use crate::nn::{Dense, Initialisation, Module, Network, Parameter, Pass, Site, for_each_in};
use crate::random::Normals;
use crate::settings::{GeneratorSettings, VoxelNoise};

/// From noise and conditions to events of cells.
///
/// A network gives, for each event, a raw value and a noise amplitude for every voxel, a
/// logit for every layer and a standardised total energy. The shower head (`shower_head.rs`) makes
/// voxels of them whose sums are the layer energies, and sets those below the read-out threshold
/// to 0 as the detector does.
///
/// Two kinds of noise enter: `latent` numbers at the input, for what a shower does as a whole, and
/// one number a voxel just before the head, for the fluctuation of the many voxels with a few
/// particles each. A learned linear map, the identity at the start, lets the numbers of neighbouring
/// voxels mix, since a particle may cross several; where there are too many voxels for that, each
/// keeps its own number.
#[derive(Debug, Clone)]
pub struct ShowerGenerator {
    network: Network,
    voxel_noise: VoxelNoise,
    noise_mixing: Option<Dense>,
    head: ShowerHead,
    latent: usize,
}

const INITIAL_VOXEL: f32 = 0.3;
const INITIAL_NOISE: f32 = 0.2;

impl ShowerGenerator {
    /// # Panics
    /// If the settings were not checked for this codec.
    pub fn new(
        settings: &GeneratorSettings,
        codec: &ShowerCodec,
        normals: &mut Normals,
        device: &Device,
    ) -> Self {
        let head = ShowerHead::new(settings.head, codec, device);
        let layout = codec.layout();
        let outputs = settings.outputs(&layout);
        let layers =
            settings.network.layers(outputs).expect("checked settings have one form of network");
        let inputs = settings.latent;
        let mut site = Site { labels: layout.labels, normals, device };
        let mut network = Network::build(&layers, &[inputs], &mut site);
        if let Some(last) = network.last_dense_mut()
            && settings.head == HeadKind::EnergyShares
        {
            // Voxels, their noise amplitudes, layer logits and the total.
            let mut bias = vec![INITIAL_VOXEL; layout.values];
            bias.extend(vec![INITIAL_NOISE; outputs - layout.values - head.energies()]);
            bias.extend(head.initial_layer_logits());
            bias.push(0.0);
            let deviation = 0.3 / (last.inputs() as f64).sqrt();
            let initialisation = Initialisation::Normal { deviation };
            *last = Dense::new(last.inputs(), outputs, initialisation, site.normals, device)
                .with_bias(bias, device);
        }
        let noise_mixing = (settings.voxel_noise == VoxelNoise::Mixed).then(|| {
            Dense::new(layout.values, layout.values, Initialisation::Identity, site.normals, device)
        });
        let voxel_noise = settings.voxel_noise;
        Self { network, voxel_noise, noise_mixing, head, latent: settings.latent }
    }

    /// Noise numbers that one event needs.
    pub fn noise_width(&self) -> usize {
        match self.voxel_noise {
            VoxelNoise::None => self.latent,
            VoxelNoise::Mixed | VoxelNoise::Independent => self.latent + self.head.voxels(),
        }
    }

    pub fn network(&self) -> &Network {
        &self.network
    }

    pub fn network_mut(&mut self) -> &mut Network {
        &mut self.network
    }

    /// The head with its noise, as plain numbers.
    pub(super) fn program(&self) -> ShowerProgram {
        let noise_mixing = self.noise_mixing.as_ref().map(Dense::operation);
        self.head.program(self.voxel_noise, noise_mixing)
    }

    /// Generates events.
    ///
    /// # Shapes
    /// `noise`: `[events, noise_width]`; `sums` those of the same events.
    pub fn forward(&self, noise: &Tensor<2>, sums: &SumConditions, pass: &mut Pass) -> Generated {
        let voxels = self.head.voxels();
        let latent = noise.clone().narrow(1, 0, self.latent);
        let raw = self.network.forward(latent, pass);
        // [events, voxels]
        let mut shape = raw.clone().narrow(1, 0, voxels);
        let mut outputs = voxels;
        if self.voxel_noise != VoxelNoise::None {
            let mut voxel_noise = noise.clone().narrow(1, self.latent, voxels);
            if let Some(mixing) = &self.noise_mixing {
                voxel_noise = mixing.apply(voxel_noise);
            }
            shape = shape + raw.clone().narrow(1, voxels, voxels) * voxel_noise;
            outputs += voxels;
        }
        // [events, layers + 1]; nothing for a rectified head.
        let energies = match self.head.energies() {
            0 => raw,
            energies => raw.narrow(1, outputs, energies),
        };
        self.head.forward(shape, energies, sums)
    }
}

impl Module for ShowerGenerator {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for_each_in(&mut self.network, "network", visit);
        if let Some(mixing) = &mut self.noise_mixing {
            for_each_in(mixing, "noise-mixing", visit);
        }
    }
}
