//! Files of columns: one number an event and column, as HDF5, CSV or JSON.
//!
//! Rows stream in blocks. An output appears under its final name complete or not at all.

mod column;
mod csv;
mod error;
mod format;
mod hdf5_table;
mod json;

pub use column::{Column, Origin};
pub use error::TableError;
pub use format::TableFormat;

use std::path::Path;

use csv::CsvTable;
use hdf5_table::Hdf5Table;
use json::JsonTable;

/// The version of what is written.
pub const FORMAT_VERSION: u32 = 1;

/// Writes rows to a file of columns; dropped before [`TableWriter::finish`], it leaves nothing.
pub trait TableWriter {
    /// Adds rows after those already there.
    ///
    /// # Shapes
    /// `columns`: `[columns][rows]`, in the order the table was made with.
    ///
    /// # Errors
    /// The disk refuses.
    fn append(&mut self, columns: &[&[f64]]) -> Result<(), TableError>;

    /// Gives the file its final name.
    ///
    /// # Errors
    /// The disk refuses, or another job has made the output meanwhile.
    fn finish(self: Box<Self>) -> Result<(), TableError>;
}

/// Begins a table in the format that the name of the file ends in.
///
/// # Errors
/// No such format, or the output exists and `force` is not set, or it cannot be created.
pub fn create_table(
    path: &Path,
    columns: Vec<Column>,
    origin: &Origin,
    force: bool,
) -> Result<Box<dyn TableWriter>, TableError> {
    Ok(match TableFormat::of(path)? {
        TableFormat::Hdf5 => Box::new(Hdf5Table::create(path, &columns, origin, force)?),
        TableFormat::Csv => Box::new(CsvTable::create(path, &columns, force)?),
        TableFormat::Json => Box::new(JsonTable::create(path, columns, origin.clone(), force)?),
    })
}
