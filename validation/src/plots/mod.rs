//! Figures in the style of a collaboration's papers, as SVG text.
//!
//! A figure is a function from the report's data to an SVG document: [`histogram_figure`] for an
//! observable, [`layer_map_figure`] and [`radial_profile_figure`] for the average event in a
//! layer, [`response_figure`] and [`resolution_figure`] for the energy, [`roc_figure`] for the
//! classifiers, [`summary_figure`] for all observables at once, [`event_display`] for a single
//! event. [`render_png`] makes pixels of any of them.

mod axis;
mod canvas;
mod color_scale;
mod colormap;
mod density;
mod error;
mod event_display;
pub mod font;
mod geometry;
mod grid_map;
mod histogram;
mod layer_map;
mod legend;
mod panel;
mod png;
mod polar_map;
mod radial_profile;
mod representative;
mod response;
mod rich_text;
mod roc;
mod style;
mod summary;
mod ticks;
mod two_panels;
mod units;

pub use error::PlotError;
pub use event_display::{EVENT_SIZE, event_display, mean_event_display};
pub use histogram::histogram_figure;
pub use layer_map::{MAP_SIZE, layer_map_figure};
pub use png::{PNG_SCALE, render_png};
pub use radial_profile::radial_profile_figure;
pub(crate) use representative::representative_layers;
pub use response::{resolution_figure, response_figure};
pub use rich_text::{Run, Script, literal, parse as parse_scripts};
pub use roc::{ROC_SIZE, roc_figure};
pub use style::{FigureContext, FigureSize};
pub use summary::summary_figure;
pub use ticks::{grouped, number, plain};
pub use units::Units;
