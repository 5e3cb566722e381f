//! How well a classifier tells generated showers from reference showers: the sharpest single
//! figure of a generator's quality, in the manner of CaloChallenge (arXiv:2410.21611).

mod boosted_trees;
mod calibration;
mod delong;
mod divergence_error;
mod encoding;
mod features;
mod give_away;
mod network;
mod resnet;
mod roc;
mod seeds;
mod settings;
mod split;
mod trained;
mod training;
mod tree_settings;
mod two_sample;

pub use boosted_trees::{TrainedTrees, classify_with_trees, train_trees};
pub use calibration::{IsotonicCalibration, jensen_shannon_divergence};
pub use delong::area_under_curve_error;
pub use features::{
    FeatureGroup, FeatureSet, Features, SampleFeatures, feature_groups, feature_names,
};
pub use give_away::Giveaway;
pub use resnet::{cell_volume, train_resnet};
pub use roc::{Scores, area_under_curve, roc_curve};
pub use seeds::{ClassificationOverSeeds, OverSeeds, classify_seeds};
pub use settings::{BestEpoch, ClassifierSettings, Encoding, ValidClassifierSettings};
pub(crate) use split::FEWEST_EVENTS;
pub use trained::{Classification, TrainedClassifier};
pub use tree_settings::{TreeSettings, ValidTreeSettings};
pub use two_sample::{classify, train_network};
