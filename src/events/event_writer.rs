use std::path::Path;

use detectors::{Condition, ConditionKind, Detector};
use hdf5_metno as hdf5;
use ndarray::{Array2, ArrayView2, s};

use super::check::{first_bad_condition, first_bad_value};
use super::chunked::{ChunkedError, ChunkedReader, ChunkedWriter, Compression, WriteValue};
use super::layout::WEIGHTS;
use super::{
    EventFile, Events, EventsError, LayoutChoice, Provenance, attributes, hdf5_errors, new_file,
};
use crate::files::{self, AtomicFile, FileError};

/// How a file of events is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteOptions {
    /// Replace an output that exists.
    pub force: bool,
    /// 0 (none) to 9 (smallest). There is no shuffle filter: it makes sparse showers larger.
    pub gzip_level: u8,
    /// Events that are compressed together; 0 lets the size of an event decide.
    pub chunk_events: usize,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self { force: false, gzip_level: 4, chunk_events: 0 }
    }
}

/// Writes a file of events in the detector's own layout, block by block.
///
/// The file has its final name only after [`EventWriter::finish`]; dropped before, it leaves
/// nothing. Equal events with equal provenance and options give equal bytes, however the events
/// were divided into blocks.
#[derive(Debug)]
pub struct EventWriter {
    // Fields are dropped in this order: HDF5 lets go of the file before it is removed.
    conditions: Vec<ConditionWriter>,
    values: ChunkedWriter<f32>,
    weights: Option<ChunkedWriter<f64>>,
    file: hdf5::File,
    output: AtomicFile,
    detector: Detector,
    attributes: Vec<(String, String)>,
    written: usize,
}

/// A file of events that has been written and checked, and has no name yet; dropped, it leaves
/// nothing.
#[derive(Debug)]
pub struct CompleteFile {
    output: AtomicFile,
    events: usize,
}

impl CompleteFile {
    pub fn events(&self) -> usize {
        self.events
    }

    /// SHA-256 of the file, in hexadecimal.
    ///
    /// # Errors
    /// It can no longer be read.
    pub fn sha256(&self) -> Result<String, FileError> {
        files::sha256([self.output.path()])
    }

    /// Brings the file to disk and gives it its final name.
    ///
    /// # Errors
    /// The disk refuses, or another job has made the output meanwhile.
    pub fn commit(self) -> Result<(), FileError> {
        self.output.commit()
    }

    /// Brings the file to disk under another name of the same folder.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn commit_as(self, name: &Path) -> Result<(), FileError> {
        self.output.commit_as(name)
    }
}

/// A data set of one or more conditions.
#[derive(Debug)]
struct ConditionWriter {
    dataset: String,
    /// Columns among the conditions, in the order of the data set's.
    columns: Vec<usize>,
    rows: Rows,
}

#[derive(Debug)]
enum Rows {
    Numbers(ChunkedWriter<f64>),
    Categories(ChunkedWriter<i8>),
    Pixels(ChunkedWriter<f32>),
}

impl EventWriter {
    /// # Errors
    /// The output exists and `force` is not set, or it cannot be created.
    pub fn create(
        path: &Path,
        detector: &Detector,
        is_weighted: bool,
        provenance: &Provenance,
        options: WriteOptions,
    ) -> Result<Self, EventsError> {
        let output = AtomicFile::create(path, options.force)?;
        let file = new_file(output.path()).map_err(hdf5_errors::writing(path, "create"))?;
        let refused = |error: ChunkedError| writing_error(path, error);
        let compression = Compression {
            gzip_level: options.gzip_level,
            shuffle: false,
            chunk_events: options.chunk_events,
        };
        let conditions = ConditionWriter::all(&file, detector, compression).map_err(refused)?;
        let shape = detector.event_shape();
        let values = ChunkedWriter::create(&file, detector.dataset(), &shape, compression)
            .map_err(refused)?;
        if !detector.columns().is_empty() {
            let names: Vec<&str> = detector.columns().iter().map(|c| c.name.as_str()).collect();
            file.dataset(detector.dataset())
                .and_then(|dataset| attributes::write_text(&dataset, "columns", &names.join(",")))
                .map_err(hdf5_errors::writing(path, "write the attributes of"))?;
        }
        let weights = match (is_weighted, detector.weights_dataset()) {
            (true, name) => Some(
                ChunkedWriter::create(&file, name.unwrap_or(WEIGHTS), &[], compression)
                    .map_err(refused)?,
            ),
            (false, _) => None,
        };
        provenance.write(&file, detector, path)?;
        Ok(Self {
            conditions,
            values,
            weights,
            file,
            output,
            detector: detector.clone(),
            attributes: provenance.attributes(detector),
            written: 0,
        })
    }

