use serde::{Deserialize, Serialize};

use super::category_index::CategoryIndex;
use super::dequantise::Dequantise;
use super::deviation_only::{DeviationOnly, FittingDeviation};
use super::error::{BadParameter, BadValue, TransformError};
use super::incident_energy_fraction::IncidentEnergyFraction;
use super::layer_fractions::LayerFractions;
use super::logarithm::Logarithm;
use super::moments::DeviationSettings;
use super::one_hot::OneHot;
use super::power::Power;
use super::quantile_normal::{FittingQuantiles, QuantileNormal, QuantileSettings};
use super::standard::{FittingStandard, Standard};
use super::threshold::Threshold;

/// A step as a user writes it: `{ kind = "power", exponent = 0.85 }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum TransformSettings {
    IncidentEnergyFraction(IncidentEnergyFraction),
    LayerFractions {},
    Power(Power),
    Logarithm(Logarithm),
    Threshold(Threshold),
    Dequantise(Dequantise),
    Standard(DeviationSettings),
    DeviationOnly(DeviationSettings),
    QuantileNormal(QuantileSettings),
    OneHot(OneHot),
    CategoryIndex(CategoryIndex),
}

/// A fitted step, with all that it needs to encode and decode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Transform {
    IncidentEnergyFraction(IncidentEnergyFraction),
    LayerFractions(LayerFractions),
    Power(Power),
    Logarithm(Logarithm),
    Threshold(Threshold),
    Dequantise(Dequantise),
    Standard(Standard),
    DeviationOnly(DeviationOnly),
    QuantileNormal(QuantileNormal),
    OneHot(OneHot),
    CategoryIndex(CategoryIndex),
}

/// What every fitted step does, one event at a time.
pub(super) trait Step {
    /// Whether the parameters, which may come from a file, are such as a fit gives.
    fn check(&self) -> Result<(), BadParameter> {
        Ok(())
    }

    /// How many values an event has after this step, if it can be given `width` values.
    fn width_after(&self, width: usize) -> Result<usize, BadParameter> {
        Ok(width)
    }

    /// Physical to network units. `values` are finite; `noise` draws uniform numbers in [0, 1).
    fn encode(
        &self,
        scale: f64,
        values: &mut Vec<f64>,
        noise: &mut dyn FnMut() -> f32,
    ) -> Result<(), BadValue>;

    /// Network to physical units. `values` are whatever a network made.
    fn decode(&self, scale: f64, values: &mut Vec<f64>);
}

/// Statistics that grow with the stream.
pub(super) trait Fitting {
    /// `values`: `[events, columns]`, one event after the other.
    fn observe(&mut self, values: &[f64]);

    fn finish(self: Box<Self>) -> Transform;
}

pub(super) enum Start {
    Ready(Transform),
    NeedsPass(Box<dyn Fitting>),
}

impl TransformSettings {
    /// The name of the step in settings and messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::IncidentEnergyFraction(_) => "incident-energy-fraction",
            Self::LayerFractions {} => "layer-fractions",
            Self::Power(_) => "power",
            Self::Logarithm(_) => "logarithm",
            Self::Threshold(_) => "threshold",
            Self::Dequantise(_) => "dequantise",
            Self::Standard(_) => "standard",
            Self::DeviationOnly(_) => "deviation-only",
            Self::QuantileNormal(_) => "quantile-normal",
            Self::OneHot(_) => "one-hot",
            Self::CategoryIndex(_) => "category-index",
        }
    }

    /// Values of an event behind all steps, from `width` values in `layers` layers.
    pub fn encoded_width(steps: &[Self], width: usize, layers: usize) -> usize {
        steps.iter().fold(width, |width, step| match step {
            Self::LayerFractions {} => width + layers + 1,
            Self::OneHot(one_hot) => (width + one_hot.categories).saturating_sub(1),
            _ => width,
        })
    }

    /// Checks the parameters of all steps, without any events.
    ///
    /// # Errors
    /// The first parameter that is out of its range.
    pub fn check(steps: &[Self]) -> Result<(), TransformError> {
        steps
            .iter()
            .enumerate()
            .try_for_each(|(i, step)| step.check_own().map_err(|bad| bad.at(i + 1, step.kind())))
    }

    fn check_own(&self) -> Result<(), BadParameter> {
        match self {
            Self::LayerFractions {} => Ok(()),
            Self::Standard(settings) | Self::DeviationOnly(settings) => settings.check(),
            Self::QuantileNormal(settings) => settings.check(),
            Self::IncidentEnergyFraction(step) => step.check(),
            Self::Power(step) => step.check(),
            Self::Logarithm(step) => step.check(),
            Self::Threshold(step) => step.check(),
            Self::Dequantise(step) => step.check(),
            Self::OneHot(step) => step.check(),
            Self::CategoryIndex(step) => step.check(),
        }
    }

    /// The fitted step, or what gathers its statistics from events of `width` values; `None` where
    /// it needs layers and there are none.
    pub(super) fn start(&self, width: usize, layers: Option<&[usize]>) -> Option<Start> {
        let ready = match self {
            Self::IncidentEnergyFraction(step) => Transform::IncidentEnergyFraction(step.clone()),
            Self::LayerFractions {} => Transform::LayerFractions(LayerFractions::new(layers?)),
            Self::Power(step) => Transform::Power(step.clone()),
            Self::Logarithm(step) => Transform::Logarithm(step.clone()),
            Self::Threshold(step) => Transform::Threshold(step.clone()),
            Self::Dequantise(step) => Transform::Dequantise(step.clone()),
            Self::OneHot(step) => Transform::OneHot(step.clone()),
            Self::CategoryIndex(step) => Transform::CategoryIndex(step.clone()),
            Self::Standard(settings) => {
                return Some(Start::NeedsPass(Box::new(FittingStandard::new(settings, width))));
            }
            Self::DeviationOnly(settings) => {
                return Some(Start::NeedsPass(Box::new(FittingDeviation::new(settings, width))));
            }
            Self::QuantileNormal(settings) => {
                return Some(Start::NeedsPass(Box::new(FittingQuantiles::new(settings, width))));
            }
        };
        Some(Start::Ready(ready))
    }
}

impl Transform {
    /// The name of the step in settings and messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::IncidentEnergyFraction(_) => "incident-energy-fraction",
            Self::LayerFractions(_) => "layer-fractions",
            Self::Power(_) => "power",
            Self::Logarithm(_) => "logarithm",
            Self::Threshold(_) => "threshold",
            Self::Dequantise(_) => "dequantise",
            Self::Standard(_) => "standard",
            Self::DeviationOnly(_) => "deviation-only",
            Self::QuantileNormal(_) => "quantile-normal",
            Self::OneHot(_) => "one-hot",
            Self::CategoryIndex(_) => "category-index",
        }
    }

    pub(super) fn step(&self) -> &dyn Step {
        match self {
            Self::IncidentEnergyFraction(step) => step,
            Self::LayerFractions(step) => step,
            Self::Power(step) => step,
            Self::Logarithm(step) => step,
            Self::Threshold(step) => step,
            Self::Dequantise(step) => step,
            Self::Standard(step) => step,
            Self::DeviationOnly(step) => step,
            Self::QuantileNormal(step) => step,
            Self::OneHot(step) => step,
            Self::CategoryIndex(step) => step,
        }
    }
}
