use detectors::Detector;

use super::check::{SettingsError, wrong};
use super::training::{GeneratorSettings, TrainingSettings};
use crate::codec::EncodedLayout;
use crate::codec::transforms::TransformSettings;
use crate::nn::{NetworkSettings, check_layer_count, feature_count, output_shape};

/// More inputs of a network are a mistake in the settings.
const MOST_INPUTS: usize = 1 << 24;

/// Whether every network fits what it takes in and has to give.
///
/// # Errors
/// The network and its first layer that does not fit.
pub(super) fn check(settings: &TrainingSettings, detector: &Detector) -> Result<(), SettingsError> {
    let layout = encoded_layout(settings, detector);
    settings.generator.check_for(&layout)?;
    for critic in &settings.critic {
        let seen = critic.packing * critic.sees.width(&layout, &critic.observables);
        let key = format!("critic `{}`: network", critic.name);
        fits(&critic.network, &key, seen, critic.outputs(seen), layout.labels)?;
    }
    Ok(())
}

/// Where the groups of an encoded event will stand, before there are events to fit a codec to.
pub fn encoded_layout(settings: &TrainingSettings, detector: &Detector) -> EncodedLayout {
    match (settings.codec.voxel_scale, detector.layers().len()) {
        (Some(_), layers) => EncodedLayout {
            values: detector.value_count(),
            layers,
            has_total: true,
            labels: labels(detector),
        },
        (None, _) => EncodedLayout {
            values: encoded_width(settings, detector),
            layers: 0,
            has_total: false,
            labels: labels(detector),
        },
    }
}

impl GeneratorSettings {
    /// Whether a generator can be built by these settings for events that are encoded so.
    ///
    /// # Errors
    /// The first value that is out of its range.
    pub fn check_for(&self, layout: &EncodedLayout) -> Result<(), SettingsError> {
        self.check(layout.has_total)?;
        if layout.has_total {
            self.check_voxel_noise(layout.values)?;
        }
        let outputs = self.outputs(layout);
        fits(&self.network, "generator.network", self.latent, outputs, layout.labels)
    }
}

fn fits(
    network: &NetworkSettings,
    key: &str,
    inputs: usize,
    outputs: usize,
    labels: usize,
) -> Result<(), SettingsError> {
    let layers = network.layers(outputs).map_err(|problem| wrong(key, problem))?;
    if let Some(width) = network.hidden.iter().find(|width| !(1..=65_536).contains(*width)) {
        return Err(wrong(key, format!("`hidden` has {width}, expected widths of 1 to 65536")));
    }
    check_layer_count(&layers).map_err(|problem| wrong(key, problem))?;
    if inputs > MOST_INPUTS {
        return Err(wrong(key, format!("{inputs} inputs, expected at most {MOST_INPUTS}")));
    }
    let shape = output_shape(&layers, &[inputs], labels).map_err(|problem| wrong(key, problem))?;
    let found = feature_count(&shape);
    if found != outputs {
        return Err(wrong(key, format!("the last layer has {found} outputs, expected {outputs}")));
    }
    Ok(())
}

/// Columns of the labels of a detector.
fn labels(detector: &Detector) -> usize {
    crate::codec::Labels::new(detector, &crate::codec::LabelRanges::new()).width()
}

/// Columns of events behind all transforms.
fn encoded_width(settings: &TrainingSettings, detector: &Detector) -> usize {
    TransformSettings::encoded_width(
        &settings.codec.transform,
        detector.value_count(),
        detector.layers().len(),
    )
}
