use std::ops::Range;
use std::path::{Path, PathBuf};

use detectors::{ConditionKind, Detector};
use hdf5_metno as hdf5;
use ndarray::{Array2, s};

use super::axes::z_slowest;
use super::check::{first_bad_condition, first_bad_value};
use super::chunked::{ChunkedError, ChunkedReader, ReadValue};
use super::dataset_info::{DatasetInfo, datasets};
use super::identify::fitting_hint;
use super::layout::{ConditionRole, Layout, LayoutChoice};
use super::open::{members, open_hdf5};
use super::{Events, EventsError, attributes, hdf5_errors, structure};

/// Raw size a block of events aims at when a file is streamed.
const BLOCK_BYTES: usize = 8 << 20;

/// An HDF5 file of events of a detector, open for reading.
///
/// Opening checks the structure: all data sets, their types, shapes and lengths. Reading checks
/// each chunk; the values are checked by [`EventFile::check`].
#[derive(Debug)]
pub struct EventFile {
    path: PathBuf,
    file: hdf5::File,
    detector: Detector,
    response: Vec<Source>,
    /// The response's factor, and whether its grid has to be turned.
    factor: f64,
    x_slowest: bool,
    conditions: Vec<ConditionSource>,
    weights: Option<Source>,
    len: usize,
    /// In the detector's own layout, as this program writes files.
    is_native: bool,
}

/// A data set of the file.
#[derive(Debug)]
struct Source {
    name: String,
    reader: ChunkedReader,
}

#[derive(Debug)]
enum ConditionSource {
    Constant(f64),
    Stored { source: Box<Source>, column: Option<usize>, factor: f64, codes: Vec<f64> },
}

impl EventFile {
    /// Opens `path` in the detector's own layout or the first known one that it has.
    ///
    /// # Errors
    /// As [`EventFile::open_as`].
    pub fn open(path: &Path, detector: &Detector) -> Result<Self, EventsError> {
        Self::open_as(path, detector, &LayoutChoice::Detect)
    }

    /// Opens `path` and checks its structure.
    ///
    /// Integers and floats of any size are read; a number of each event may be `[events]` or
    /// `[events, 1]`.
    ///
    /// # Errors
    /// The file is missing, not HDF5 or truncated, a data set is missing or has the wrong type or
    /// shape, their lengths differ, or there are no events.
    pub fn open_as(
        path: &Path,
        detector: &Detector,
        layout: &LayoutChoice,
    ) -> Result<Self, EventsError> {
        Self::open_with(path, detector, layout, true)
    }

    /// As [`Self::open_as`], for a file of which only conditions are wanted: it need not have any
    /// response.
    ///
    /// # Errors
    /// As [`Self::open_as`].
    pub fn open_conditions(
        path: &Path,
        detector: &Detector,
        layout: &LayoutChoice,
    ) -> Result<Self, EventsError> {
        Self::open_with(path, detector, layout, false)
    }

    fn open_with(
        path: &Path,
        detector: &Detector,
        layout: &LayoutChoice,
        needs_response: bool,
    ) -> Result<Self, EventsError> {
        let file = open_hdf5(path)?;
        let names = file.member_names().unwrap_or_default();
        let layout = layout.resolve(detector, |name| names.iter().any(|known| known == name))?;
        Self::with_layout(path, file, detector, &layout, needs_response)
    }

