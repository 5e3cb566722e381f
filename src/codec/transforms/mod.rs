//! Composable, invertible transforms between physical units and network units.
//!
//! A [`Pipeline`] is a list of steps, each of which rewrites the values of one event at a time. It is
//! fitted on a stream of [`OwnedBlock`]s from a list of [`TransformSettings`], is saved in the model
//! with its statistics, and then encodes events for a network and decodes what the network makes.
//!
//! | step | formula | 0 stays 0 | width |
//! |---|---|---|---|
//! | `incident-energy-fraction` | x / E_inc | yes | same |
//! | `layer-fractions` | x / E_layer; E_layer / E_tot; E_tot / E_inc | yes | + layers + 1 |
//! | `power` | sign(x) \|x\|^p | yes | same |
//! | `logarithm` | ln(1 + x / offset) | yes | same |
//! | `threshold` | x if x ≥ minimum, else 0 | yes | same |
//! | `dequantise` | x + u · width, back by rounding down | on decoding | same |
//! | `deviation-only` | x / σ | yes | same |
//! | `standard` | (x − μ) / σ | no | same |
//! | `quantile-normal` | Φ⁻¹(F(x)) | where 0 is the least | same |
//! | `one-hot` | index to 0 and 1 | – | + categories − 1 |
//! | `category-index` | index, checked | yes | same |
//!
//! "0 stays 0" is exact: a zero is encoded as zero, and it is decoded as zero, also after any other
//! steps of which this is said. `dequantise` promises the second half only.
//!
//! Between the steps values are 64 bits wide; an encoded or decoded event is rounded once, at the
//! end, to 32 bits. Decoding what was encoded therefore gives the event back up to what a rounding of
//! the encoded values amounts to. That is within 2⁻²¹ of each value for `incident-energy-fraction` or
//! `layer-fractions`, with `power` (an exponent of at least 1/2) and `deviation-only` after them or
//! without. Every step states its own bound.
//!
//! What is saved must be read back bit for bit, for which `serde_json` needs its feature
//! `float_roundtrip`.

mod category_index;
mod columns;
mod dequantise;
mod deviation_only;
mod error;
mod incident_energy_fraction;
#[cfg(test)]
mod laws;
mod layer_fractions;
mod logarithm;
mod moments;
pub(crate) mod normal_distribution;
mod one_hot;
mod pipeline;
mod power;
mod quantile_normal;
mod row_sample;
mod standard;
mod step;
mod threshold;

pub use category_index::CategoryIndex;
pub use columns::{Block, Columns, OwnedBlock};
pub use dequantise::Dequantise;
pub use deviation_only::DeviationOnly;
pub use error::TransformError;
pub use incident_energy_fraction::IncidentEnergyFraction;
pub use layer_fractions::LayerFractions;
pub use logarithm::Logarithm;
pub use moments::DeviationSettings;
pub use one_hot::OneHot;
pub use pipeline::Pipeline;
pub use power::Power;
pub use quantile_normal::{QuantileNormal, QuantileSettings};
pub use standard::Standard;
pub use step::{Transform, TransformSettings};
pub use threshold::Threshold;
