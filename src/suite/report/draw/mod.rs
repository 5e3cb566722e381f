//! Pictures without a drawing library: marks on layers of pixels, and PNG files of few colours.

mod base64;
mod canvas;
mod colours;
mod png;

pub use base64::{png_uri, svg_uri};
pub use canvas::{Layer, Picture};
pub use colours::{Colour, grey, sequential, series_colour, series_css};
