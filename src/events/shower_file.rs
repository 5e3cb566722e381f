use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hdf5_metno as hdf5;
use hdf5_metno::filters::Filter;
use hdf5_metno::types::TypeDescriptor;
use ndarray::{Array1, Array2, s};

use super::{EventsError, INCIDENT_ENERGIES, SHOWERS, Showers, attributes, hdf5_errors};
use crate::files::FileKind;

/// Raw size a block of events aims at when a file is streamed.
const BLOCK_BYTES: usize = 8 << 20;
/// How often and how long to wait for another program's lock: 2 seconds in all.
const LOCK_ATTEMPTS: usize = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// An HDF5 file of showers, open for reading.
///
/// Opening checks the structure: both data sets, their types, shapes and lengths. The values are
/// checked by [`ShowerFile::check_against`].
#[derive(Debug)]
pub struct ShowerFile {
    path: PathBuf,
    file: hdf5::File,
    incident_energies: hdf5::Dataset,
    showers: hdf5::Dataset,
    len: usize,
    voxel_count: usize,
}

/// How a data set is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetInfo {
    pub name: String,
    pub shape: Vec<usize>,
    /// As in `float32`.
    pub element_type: String,
    /// The filters as `gzip 9`, or `none`.
    pub compression: String,
    pub chunk: Option<Vec<usize>>,
    pub stored_bytes: u64,
}

