//! Figures in the style of a collaboration's papers, as SVG, PNG and PDF.
//!
//! A figure is plain data that implements [`Plot`]: one reference and one or more generated
//! samples, with their labels. [`Histogram`] shows an observable, [`Profile`] a quantity along
//! another, [`LayerMaps`] the average event in a layer, [`Roc`] the classifiers, [`Correlations`]
//! matrices, [`ConditionMap`] bins of a condition, [`Summary`] all observables at once. [`Style`]
//! chooses between the conventions of experiments. [`event_display`] draws single events, and
//! [`Rendered`] makes pixels and PDF of any figure.

mod comparison;
mod condition_map;
mod correlations;
mod curves;
mod drawing;
mod efficiency;
mod error;
mod estimates;
mod event_display;
mod figure;
mod garwood;
mod giveaways;
mod histogram;
mod layer_map;
mod matrix;
mod precision_recall;
mod profile;
mod radial_profile;
mod render;
mod representative;
mod resolution;
mod roc;
mod summary;
mod table;
mod training;
mod units;
mod verdict_strip;

pub use condition_map::{ConditionMap, ConditionMeasure};
pub use correlations::Correlations;
pub use drawing::axis::Scale;
pub use drawing::font;
pub use drawing::rich_text::{Run, Script, literal, parse as parse_scripts};
pub use drawing::style::{FigureContext, FigureSize, Style};
pub use drawing::ticks::{grouped, number, plain, with_error};
pub use efficiency::{Efficiency, IdentificationCurves};
pub use error::PlotError;
pub use estimates::Estimates;
pub use event_display::{
    EVENT_SIZE, ShownEvents, event_display, event_displays, mean_event_display,
};
pub use figure::Plot;
pub use giveaways::Giveaways;
pub use histogram::{Histogram, HistogramSample, Outside, VerticalScale};
pub use layer_map::LayerMaps;
pub use precision_recall::{PrecisionRecall, PrecisionRecallCurve};
pub use profile::{Positions, Profile, ProfileSample, ProfileScale};
pub use radial_profile::radial_profile;
pub use render::{PNG_SCALE, Rendered, render_png};
pub(crate) use representative::representative_layers;
pub use resolution::{ResolutionFit, WithError};
pub use roc::{Roc, RocAxes, RocCurve};
pub use summary::{Summary, SummaryItem};
pub use table::{Column, Places, Table, TableAxis, plain_text};
pub use training::{Training, TrainingPanel, TrainingSeries};
pub use units::Units;
pub use verdict_strip::{Mark, VerdictRow, VerdictStrip};