    /// Adds events after those already there.
    ///
    /// # Errors
    /// The shapes do not fit, a value is negative or not finite, or the disk refuses.
    pub fn append(&mut self, events: &Events) -> Result<(), EventsError> {
        self.append_block(events, None)
    }

    /// Adds all events of a file. Chunks that are stored there as they would be here are not
    /// compressed again; `progress` is told how many events were added.
    ///
    /// # Errors
    /// As [`Self::append`], and the file cannot be read or has a value that no command accepts.
    pub fn append_file(
        &mut self,
        file: &EventFile,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), EventsError> {
        for block in file.blocks() {
            let (first, end) = (block.start, block.end);
            let events = file.read_checked(block)?;
            self.append_block(&events, Some((file, first)))?;
            progress(end as u64);
        }
        Ok(())
    }

    /// `source` has the same events from so many on.
    fn append_block(
        &mut self,
        events: &Events,
        source: Option<(&EventFile, usize)>,
    ) -> Result<(), EventsError> {
        self.check(events)?;
        let path = self.output.output().to_owned();
        let refused = |error: ChunkedError| writing_error(&path, error);
        let mut start = 0;
        while start < events.len() {
            // All data sets in step, so that the calls to HDF5, and with them the bytes, do not
            // depend on the sizes of the blocks.
            let end = events.len().min(start + self.room());
            for writer in &mut self.conditions {
                let these = events.conditions.slice(s![start..end, ..]);
                let these = these.select(ndarray::Axis(1), &writer.columns);
                let source = stored(source, &writer.dataset, start);
                writer.append(&these, source).map_err(refused)?;
            }
            let values = events.values.slice(s![start..end, ..]);
            let from = stored(source, self.detector.dataset(), start);
            append(&mut self.values, values, from).map_err(refused)?;
            if let Some(writer) = &mut self.weights {
                let weights: Vec<f64> = match &events.weights {
                    Some(weights) => weights[start..end].to_vec(),
                    None => vec![1.0; end - start],
                };
                let column =
                    Array2::from_shape_vec((end - start, 1), weights).expect("one weight an event");
                writer.append(column.view()).map_err(refused)?;
            }
            start = end;
        }
        self.written += events.len();
        Ok(())
    }

    /// Writes what is left and gives the file its final name. Returns the number of events.
    ///
    /// # Errors
    /// There are no events, the disk refuses, or another job has made the output meanwhile.
    pub fn finish(self) -> Result<usize, EventsError> {
        let complete = self.complete()?;
        let events = complete.events();
        complete.commit()?;
        Ok(events)
    }

    /// Writes what is left, and looks whether what was written opens again and has all events and
    /// attributes. The file has no name yet.
    ///
    /// # Errors
    /// There are no events, the disk refuses, or it did not keep what it was given.
    pub fn complete(self) -> Result<CompleteFile, EventsError> {
        let path = self.output.output().to_owned();
        if self.written == 0 {
            return Err(EventsError::NoEvents { path });
        }
        let refused = |error: ChunkedError| writing_error(&path, error);
        let Self { conditions, values, weights, file, output, detector, attributes, written } =
            self;
        for writer in conditions {
            match writer.rows {
                Rows::Numbers(rows) => rows.finish(),
                Rows::Categories(rows) => rows.finish(),
                Rows::Pixels(rows) => rows.finish(),
            }
            .map_err(refused)?;
        }
        values.finish().map_err(refused)?;
        weights.map(ChunkedWriter::finish).transpose().map_err(refused)?;
        file.flush().map_err(hdf5_errors::writing(&path, "write"))?;
        file.close().map_err(hdf5_errors::writing(&path, "close"))?;
        // Not every failure of a close is reported: what was written must open again.
        let native = LayoutChoice::Named("native".to_owned());
        let again = EventFile::open_as(output.path(), &detector, &native)?;
        if again.len() != written || again.provenance()? != attributes {
            let reason = format!("{} of {written} events, or not all attributes", again.len());
            return Err(EventsError::Hdf5 { path, action: "write", reason, writing: true });
        }
        Ok(CompleteFile { output, events: written })
    }

