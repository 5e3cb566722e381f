//! The validation report: its content as data, as a web page, as figures and as a terminal table.
//!
//! [`write_report`] writes all of it into a folder; [`render_html`], [`to_json`] and
//! [`summary_text`] make the parts.

mod compare;
mod error;
mod exports;
mod figures;
mod json;
pub mod model;
mod options;
mod page;
mod summary_text;
mod text_table;
mod wording;
mod write;

pub use compare::{
    COMPARISON_FORMAT_VERSION, CompareError, CriterionChange, FigureChange, ModelChange,
    ReportComparison, SIGMAS, compare_reports, comparison_markdown, comparison_text,
};
pub use error::ReportError;
pub use figures::{Figure, FigureSet, draw_figures, event_figures};
pub use json::{from_json, to_json};
pub use options::{FigureFormats, FigureStyle, ReportOptions};
pub use page::render_html;
pub use summary_text::summary_text;
pub(crate) use wording::energy;
pub use write::{FileSink, write_figure, write_figure_in, write_report};
