//! The report of a suite: one self-contained web page, and its numbers for programs.
//!
//! Rows are read ([`Runs`]), grouped by problem and protocol ([`tables`]), and drawn. Whatever is
//! damaged or missing is named in the report, and does not keep the rest from it.

mod artefacts;
mod catalogue;
mod curves;
mod draw;
mod exact_results;
mod figures;
mod notes;
mod overall;
mod page;
mod read;
mod statistics;
mod summary;
mod tables;
mod text;
mod write;

#[cfg(test)]
mod tests;

pub use catalogue::{Catalogue, ProblemFacts, SystemFacts};
pub use exact_results::{CheckResult, ComparedValue, ExactResults};
pub use overall::OverallRank;
pub use read::{Run, Runs};
pub use statistics::{Estimate, ranks};
pub use summary::{
    ProblemSummary, PublishedSummary, PublishedValue, RankedMeasure, Summary, SystemSummary,
};
pub use tables::{Entry, ProblemTable, tables};
pub use write::{Report, ReportPaths};
