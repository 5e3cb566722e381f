//! What can go wrong while a report is rendered, read or written.

use std::path::PathBuf;

use super::model::FORMAT_VERSION;
use crate::plots::PlotError;

/// Why a report could not be rendered, read or written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("render the report's page: {0}")]
    Template(#[from] minijinja::Error),

    #[error("convert the report to or from JSON: {0}")]
    Json(#[from] serde_json::Error),

    #[error("read a report of format version {found}, expected {FORMAT_VERSION}")]
    Version { found: u64 },

    #[error("render a figure: {0}")]
    Figure(#[from] PlotError),

    #[error("write `{}`: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
}
