//! The figures of the report, as HTML with everything inside of it.

mod axes;
mod curves;
mod film;
mod images;
mod plane;
mod profile;
mod robustness;
mod samples;
mod series;
mod surface;

pub use curves::{CurveFigure, SystemCurves};
pub use film::film;
pub use robustness::{RobustnessGrid, grid_cell, robustness_grid};
pub use samples::{SampleView, data_picture, has_inputs, sample_picture};
pub use surface::surface_picture;
