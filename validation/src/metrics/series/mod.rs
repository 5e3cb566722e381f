//! Scores of time series by small recurrent networks, as Yoon, Jarrett and van der Schaar (TimeGAN,
//! NeurIPS 2019) made them customary: can a network tell generated series from real ones, and does
//! one that learns from generated series predict real ones?

mod adam;
mod discriminative_score;
mod gated_recurrent_unit;
mod gradient;
mod network;
mod predictive_score;
mod series_set;
mod settings;
mod training;

pub use discriminative_score::{DiscriminativeScore, discriminative_score};
pub use gated_recurrent_unit::{GatedRecurrentUnit, GatedRecurrentWeights};
pub use predictive_score::{PredictiveScore, predictive_score};
pub use series_set::SeriesSet;
pub use settings::{SeriesScaling, SeriesScoreSettings};
