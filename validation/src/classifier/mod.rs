//! How well a classifier tells generated showers from reference showers: the sharpest single
//! figure of a generator's quality, in the manner of CaloChallenge (arXiv:2410.21611).

mod calibration;
mod encoding;
mod features;
mod network;
mod roc;
mod settings;
mod two_sample;

pub use calibration::{IsotonicCalibration, jensen_shannon_divergence};
pub use features::{
    FeatureGroup, FeatureSet, Features, SampleFeatures, feature_groups, feature_names,
};
pub use roc::{area_under_curve, roc_curve};
pub use settings::{ClassifierSettings, Encoding, ValidClassifierSettings};
pub(crate) use two_sample::FEWEST_EVENTS;
pub use two_sample::{Classification, classify};
