use std::ops::Range;

use hdf5_metno as hdf5;
use hdf5_metno::dataset::Layout;
use hdf5_metno::filters::Filter;
use hdf5_metno::plist::dataset_create::ChunkOpts;
use hdf5_metno::types::TypeDescriptor;
use hdf5_metno::{Hyperslab, SliceOrIndex};
use ndarray::{Array2, ArrayD};
use rayon::prelude::*;

use super::chunk_grid::{ChunkGrid, Claim};
use super::ffi::{self, FilteredDataset};
use super::filters::{Decoder, Pipeline};
use super::values::StoredType;
use super::{ChunkedError, ReadValue};

/// Reads rows of a data set of any numeric type, and decompresses on all threads of rayon's pool.
///
/// Chunks of any shape, with gzip, shuffle or both, and values in this machine's byte order are
/// decoded here; for all else HDF5 does the work, on one thread. Each read decompresses every
/// chunk it touches: ranges of whole chunks ([`ChunkedReader::chunk_events`]) waste nothing.
///
/// What a file says of sizes is not believed before it is checked against the bytes it has: at
/// most 1100 times the size of what is stored is allocated, and 64 MiB for what is not in the file:
/// chunks that were never written, which read as the fill value, and values in other files.
#[derive(Debug, Clone)]
pub struct ChunkedReader {
    dataset: hdf5::Dataset,
    shape: Vec<usize>,
    row_len: usize,
    chunk_events: Option<usize>,
    direct: Option<Direct>,
}

/// What it takes to read chunks as they are stored.
#[derive(Debug, Clone)]
struct Direct {
    dataset: FilteredDataset,
    grid: ChunkGrid,
    filters: Vec<Filter>,
    pipeline: Pipeline,
    /// Nothing for a type that HDF5 converts, after the chunks were looked at here.
    stored_type: Option<StoredType>,
    value_bytes: usize,
    file_bytes: u64,
}

/// How a writer stores its chunks.
pub(super) struct StoredLike<'a> {
    pub(super) row_shape: &'a [usize],
    pub(super) chunk_events: usize,
    pub(super) stored_type: StoredType,
    pub(super) filters: Vec<Filter>,
}

impl ChunkedReader {
    /// The data set may not change its shape while this is used.
    ///
    /// # Errors
    /// The type is no integer or float of 1 to 8 bytes, the shape has no rows, or it is more than
    /// the file can hold.
    pub fn open(dataset: hdf5::Dataset) -> Result<Self, ChunkedError> {
        let plist = dataset.create_plist()?;
        let layout = plist.layout();
        if layout == Layout::Virtual || !plist.external().is_empty() {
            return Err(ChunkedError::Storage { found: "in other files".to_owned() });
        }
        let datatype = dataset.dtype()?;
        let descriptor = match datatype.to_descriptor() {
            Ok(
                descriptor @ (TypeDescriptor::Float(_)
                | TypeDescriptor::Integer(_)
                | TypeDescriptor::Unsigned(_)),
            ) => descriptor,
            Ok(other) => return Err(ChunkedError::Type { found: format!("`{other}`") }),
            Err(_) => return Err(ChunkedError::Type { found: "unknown".to_owned() }),
        };
        if !ffi::is_plain_number(&datatype, &descriptor)? {
            let found = format!("`{descriptor}` of unusual bits");
            return Err(ChunkedError::Type { found });
        }
        let shape = dataset.shape();
        let row_len = shape
            .get(1..)
            .and_then(|sizes| sizes.iter().try_fold(1, |p: usize, &n| p.checked_mul(n)))
            .filter(|&row_len| row_len > 0)
            .ok_or_else(|| ChunkedError::NoRows { shape: shape.clone() })?;

        let chunk = plist.chunk().filter(|_| layout == Layout::Chunked);
        let filters = plist.get_filters()?;
        let file_bytes = dataset.file()?.size();
        Claim {
            shape: &shape,
            chunk: chunk.as_deref().unwrap_or_default(),
            value_bytes: datatype.size(),
            is_filtered: !filters.is_empty(),
            is_contiguous: matches!(layout, Layout::Contiguous | Layout::Compact),
            stored: dataset.storage_size().min(file_bytes),
        }
        .check()?;

        // With this option chunks at the edge are stored bare, and are not marked as such.
        let bare_edges = plist
            .chunk_opts()
            .is_some_and(|options| options.contains(ChunkOpts::DONT_FILTER_PARTIAL_CHUNKS));
        let grid = chunk.as_deref().and_then(|chunk| ChunkGrid::new(&shape, chunk));
        let value_bytes = datatype.size();
        let direct = match (grid, FilteredDataset::new(&dataset)) {
            (Some(grid), Some(filtered)) => {
                let pipeline = Pipeline::of(&filters).filter(|_| !bare_edges).ok_or_else(|| {
                    ChunkedError::Storage { found: format!("with the filters {filters:?}") }
                })?;
                let stored_type = StoredType::of(&datatype, &descriptor)?;
                let dataset = filtered;
                let filters = filters.clone();
                Some(Direct {
                    dataset,
                    grid,
                    filters,
                    pipeline,
                    stored_type,
                    value_bytes,
                    file_bytes,
                })
            }
            (Some(grid), None) => {
                // HDF5 reads as many bytes as the index says, and copies as many as a chunk has.
                let expected = grid.chunk_len().saturating_mul(value_bytes) as u64;
                let chunks = dataset.num_chunks().unwrap_or(0) as u64;
                let found = dataset.storage_size();
                if found != chunks.saturating_mul(expected) {
                    let reason = format!("{chunks} chunks of {expected} bytes have {found} bytes");
                    return Err(ChunkedError::DamagedChunk { first_event: 0, reason });
                }
                None
            }
            (None, _) => None,
        };
        let chunk_events = chunk.and_then(|chunk| chunk.first().copied());
        Ok(Self { dataset, shape, row_len, chunk_events, direct })
    }