    fn with_layout(
        path: &Path,
        file: hdf5::File,
        detector: &Detector,
        layout: &Layout,
        needs_response: bool,
    ) -> Result<Self, EventsError> {
        let open = |name: &str| Source::open(&file, path, name);
        let mut conditions = Vec::with_capacity(layout.conditions.len());
        for (role, condition) in layout.conditions.iter().zip(detector.conditions()) {
            conditions.push(match role {
                ConditionRole::Constant(value) => ConditionSource::Constant(*value),
                ConditionRole::Stored { dataset, column, factor, codes } => {
                    let source = open(dataset)?;
                    let found = source.reader.row_len();
                    let expected = match (column, condition.width()) {
                        (Some(column), 1) if *column < found => None,
                        (Some(column), _) => Some(format!("at least {} columns", column + 1)),
                        (None, 1) if found == 1 => None,
                        (None, 1) => Some("[events, 1]".to_owned()),
                        (None, width) if found == width => None,
                        (None, _) => match condition.kind {
                            ConditionKind::Image([rows, columns]) => {
                                Some(format!("[events, {rows}, {columns}]"))
                            }
                            _ => Some("[events, 1]".to_owned()),
                        },
                    };
                    if let Some(expected) = expected {
                        return Err(source.wrong_shape(path, &expected));
                    }
                    let (column, factor, codes) = (*column, *factor, codes.clone());
                    let source = Box::new(source);
                    ConditionSource::Stored { source, column, factor, codes }
                }
            });
        }
        if !needs_response
            && layout.response.datasets.iter().any(|name| file.dataset(name).is_err())
        {
            return Self::without_response(path, file, detector, conditions);
        }
        let response: Vec<Source> =
            layout.response.datasets.iter().map(|name| open(name)).collect::<Result<_, _>>()?;
        let columns: usize = response.iter().map(|source| source.reader.row_len()).sum();
        let first = &response[0];
        match first.reader.shape().len() {
            1 if response.len() == 1 && detector.value_count() > 1 => {
                return Err(first.wrong_shape(path, "[events, values]"));
            }
            rank if rank > 2 && detector.event_shape().len() == 1 => {
                return Err(first.wrong_shape(path, "[events, values]"));
            }
            _ => {}
        }
        if columns != detector.value_count() {
            return Err(EventsError::ValueCount {
                path: path.to_owned(),
                detector: detector.name().to_owned(),
                expected: detector.value_count(),
                found: columns,
                hint: fitting_hint(columns),
            });
        }
        first.check_axes(path, detector, layout.response.x_slowest)?;
        let len = first.reader.len();
        let weights = match &layout.weights {
            Some(name) if file.dataset(name).is_ok() => Some(open(name)?),
            _ => None,
        };
        let stored = conditions.iter().filter_map(|condition| match condition {
            ConditionSource::Stored { source, .. } => Some(&**source),
            ConditionSource::Constant(_) => None,
        });
        for source in stored.chain(&response[1..]).chain(&weights) {
            if source.reader.len() != len {
                return Err(EventsError::Lengths {
                    path: path.to_owned(),
                    dataset: source.name.clone(),
                    found: source.reader.len(),
                    response: first.name.clone(),
                    expected: len,
                });
            }
        }
        if len == 0 {
            return Err(EventsError::NoEvents { path: path.to_owned() });
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            detector: detector.clone(),
            factor: layout.response.factor,
            x_slowest: layout.response.x_slowest,
            response,
            conditions,
            weights,
            len,
            is_native: *layout == Layout::native(detector),
        })
    }

    fn without_response(
        path: &Path,
        file: hdf5::File,
        detector: &Detector,
        conditions: Vec<ConditionSource>,
    ) -> Result<Self, EventsError> {
        let lengths: Vec<(String, usize)> = conditions
            .iter()
            .filter_map(|condition| match condition {
                ConditionSource::Stored { source, .. } => {
                    Some((source.name.clone(), source.reader.len()))
                }
                ConditionSource::Constant(_) => None,
            })
            .collect();
        let no_events = || EventsError::NoEvents { path: path.to_owned() };
        let (response, len) = lengths.first().cloned().ok_or_else(no_events)?;
        if let Some((dataset, found)) = lengths.into_iter().find(|(_, found)| *found != len) {
            let path = path.to_owned();
            return Err(EventsError::Lengths { path, dataset, found, response, expected: len });
        }
        if len == 0 {
            return Err(no_events());
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            detector: detector.clone(),
            factor: 1.0,
            x_slowest: false,
            response: Vec::new(),
            conditions,
            weights: None,
            len,
            is_native: false,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    /// Number of events, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a file without events cannot be opened")]
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn has_weights(&self) -> bool {
        self.weights.is_some()
    }

    /// Name and value of every attribute of the file's root, sorted by name.
    ///
    /// # Errors
    /// HDF5 cannot read them.
    pub fn provenance(&self) -> Result<Vec<(String, String)>, EventsError> {
        if let Some(attributes) = structure::check(&self.path)? {
            return Ok(attributes);
        }
        attributes::read_all(&self.file)
            .map_err(hdf5_errors::reading(&self.path, "read the attributes of"))
    }

    /// How the data sets of the file's root are stored, sorted by name.
    ///
    /// # Errors
    /// HDF5 cannot read them.
    pub fn datasets(&self) -> Result<Vec<DatasetInfo>, EventsError> {
        datasets(&self.file, &self.path)
    }

    /// Reads a range of events, counted from 0.
    ///
    /// # Errors
    /// [`EventsError::Range`] if it reaches past the end, [`EventsError::Damaged`] if the content
    /// cannot be decoded.
    pub fn read(&self, events: Range<usize>) -> Result<Events, EventsError> {
        let weights = match &self.weights {
            None => None,
            Some(source) => {
                Some(self.read_rows::<f64>(source, &events)?.into_raw_vec_and_offset().0)
            }
        };
        Ok(Events {
            conditions: self.read_conditions(events.clone())?,
            values: self.read_values(events)?,
            weights,
        })
    }

    /// As [`Self::read`], and checks every condition, weight and value.
    ///
    /// # Errors
    /// As [`Self::read`], and [`EventsError::BadValue`] for the first that no command accepts.
    pub fn read_checked(&self, events: Range<usize>) -> Result<Events, EventsError> {
        let start = events.start;
        let read = self.read(events)?;
        let bad = first_bad_condition(&read, &self.detector)
            .or_else(|| first_bad_value(&read, &self.detector));
        match bad {
            None => Ok(read),
            Some(bad) => Err(bad.after(start).error(&self.path)),
        }
    }

    /// Reads everything into memory.
    ///
    /// # Errors
    /// As [`EventFile::read`].
    pub fn read_all(&self) -> Result<Events, EventsError> {
        self.read(0..self.len)
    }

    /// Reads the conditions of a range of events, in the units of the detector.
    ///
    /// # Shapes
    /// `[events, Detector::condition_width]`
    ///
    /// # Errors
    /// As [`EventFile::read`].
    pub fn read_conditions(&self, events: Range<usize>) -> Result<Array2<f64>, EventsError> {
        self.check_range(&events)?;
        let mut all = Array2::zeros((events.len(), self.detector.condition_width()));
        for (source, condition) in self.conditions.iter().zip(self.detector.conditions()) {
            let mut place = all.slice_mut(s![.., condition.columns()]);
            match source {
                ConditionSource::Constant(value) => place.fill(*value),
                ConditionSource::Stored { source, column, factor, codes } => {
                    let rows = self.read_rows::<f64>(source, &events)?;
                    match column {
                        Some(column) => place.column_mut(0).assign(&rows.column(*column)),
                        None => place.assign(&rows),
                    }
                    if *factor != 1.0 {
                        place.mapv_inplace(|value| value * factor);
                    }
                    if !codes.is_empty() {
                        // An unknown code becomes no category, which the check names.
                        place.mapv_inplace(|code| {
                            let known = codes.iter().position(|known| *known == code);
                            known.map_or(f64::NAN, |number| number as f64)
                        });
                    }
                }
            }
        }
        Ok(all)
    }

    /// The ranges to read one after another when the file is streamed: about 8 MiB each, and
    /// whole chunks, so that none is decompressed twice.
    pub fn blocks(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let wanted = (BLOCK_BYTES / (4 * self.detector.value_count())).max(1);
        let chunk = self.response.first().and_then(|source| source.reader.chunk_events());
        let chunk = chunk.unwrap_or(1).max(1);
        let size = if chunk <= wanted { wanted - wanted % chunk } else { chunk.min(self.len) };
        let len = self.len;
        (0..len).step_by(size).map(move |start| start..(start + size).min(len))
    }

    /// The data set `name` as it is stored, where nothing is done to its values in reading.
    pub(super) fn stored(&self, name: &str) -> Option<&ChunkedReader> {
        if !self.is_native {
            return None;
        }
        let conditions = self.conditions.iter().filter_map(|condition| match condition {
            ConditionSource::Stored { source, .. } => Some(&**source),
            ConditionSource::Constant(_) => None,
        });
        let mut all = conditions.chain(&self.response).chain(&self.weights);
        all.find(|source| source.name == name).map(|source| &source.reader)
    }

    fn read_values(&self, events: Range<usize>) -> Result<Array2<f32>, EventsError> {
        let mut values = match &self.response[..] {
            [] => {
                return Err(EventsError::MissingDataset {
                    path: self.path.clone(),
                    dataset: self.detector.dataset().to_owned(),
                    found: members(&self.file),
                });
            }
            [only] => self.read_rows::<f32>(only, &events)?,
            columns => {
                let mut values = Array2::zeros((events.len(), columns.len()));
                for (mut place, source) in values.columns_mut().into_iter().zip(columns) {
                    place.assign(&self.read_rows::<f32>(source, &events)?.column(0));
                }
                values
            }
        };
        if self.factor != 1.0 {
            let factor = self.factor;
            values.mapv_inplace(|value| (f64::from(value) * factor) as f32);
        }
        match self.detector.grid() {
            Some([x, y, z]) if self.x_slowest => Ok(z_slowest(&values, [x, y, z])),
            _ => Ok(values),
        }
    }

    fn read_rows<T: ReadValue>(
        &self,
        source: &Source,
        events: &Range<usize>,
    ) -> Result<Array2<T>, EventsError> {
        self.check_range(events)?;
        source.reader.read(events.clone()).map_err(|error| source.error(&self.path, error))
    }

    fn check_range(&self, events: &Range<usize>) -> Result<(), EventsError> {
        if events.start <= events.end && events.end <= self.len {
            return Ok(());
        }
        Err(EventsError::Range {
            path: self.path.clone(),
            start: events.start,
            end: events.end,
            len: self.len,
        })
    }
}

impl Source {
    fn open(file: &hdf5::File, path: &Path, name: &str) -> Result<Self, EventsError> {
        let dataset = file.dataset(name).map_err(|_| EventsError::MissingDataset {
            path: path.to_owned(),
            dataset: name.to_owned(),
            found: members(file),
        })?;
        let shape = dataset.shape();
        match ChunkedReader::open(dataset) {
            Ok(reader) => Ok(Self { name: name.to_owned(), reader }),
            Err(ChunkedError::NoRows { .. }) => Err(EventsError::Shape {
                path: path.to_owned(),
                dataset: name.to_owned(),
                found: format!("{shape:?}"),
                expected: "[events, values]".to_owned(),
            }),
            Err(error) => Err(chunked_error(path, name, error)),
        }
    }

    /// More than one axis behind the events must be those of the detector.
    fn check_axes(
        &self,
        path: &Path,
        detector: &Detector,
        x_slowest: bool,
    ) -> Result<(), EventsError> {
        let axes = &self.reader.shape()[1..];
        let mut expected = detector.event_shape();
        if x_slowest {
            expected.reverse();
        }
        if axes.len() > 1 && axes != expected {
            let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
            return Err(self.wrong_shape(path, &format!("[events, {}]", expected.join(", "))));
        }
        Ok(())
    }

    fn wrong_shape(&self, path: &Path, expected: &str) -> EventsError {
        EventsError::Shape {
            path: path.to_owned(),
            dataset: self.name.clone(),
            found: format!("{:?}", self.reader.shape()),
            expected: expected.to_owned(),
        }
    }

    fn error(&self, path: &Path, error: ChunkedError) -> EventsError {
        chunked_error(path, &self.name, error)
    }
}

fn chunked_error(path: &Path, dataset: &str, error: ChunkedError) -> EventsError {
    let (path, dataset) = (path.to_owned(), dataset.to_owned());
    match error {
        ChunkedError::Type { found } => EventsError::Type { path, dataset, found },
        ChunkedError::Storage { found } => EventsError::Storage { path, dataset, found },
        ChunkedError::Hdf5(error) => hdf5_errors::damaged(&path, &dataset)(error),
        other => EventsError::Damaged { path, dataset, reason: other.to_string() },
    }
}
