use serde::{Deserialize, Serialize};

use super::moments::Moments;
use super::profile::{ProfileComparison, ProfilePoint};
use crate::Sample;
use crate::observables::{ObservableKind, Quantity};

/// What a layer's energy is given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerScale {
    /// E_l, in the detector's unit.
    Energy,
    /// E_l / E_inc.
    OverIncident,
}

/// Mean energy of each layer, with its error and with the spread from event to event. The bin of
/// layer l, numbered from 0 along the depth, is l ± ½. Empty for tables, for detectors of one
/// layer, and over E_inc where there is none.
pub fn longitudinal_profile(sample: &Sample, scale: LayerScale) -> Vec<ProfilePoint> {
    let layers = sample.detector().layers();
    let incident = match scale {
        LayerScale::Energy => None,
        LayerScale::OverIncident => match sample.incident_energies_mev() {
            Some(energies) => Some(energies),
            None => return Vec::new(),
        },
    };
    let point = |(number, layer): (usize, &detectors::Layer)| {
        let kind = ObservableKind { quantity: Quantity::LayerTotal, layer: Some(layer.id()) };
        let energies = sample.observables().get(kind)?;
        let values: Vec<f64> = match incident {
            Some(incident) => energies.iter().zip(incident).map(|(e, inc)| e / inc).collect(),
            None => energies.to_vec(),
        };
        let moments = Moments::of_weighted(&values, sample.weights())?;
        let middle = number as f64;
        Some(ProfilePoint::new(middle - 0.5, middle + 0.5, &moments))
    };
    if layers.len() < 2 {
        Vec::new()
    } else {
        layers.iter().enumerate().filter_map(point).collect()
    }
}

/// Both samples' longitudinal profiles; `None` where there is none.
pub fn compare_longitudinal(
    reference: &Sample,
    generated: &Sample,
    scale: LayerScale,
) -> Option<ProfileComparison> {
    let detector = reference.detector();
    let of = |sample| longitudinal_profile(sample, scale);
    let (reference, generated) = (of(reference), of(generated));
    if reference.is_empty() || generated.is_empty() {
        return None;
    }
    let (name, y_label) = match scale {
        LayerScale::Energy => {
            ("longitudinal_profile", format!("Mean energy of a layer ({})", detector.unit()))
        }
        LayerScale::OverIncident => {
            ("longitudinal_profile_over_E_inc", "Mean of E_l / E_inc".to_owned())
        }
    };
    Some(ProfileComparison {
        name: name.to_owned(),
        x_label: "Layer, from 0 along the depth".to_owned(),
        y_label,
        logarithmic_x: false,
        reference,
        generated,
    })
}