    /// `[events, …]`.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Number of events.
    pub fn len(&self) -> usize {
        self.shape[0]
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Values per event, at least 1.
    pub fn row_len(&self) -> usize {
        self.row_len
    }

    /// Events that are stored together; nothing if the data set is in one piece.
    pub fn chunk_events(&self) -> Option<usize> {
        self.chunk_events
    }

    /// Whether chunks are decoded here, in parallel, or HDF5 does it.
    pub fn is_parallel(&self) -> bool {
        self.direct.as_ref().is_some_and(|direct| direct.stored_type.is_some())
    }

    /// Reads a range of events, counted from 0. Not to be called under HDF5's lock
    /// (`hdf5::sync::sync`), which the threads of the pool need.
    ///
    /// # Shapes
    /// Returns `[events, values]`.
    ///
    /// # Errors
    /// The range reaches past the end, or what is stored cannot be decoded; of several damaged
    /// chunks the first is named.
    pub fn read<T: ReadValue>(&self, events: Range<usize>) -> Result<Array2<T>, ChunkedError> {
        let len = self.len();
        if events.start > events.end || events.end > len {
            return Err(ChunkedError::Range { start: events.start, end: events.end, len });
        }
        let shape = (events.len(), self.row_len);
        let rows = match &self.direct {
            _ if events.is_empty() => Vec::new(),
            Some(direct) => self.read_chunks(direct, events)?,
            None => self.read_by_library(events)?.into_raw_vec_and_offset().0,
        };
        Ok(Array2::from_shape_vec(shape, rows).expect("as many values as the shape has"))
    }

    fn read_chunks<T: ReadValue>(
        &self,
        direct: &Direct,
        events: Range<usize>,
    ) -> Result<Vec<T>, ChunkedError> {
        let mut rows = vec![T::default(); events.len() * self.row_len];
        let mut bands = Vec::new();
        let mut rest = &mut rows[..];
        for band in direct.grid.bands(events) {
            let (these, others) = rest.split_at_mut(band.len() * self.row_len);
            bands.push((band, these));
            rest = others;
        }
        let results: Vec<Result<(), ChunkedError>> = bands
            .into_par_iter()
            .map_init(
                || (Decoder::new(), Vec::new()),
                |(decoder, stored), (band, rows)| {
                    if direct.read_band(band.clone(), rows, decoder, stored)? {
                        return Ok(());
                    }
                    // HDF5 knows what a chunk that was never written reads as.
                    let filled = self.read_by_library(band)?;
                    rows.iter_mut().zip(filled).for_each(|(value, filled)| *value = filled);
                    Ok(())
                },
            )
            .collect();
        results.into_iter().collect::<Result<(), _>>()?;
        Ok(rows)
    }

    /// The chunk of these events as it is stored, if a writer with `like`'s settings would have
    /// made it: whole, with its values, in its shape, and with all of its filters.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn stored_chunk(
        &self,
        first_event: usize,
        like: &StoredLike<'_>,
    ) -> Result<Option<Vec<u8>>, ChunkedError> {
        let Some(direct) = &self.direct else { return Ok(None) };
        let same_row = self.shape[1..] == *like.row_shape;
        let whole = first_event.saturating_add(like.chunk_events) <= self.len();
        let begins = first_event.is_multiple_of(like.chunk_events);
        let alike = direct.stored_type == Some(like.stored_type)
            && direct.filters == like.filters
            && direct.grid.chunk_shape()[0] == like.chunk_events
            && direct.grid.chunk_shape()[1..] == *like.row_shape;
        if !(same_row && whole && begins && alike) {
            return Ok(None);
        }
        let mut offset = vec![0; self.shape.len()];
        offset[0] = first_event as u64;
        let mut stored = Vec::new();
        let damaged = |error: hdf5::Error| ChunkedError::DamagedChunk {
            first_event,
            reason: innermost(&error),
        };
        let read = direct.dataset.read_chunk(&offset, direct.file_bytes, &mut stored);
        const NO_FILTER_SKIPPED: u32 = 0;
        Ok((read.map_err(damaged)? == Some(NO_FILTER_SKIPPED)).then_some(stored))
    }

