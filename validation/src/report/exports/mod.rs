//! The numbers behind the figures in formats of others.

mod csv;
mod hepdata;

pub(super) use csv::to_csv;
pub(super) use hepdata::{HepDataTable, submission, to_hepdata};