impl ShowerFile {
    /// Opens `path` and checks its structure.
    ///
    /// Integers and floats of any size are read; incident energies may be `[events]` or
    /// `[events, 1]`.
    ///
    /// # Errors
    /// The file is missing, not HDF5 or truncated, a data set is missing or has the wrong type or
    /// shape, their lengths differ, or there are no events.
    pub fn open(path: &Path) -> Result<Self, EventsError> {
        let file = open_hdf5(path)?;
        let incident_energies = numeric_dataset(&file, path, INCIDENT_ENERGIES)?;
        let showers = numeric_dataset(&file, path, SHOWERS)?;
        let shape = |dataset, found: &[usize], expected: &str| EventsError::Shape {
            path: path.to_owned(),
            dataset,
            found: format!("{found:?}"),
            expected: expected.to_owned(),
        };
        let energies = match incident_energies.shape()[..] {
            [events] | [events, 1] => events,
            ref found => return Err(shape(INCIDENT_ENERGIES, found, "[events, 1]")),
        };
        let (len, voxel_count) = match showers.shape()[..] {
            [events, voxels] if voxels > 0 => (events, voxels),
            ref found => return Err(shape(SHOWERS, found, "[events, voxels]")),
        };
        if energies != len {
            return Err(EventsError::Lengths { path: path.to_owned(), energies, showers: len });
        }
        if len == 0 {
            return Err(EventsError::NoEvents { path: path.to_owned() });
        }
        Ok(Self { path: path.to_owned(), file, incident_energies, showers, len, voxel_count })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of events, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a file without events cannot be opened")]
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn voxel_count(&self) -> usize {
        self.voxel_count
    }

    /// Name and value of every attribute of the file's root, sorted by name.
    ///
    /// # Errors
    /// HDF5 cannot read them.
    pub fn provenance(&self) -> Result<Vec<(String, String)>, EventsError> {
        attributes::read_all(&self.file)
            .map_err(hdf5_errors::reading(&self.path, "read the attributes of"))
    }

    /// How the data sets of the file's root are stored, sorted by name.
    ///
    /// # Errors
    /// HDF5 cannot read them.
    pub fn datasets(&self) -> Result<Vec<DatasetInfo>, EventsError> {
        let mut infos: Vec<_> = self
            .file
            .datasets()
            .map_err(hdf5_errors::reading(&self.path, "list the data sets of"))?
            .iter()
            .map(DatasetInfo::of)
            .collect();
        infos.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(infos)
    }

    /// Reads a range of events, counted from 0.
    ///
    /// # Errors
    /// [`EventsError::Range`] if it reaches past the end, [`EventsError::Damaged`] if HDF5 cannot
    /// decode the content.
    pub fn read(&self, events: Range<usize>) -> Result<Showers, EventsError> {
        Ok(Showers {
            incident_energies_mev: self.read_incident_energies(events.clone())?,
            voxels_mev: self.read_voxels(events)?,
        })
    }

    /// Reads everything into memory.
    ///
    /// # Errors
    /// As [`ShowerFile::read`].
    pub fn read_all(&self) -> Result<Showers, EventsError> {
        self.read(0..self.len)
    }

    /// Reads the incident energies of a range of events, in MeV.
    ///
    /// # Errors
    /// As [`ShowerFile::read`].
    pub fn read_incident_energies(&self, events: Range<usize>) -> Result<Vec<f64>, EventsError> {
        self.check_range(&events)?;
        let energies: hdf5::Result<Array1<f64>> = if self.incident_energies.ndim() == 1 {
            self.incident_energies.read_slice(s![events])
        } else {
            self.incident_energies.read_slice(s![events, 0])
        };
        energies
            .map(|energies| energies.to_vec())
            .map_err(hdf5_errors::damaged(&self.path, INCIDENT_ENERGIES))
    }

    /// The ranges to read one after another when the file is streamed: about 8 MiB each, and
    /// whole chunks, so that none is decompressed twice.
    pub fn blocks(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let wanted = (BLOCK_BYTES / (4 * self.voxel_count)).max(1);
        let chunk = self.showers.chunk().map_or(1, |chunk| chunk[0].max(1));
        let size = if chunk <= wanted { wanted - wanted % chunk } else { chunk };
        let len = self.len;
        (0..len).step_by(size).map(move |start| start..(start + size).min(len))
    }

    fn read_voxels(&self, events: Range<usize>) -> Result<Array2<f32>, EventsError> {
        self.check_range(&events)?;
        self.showers.read_slice(s![events, ..]).map_err(hdf5_errors::damaged(&self.path, SHOWERS))
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

impl DatasetInfo {
    fn of(dataset: &hdf5::Dataset) -> Self {
        let filters: Vec<String> = dataset.filters().iter().map(filter_name).collect();
        Self {
            name: dataset.name().trim_start_matches('/').to_owned(),
            shape: dataset.shape(),
            element_type: element_type(dataset)
                .map_or_else(|| "unknown".to_owned(), |found| found.to_string()),
            compression: if filters.is_empty() { "none".to_owned() } else { filters.join(" + ") },
            chunk: dataset.chunk(),
            stored_bytes: dataset.storage_size(),
        }
    }
}

fn filter_name(filter: &Filter) -> String {
    match filter {
        Filter::Deflate(level) => format!("gzip {level}"),
        Filter::Shuffle => "shuffle".to_owned(),
        Filter::Fletcher32 => "fletcher32".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn open_hdf5(path: &Path) -> Result<hdf5::File, EventsError> {
    let kind = FileKind::of(path)?;
    let mut opened = hdf5::File::open(path);
    // A lock can outlive its writer for a moment, where a process is just starting another.
    for _ in 0..LOCK_ATTEMPTS {
        if !opened.as_ref().is_err_and(hdf5_errors::is_locked) {
            break;
        }
        std::thread::sleep(LOCK_PAUSE);
        opened = hdf5::File::open(path);
    }
    opened.map_err(|error| {
        let path = path.to_owned();
        if hdf5_errors::is_locked(&error) {
            EventsError::Locked { path }
        } else if error.contains_minor(hdf5::MinorErrorCode::Truncated) {
            EventsError::Truncated { path, reason: hdf5_errors::sizes(&error) }
        } else if kind != FileKind::Hdf5 {
            EventsError::NotHdf5 { path, found: kind.describe().to_owned() }
        } else {
            hdf5_errors::reading(&path, "open")(error)
        }
    })
}

fn element_type(dataset: &hdf5::Dataset) -> Option<TypeDescriptor> {
    dataset.dtype().and_then(|found| found.to_descriptor()).ok()
}

fn numeric_dataset(
    file: &hdf5::File,
    path: &Path,
    name: &'static str,
) -> Result<hdf5::Dataset, EventsError> {
    let dataset = file.dataset(name).map_err(|_| EventsError::MissingDataset {
        path: path.to_owned(),
        dataset: name,
        found: members(file),
    })?;
    match element_type(&dataset) {
        Some(
            TypeDescriptor::Float(_) | TypeDescriptor::Integer(_) | TypeDescriptor::Unsigned(_),
        ) => Ok(dataset),
        other => Err(EventsError::Type {
            path: path.to_owned(),
            dataset: name,
            found: other.map_or_else(|| "unknown".to_owned(), |found| format!("`{found}`")),
        }),
    }
}

fn members(file: &hdf5::File) -> String {
    let names = file.member_names().unwrap_or_default();
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let shown: Vec<String> = names
        .iter()
        .map(|name| match file.group(name) {
            Ok(_) => format!("`{name}` (a group)"),
            Err(_) => format!("`{name}`"),
        })
        .collect();
    shown.join(", ")
}
