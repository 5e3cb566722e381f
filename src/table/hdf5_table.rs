use std::path::Path;

use hdf5_metno as hdf5;
use ndarray::ArrayView2;

use super::{Column, FORMAT_VERSION, Origin, TableError, TableWriter};
use crate::events::attributes::write_text;
use crate::events::chunked::{ChunkedError, ChunkedWriter, Compression};
use crate::events::{EventsError, hdf5_errors, new_file};
use crate::files::AtomicFile;

/// A data set `[events]` of 64-bit floats for each column, with the attributes `unit` and
/// `description`.
#[derive(Debug)]
pub(super) struct Hdf5Table {
    // Dropped in this order: HDF5 lets go of the file before it is removed.
    columns: Vec<ChunkedWriter<f64>>,
    file: hdf5::File,
    output: AtomicFile,
}

impl Hdf5Table {
    pub fn create(
        path: &Path,
        columns: &[Column],
        origin: &Origin,
        force: bool,
    ) -> Result<Self, TableError> {
        // The bytes of like numbers are alike: shuffled, they compress better.
        let compression = Compression { gzip_level: 4, shuffle: true, chunk_events: 0 };
        let output = AtomicFile::create(path, force)?;
        let file = new_file(output.path()).map_err(hdf5_errors::writing(path, "create"))?;
        let attributes = || {
            file.new_attr::<u32>().create("format_version")?.write_scalar(&FORMAT_VERSION)?;
            write_text(&file, "generator", concat!("showerforge ", env!("CARGO_PKG_VERSION")))?;
            write_text(&file, "detector", &origin.detector)?;
            write_text(&file, "input_files", &origin.input_files.join(", "))?;
            write_text(&file, "input_sha256", &origin.input_sha256)
        };
        attributes().map_err(hdf5_errors::writing(path, "write the attributes of"))?;
        let mut writers = Vec::with_capacity(columns.len());
        for column in columns {
            let writer = ChunkedWriter::create(&file, &column.name, &[], compression)
                .map_err(|error| refused(path, error))?;
            file.dataset(&column.name)
                .and_then(|dataset| {
                    write_text(&dataset, "unit", &column.unit)?;
                    write_text(&dataset, "description", &column.description)
                })
                .map_err(hdf5_errors::writing(path, "write the attributes of"))?;
            writers.push(writer);
        }
        Ok(Self { columns: writers, file, output })
    }
}

impl TableWriter for Hdf5Table {
    fn append(&mut self, columns: &[&[f64]]) -> Result<(), TableError> {
        let path = self.output.output();
        for (writer, column) in self.columns.iter_mut().zip(columns) {
            let rows = ArrayView2::from_shape((column.len(), 1), column).expect("one a row");
            writer.append(rows).map_err(|error| refused(path, error))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), TableError> {
        let Self { columns, file, output } = *self;
        let path = output.output().to_owned();
        for writer in columns {
            writer.finish().map_err(|error| refused(&path, error))?;
        }
        file.flush().map_err(hdf5_errors::writing(&path, "write"))?;
        file.close().map_err(hdf5_errors::writing(&path, "close"))?;
        Ok(output.commit()?)
    }
}

fn refused(path: &Path, error: ChunkedError) -> EventsError {
    match error {
        ChunkedError::Hdf5(error) => hdf5_errors::writing(path, "write")(error),
        other => EventsError::Hdf5 {
            path: path.to_owned(),
            action: "write",
            reason: other.to_string(),
            writing: true,
        },
    }
}
