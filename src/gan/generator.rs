use burn::tensor::activation;

use super::shower_head::ShowerHead;
use crate::codec::{Conditions, ShowerCodec};
use crate::compute::{Device, Tensor, matrix};
use crate::nn::{Initialisation, Linear, Module, MultilayerPerceptron, Parameter, for_each_in};
use crate::random::Normals;
use crate::settings::GeneratorSettings;

/// From noise and the incident energy to showers.
///
/// A dense network gives, for each event, a raw value and a noise amplitude for every voxel, a
/// logit for every layer and a standardised total energy. The shower head (`shower_head.rs`) makes
/// voxels of them whose sums are the layer energies, and sets those below the read-out threshold
/// to 0 as the detector does.
///
/// Two kinds of noise enter: `latent` numbers at the input, for what a shower does as a whole, and
/// one number a voxel just before the head, for the fluctuation of the many voxels with a few
/// particles each. A learned linear map, the identity at the start, lets the numbers of neighbouring
/// voxels mix, since a particle may cross several.
#[derive(Debug, Clone)]
pub struct ShowerGenerator {
    network: MultilayerPerceptron,
    noise_mixing: Linear,
    head: ShowerHead,
    latent: usize,
}

/// Generated events, in two units.
#[derive(Debug)]
pub struct GeneratedShowers {
    /// E_voxel / E_inc, `[events, voxels]`; 0 below the read-out threshold.
    pub fractions: Tensor<2>,
    /// As the codec encodes them, `[events, voxels + layers + 1]`.
    pub encoded: Tensor<2>,
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
        let mut widths = vec![settings.latent + 1];
        widths.extend(&settings.hidden);
        let last = *widths.last().expect("there is the input at least");
        // Voxels, their noise amplitudes, layer logits and the total.
        let outputs = 2 * layout.voxels + layout.sums();
        widths.push(outputs);

        let mut bias = vec![INITIAL_VOXEL; layout.voxels];
        bias.extend(vec![INITIAL_NOISE; layout.voxels]);
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
        let noise_mixing =
            Linear::new(layout.voxels, layout.voxels, Initialisation::Identity, normals, device);
        Self { network, noise_mixing, head, latent: settings.latent }
    }

    /// Noise numbers that one event needs.
    pub fn noise_width(&self) -> usize {
        self.latent + self.head.voxels()
    }

    /// Generates events.
    ///
    /// # Shapes
    /// `noise`: `[events, noise_width]`, normal.
    pub fn forward(&self, noise: &Tensor<2>, conditions: &Conditions) -> GeneratedShowers {
        let voxels = self.head.voxels();
        let latent = noise.clone().narrow(1, 0, self.latent);
        let voxel_noise = self.noise_mixing.forward(noise.clone().narrow(1, self.latent, voxels));
        let raw = self.network.forward(Tensor::cat(vec![latent, conditions.label.clone()], 1));
        // [events, voxels]
        let amplitude = raw.clone().narrow(1, voxels, voxels);
        let shape = activation::relu(raw.clone().narrow(1, 0, voxels) + amplitude * voxel_noise);
        // [events, layers + 1]
        let energies = raw.narrow(1, 2 * voxels, self.head.layers() + 1);
        self.head.forward(shape, energies, conditions)
    }

    /// Noise of a batch as a tensor.
    pub fn noise(&self, values: Vec<f32>, device: &Device) -> Tensor<2> {
        let width = self.noise_width();
        let events = values.len() / width;
        matrix(values, events, width, device)
    }
}

impl Module for ShowerGenerator {
    fn for_each_parameter(&mut self, visit: &mut dyn FnMut(&str, &mut Parameter)) {
        for_each_in(&mut self.network, "network", visit);
        for_each_in(&mut self.noise_mixing, "noise-mixing", visit);
    }
}
