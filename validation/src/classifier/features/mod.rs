//! What a classifier sees of an event.

mod columns;
mod names;
mod sample;

use detectors::Detector;
use ndarray::{Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

pub use names::{FeatureGroup, feature_groups, feature_names};
pub use sample::SampleFeatures;

/// Sets of features, for showers as CaloChallenge defines them (arXiv:2410.21611).
///
/// Conditions come first: a number as log₁₀ where its scale is logarithmic, else as it is; a
/// category as one feature for each name, 1 for that of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeatureSet {
    /// Conditions (log₁₀ E_inc; of an image the sum), log₁₀(E_l + 10⁻⁸), EC_η/100, EC_φ/100,
    /// W_η/100, W_φ/100, log₁₀(E_tot + 10⁻⁸), sparsity, EC_r/100, W_r/100 (MeV and mm), of
    /// events with the read-out threshold applied: 30 features for data set 1 photons, 46 for its
    /// pions, 362 for data sets 2 and 3. Where cells are not rings, what else is measured on the
    /// whole event too: depth, containment, shower shapes. The columns of a table.
    HighLevel,
    /// Conditions (of an image all pixels) and each cell over the incident energy or typical sum,
    /// with the read-out threshold applied: 1 + cells for CaloChallenge's data sets.
    LowLevel,
    /// Conditions (of an image all pixels), each cell over the sum of its layer,
    /// e_i / (E_l + 10⁻¹⁶), and log₁₀(E_l + 10⁻⁸) of each layer, in the detector's unit. The
    /// read-out threshold is not applied: 1 + cells + layers.
    LowLevelNormalised,
}

impl FeatureSet {
    /// `high-level`, `low-level` or `low-level-normalised`.
    pub fn name(self) -> &'static str {
        match self {
            Self::HighLevel => "high-level",
            Self::LowLevel => "low-level",
            Self::LowLevelNormalised => "low-level-normalised",
        }
    }

    /// Whether there is something to see beyond the high-level set: a table is its columns.
    pub fn exists(self, detector: &Detector) -> bool {
        self == Self::HighLevel || !detector.layers().is_empty()
    }

    /// Whether its features are those of the single cells.
    pub(crate) fn needs_cells(self) -> bool {
        self != Self::HighLevel
    }
}

/// Events of one class as a classifier takes them: features are made only of those it uses.
pub trait Features: Sync {
    fn events(&self) -> usize;

    /// Features of an event.
    fn width(&self) -> usize;

    /// So many of the first features are conditions: the same for both classes, and needed to make
    /// sense of the others.
    fn condition_columns(&self) -> usize {
        0
    }

    /// # Shapes
    /// `[events, features]`
    fn rows(&self, events: &[usize]) -> Array2<f32>;

    /// Weights of these events, where there are any.
    fn weights(&self, _events: &[usize]) -> Option<Vec<f64>> {
        None
    }
}

impl Features for ArrayView2<'_, f32> {
    fn events(&self) -> usize {
        self.nrows()
    }

    fn width(&self) -> usize {
        self.ncols()
    }

    fn rows(&self, events: &[usize]) -> Array2<f32> {
        self.select(Axis(0), events)
    }
}
