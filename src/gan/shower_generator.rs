use burn::tensor::activation;

use super::generator::Generated;
use super::shower_head::ShowerHead;
use crate::codec::{Conditions, ShowerCodec, SumConditions};
use crate::compute::{Device, Tensor};
use crate::nn::{Initialisation, Linear, Module, MultilayerPerceptron, Parameter, for_each_in};
use crate::random::Normals;
use crate::settings::{GeneratorSettings, VoxelNoise};

/// From noise and conditions to events of cells.
///
/// A dense network gives, for each event, a raw value and a noise amplitude for every voxel, a
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
    network: MultilayerPerceptron,
    voxel_noise: VoxelNoise,
    noise_mixing: Option<Linear>,
    head: ShowerHead,
    latent: usize,
}

const INITIAL_VOXEL: f32 = 0.3;
const INITIAL_NOISE: f32 = 0.2;

impl ShowerGenerator {
    pub fn new(
        settings: &GeneratorSettings,
        codec: &ShowerCodec,
        normals: &mut Normals,
        device: &Device,
    ) -> Self {
        let head = ShowerHead::new(codec, device);
        let layout = codec.layout();
        let mut widths = vec![settings.latent + layout.labels];
        widths.extend(&settings.hidden);
        let last = *widths.last().expect("there is the input at least");
        // Voxels, their noise amplitudes, layer logits and the total.
        let amplitudes = if settings.voxel_noise == VoxelNoise::None { 0 } else { layout.values };
        let outputs = layout.values + amplitudes + layout.sums();
        widths.push(outputs);

        let mut bias = vec![INITIAL_VOXEL; layout.values];
        bias.extend(vec![INITIAL_NOISE; amplitudes]);
        bias.extend(head.initial_layer_logits());
        bias.push(0.0);
        let output = Linear::new(
            last,
            outputs,
            Initialisation::Normal(0.3 / (last as f64).sqrt()),
            normals,
            device,
        )
        .with_bias(bias, device);
        let network = MultilayerPerceptron::new(
            &widths,
            settings.activation,
            settings.residual,
            normals,
            device,
        )
        .with_output_layer(output);
        let noise_mixing = (settings.voxel_noise == VoxelNoise::Mixed).then(|| {
            Linear::new(layout.values, layout.values, Initialisation::Identity, normals, device)
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

    /// Generates events.
    ///
    /// # Shapes
    /// `noise`: `[events, noise_width]`, normal; `sums` those of the same events.
    pub fn forward(
        &self,
        noise: &Tensor<2>,
        conditions: &Conditions,
        sums: &SumConditions,
    ) -> Generated {
        let voxels = self.head.voxels();
        let latent = noise.clone().narrow(1, 0, self.latent);
        let raw = self.network.forward(Tensor::cat(vec![latent, conditions.label.clone()], 1));
        // [events, voxels]
        let mut shape = raw.clone().narrow(1, 0, voxels);
        let mut outputs = voxels;
        if self.voxel_noise != VoxelNoise::None {
            let mut voxel_noise = noise.clone().narrow(1, self.latent, voxels);
            if let Some(mixing) = &self.noise_mixing {
                voxel_noise = mixing.forward(voxel_noise);
            }
            shape = shape + raw.clone().narrow(1, voxels, voxels) * voxel_noise;
            outputs += voxels;
        }
        // [events, layers + 1]
        let energies = raw.narrow(1, outputs, self.head.layers() + 1);
        self.head.forward(activation::relu(shape), energies, sums)
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