    /// How many events can be appended to all data sets until one of them writes.
    fn room(&self) -> usize {
        let conditions = self.conditions.iter().map(|writer| match &writer.rows {
            Rows::Numbers(rows) => rows.room(),
            Rows::Categories(rows) => rows.room(),
            Rows::Pixels(rows) => rows.room(),
        });
        let weights = self.weights.iter().map(ChunkedWriter::room);
        conditions.chain(weights).fold(self.values.room(), usize::min)
    }

    fn check(&self, events: &Events) -> Result<(), EventsError> {
        let path = self.output.output();
        let (rows, width) = events.conditions.dim();
        let weights = events.weights.as_ref().map_or(events.len(), Vec::len);
        if rows != events.len()
            || weights != events.len()
            || events.values.ncols() != self.detector.value_count()
            || width != self.detector.condition_width()
        {
            return Err(EventsError::Block {
                path: path.to_owned(),
                conditions: events.conditions.dim(),
                values: events.values.dim(),
                expected: (self.detector.condition_width(), self.detector.value_count()),
            });
        }
        let bad = first_bad_condition(events, &self.detector)
            .or_else(|| first_bad_value(events, &self.detector));
        match bad {
            None => Ok(()),
            Some(bad) => Err(bad.after(self.written).error(path)),
        }
    }
}

impl ConditionWriter {
    /// One data set for each that the conditions name.
    fn all(
        file: &hdf5::File,
        detector: &Detector,
        compression: Compression,
    ) -> Result<Vec<Self>, ChunkedError> {
        let mut writers: Vec<Self> = Vec::new();
        for condition in detector.conditions() {
            let name = &condition.dataset;
            if writers.iter().any(|writer| writer.dataset == *name) {
                continue;
            }
            let mut sharing: Vec<&Condition> =
                detector.conditions().iter().filter(|other| other.dataset == *name).collect();
            sharing.sort_by_key(|condition| condition.dataset_column);
            let columns: Vec<usize> =
                sharing.iter().flat_map(|condition| condition.columns()).collect();
            let rows = match condition.kind {
                ConditionKind::Category(_) if columns.len() == 1 => {
                    Rows::Categories(ChunkedWriter::create(file, name, &[], compression)?)
                }
                ConditionKind::Image(shape) => {
                    Rows::Pixels(ChunkedWriter::create(file, name, &shape, compression)?)
                }
                _ => {
                    // CaloChallenge's incident energies are [events, 1].
                    let is_energy = detector.incident_energy_column() == Some(columns[0]);
                    let shape: &[usize] =
                        if columns.len() > 1 || is_energy { &[columns.len()] } else { &[] };
                    Rows::Numbers(ChunkedWriter::create(file, name, shape, compression)?)
                }
            };
            writers.push(Self { dataset: name.clone(), columns, rows });
        }
        Ok(writers)
    }

    fn append(
        &mut self,
        rows: &Array2<f64>,
        source: Option<(&ChunkedReader, usize)>,
    ) -> Result<(), ChunkedError> {
        match &mut self.rows {
            Rows::Numbers(writer) => append(writer, rows.view(), source),
            Rows::Categories(writer) => {
                append(writer, rows.mapv(|number| number as i8).view(), source)
            }
            Rows::Pixels(writer) => {
                append(writer, rows.mapv(|number| number as f32).view(), source)
            }
        }
    }
}

fn append<T: WriteValue>(
    writer: &mut ChunkedWriter<T>,
    rows: ArrayView2<'_, T>,
    source: Option<(&ChunkedReader, usize)>,
) -> Result<(), ChunkedError> {
    match source {
        Some((reader, first)) => writer.append_from(rows, reader, first),
        None => writer.append(rows),
    }
}

/// The data set of the file that the events come from, and the number there of event `start`.
fn stored<'a>(
    source: Option<(&'a EventFile, usize)>,
    dataset: &str,
    start: usize,
) -> Option<(&'a ChunkedReader, usize)> {
    let (file, first) = source?;
    Some((file.stored(dataset)?, first + start))
}

fn writing_error(path: &Path, error: ChunkedError) -> EventsError {
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
