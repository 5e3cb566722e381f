//! What figures are drawn with: a canvas of SVG, text, axes, panels, legends and colours.

pub(crate) mod axis;
pub(crate) mod canvas;
pub(crate) mod color;
pub(crate) mod color_map;
pub(crate) mod color_scale;
pub mod font;
pub(crate) mod geometry;
pub(crate) mod grid_map;
pub(crate) mod legend;
pub(crate) mod marker;
pub(crate) mod panel;
pub(crate) mod polar_map;
pub(crate) mod rich_text;
pub(crate) mod stroke;
pub(crate) mod style;
pub(crate) mod ticks;
pub(crate) mod titles;
pub(crate) mod two_panels;
