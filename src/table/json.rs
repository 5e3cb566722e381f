use std::fs::OpenOptions;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use serde::Serialize;

use super::{Column, FORMAT_VERSION, Origin, TableError, TableWriter};
use crate::files::{AtomicFile, FileError};

/// One object with a list of numbers for each column. It is written at the end: all rows are in
/// memory until then. What is not finite becomes `null`.
#[derive(Debug)]
pub(super) struct JsonTable {
    output: AtomicFile,
    columns: Vec<Column>,
    values: Vec<Vec<f64>>,
    origin: Origin,
}

#[derive(Serialize)]
struct Document<'a> {
    format_version: u32,
    generator: &'static str,
    detector: &'a str,
    input_files: &'a [String],
    input_sha256: &'a str,
    events: usize,
    columns: Vec<FilledColumn<'a>>,
}

#[derive(Serialize)]
struct FilledColumn<'a> {
    name: &'a str,
    unit: &'a str,
    description: &'a str,
    values: &'a [f64],
}

impl JsonTable {
    pub fn create(
        path: &Path,
        columns: Vec<Column>,
        origin: Origin,
        force: bool,
    ) -> Result<Self, TableError> {
        let output = AtomicFile::create(path, force)?;
        let values = vec![Vec::new(); columns.len()];
        Ok(Self { output, columns, values, origin })
    }
}

impl TableWriter for JsonTable {
    fn append(&mut self, columns: &[&[f64]]) -> Result<(), TableError> {
        for (values, new) in self.values.iter_mut().zip(columns) {
            values.extend_from_slice(new);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), TableError> {
        let Self { output, columns, values, origin } = *self;
        let filled = columns.iter().zip(&values).map(|(column, values)| FilledColumn {
            name: &column.name,
            unit: &column.unit,
            description: &column.description,
            values,
        });
        let document = Document {
            format_version: FORMAT_VERSION,
            generator: concat!("showerforge ", env!("CARGO_PKG_VERSION")),
            detector: &origin.detector,
            input_files: &origin.input_files,
            input_sha256: &origin.input_sha256,
            events: values.first().map_or(0, Vec::len),
            columns: filled.collect(),
        };
        let path = output.output().to_owned();
        let writing = |source| FileError::writing(&path, source);
        let file = OpenOptions::new().write(true).open(output.path()).map_err(writing)?;
        let mut file = BufWriter::new(file);
        serde_json::to_writer(&mut file, &document).map_err(|error| writing(error.into()))?;
        file.write_all(b"\n").and_then(|()| file.flush()).map_err(writing)?;
        drop(file);
        Ok(output.commit()?)
    }
}
