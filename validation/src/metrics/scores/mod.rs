//! Scores from what a classifier makes of the events: from its class probabilities p(y|x), and
//! distances between its features. Any classifier serves; a figure is only comparable with others
//! of the same one.

mod am_score;
mod class_probabilities;
mod classifier_distance;
mod inception_score;
mod information;
mod mode_score;
mod modified_inception_score;
mod sample_diversity;

pub use am_score::am_score;
pub use class_probabilities::{ClassProbabilities, class_shares};
pub use classifier_distance::{
    ClassifierDistance, ExtractedFeatures, Extractor, frechet_classifier_distance,
    kernel_classifier_distance,
};
pub use inception_score::{SplitInceptionScore, inception_score, inception_score_in_splits};
pub(crate) use information::{kullback_leibler, negative_entropy};
pub use mode_score::{informative_mode_score, literal_mode_score};
pub use modified_inception_score::{ModifiedInceptionScore, modified_inception_score};
pub use sample_diversity::{SampleDiversity, sample_diversity};
