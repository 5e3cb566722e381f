//! How large a generator is, before it is built.

use super::shower_head::HeadKind;
use crate::codec::EventCodec;
use crate::nn::{LayerSettings, parameter_count};
use crate::settings::{GeneratorSettings, VoxelNoise};

impl GeneratorSettings {
    /// Numbers in all parameters and buffers of [`super::Generator::new`], by settings that were
    /// checked for this codec.
    ///
    /// # Panics
    /// If they were not.
    pub fn parameter_count(&self, codec: &EventCodec) -> usize {
        let layout = codec.layout();
        let mut layers = self
            .network
            .layers(self.outputs(&layout))
            .expect("checked settings have one form of network");
        let is_shower = matches!(codec, EventCodec::Shower(_));
        // The generator of showers has a last layer of its own.
        if is_shower
            && self.head == HeadKind::EnergyShares
            && let Some(LayerSettings::Dense(last)) = layers.last_mut()
        {
            last.bias = true;
            last.spectral_norm = false;
        }
        let mixing = match self.voxel_noise {
            VoxelNoise::Mixed if is_shower => layout.values * layout.values + layout.values,
            _ => 0,
        };
        parameter_count(&layers, &[self.latent], layout.labels).saturating_add(mixing)
    }
}