    /// Looks each chunk up, and reads the first and the last row where HDF5 would read.
    pub(in crate::events) fn walk(&self) {
        let Some(direct) = &self.direct else {
            let len = self.len();
            for row in [0..len.min(1), len.saturating_sub(1)..len] {
                let _ = self.read_by_library::<f64>(row);
            }
            return;
        };
        for band in direct.grid.bands(0..self.len()) {
            for offset in direct.grid.chunks_of(band.start) {
                let offset: Vec<u64> = offset.iter().map(|&first| first as u64).collect();
                let _ = direct.dataset.stored_bytes(&offset);
            }
        }
    }

    /// In the order of the rows.
    fn read_by_library<T: ReadValue>(
        &self,
        events: Range<usize>,
    ) -> Result<ArrayD<T>, ChunkedError> {
        let others = self.shape[1..].iter().map(|&size| SliceOrIndex::from(0..size));
        let slices: Vec<_> = std::iter::once(SliceOrIndex::from(events)).chain(others).collect();
        Ok(self.dataset.read_slice(Hyperslab::from(slices))?)
    }
}

impl Direct {
    /// Reads the events of one band into their rows. False if some chunk was never written.
    fn read_band<T: ReadValue>(
        &self,
        events: Range<usize>,
        rows: &mut [T],
        decoder: &mut Decoder,
        stored: &mut Vec<u8>,
    ) -> Result<bool, ChunkedError> {
        let decode_values = self.stored_type.map(T::decoder);
        let chunk_bytes = self.grid.chunk_len() * self.value_bytes;
        for offset in self.grid.chunks_of(events.start) {
            let damaged = |reason| ChunkedError::DamagedChunk { first_event: offset[0], reason };
            let offset_in_file: Vec<u64> = offset.iter().map(|&first| first as u64).collect();
            let read = self.dataset.read_chunk(&offset_in_file, self.file_bytes, stored);
            let Some(skipped) = read.map_err(|error| damaged(innermost(&error)))? else {
                return Ok(false);
            };
            let bytes = decoder
                .decode(stored, self.pipeline, skipped, chunk_bytes, self.value_bytes)
                .map_err(damaged)?;
            // HDF5 does not look whether a chunk is as long as it should be: that was done here.
            let Some(decode_values) = decode_values else { continue };
            self.grid.for_each_run(&offset, events.clone(), |source, target| {
                let source = source.start * self.value_bytes..source.end * self.value_bytes;
                decode_values(&bytes[source], &mut rows[target]);
            });
        }
        Ok(decode_values.is_some())
    }
}

/// The innermost message of HDF5's error stack: the cause, not the call that ended in it.
fn innermost(error: &hdf5::Error) -> String {
    let innermost = error.stack().and_then(|stack| Some(stack.last()?.desc().to_owned()));
    innermost.unwrap_or_else(|| error.to_string())
}
