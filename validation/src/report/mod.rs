//! The validation report: its content as data.

pub mod model;
