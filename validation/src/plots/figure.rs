//! What every kind of figure can do.

use super::drawing::style::{FigureContext, FigureSize};
use super::error::PlotError;
use super::table::Table;

/// A figure that is yet to be drawn: its data, without its style.
pub trait Plot: Send + Sync {
    /// Draws it as an SVG document. Some figures choose their height themselves.
    ///
    /// # Errors
    /// If lengths or edges do not fit, or there is nothing to draw.
    fn svg(&self, context: &FigureContext, size: FigureSize) -> Result<String, PlotError>;

    /// The numbers behind it; `None` if there are none that a table would show.
    fn table(&self) -> Option<Table>;
}
