use std::collections::BTreeMap;

use hdf5_metno as hdf5;
use hdf5_metno::filters::Filter;
use ndarray::{ArrayView2, s};
use rayon::prelude::*;

use super::filters::Encoder;
use super::reader::StoredLike;
use super::{ChunkedError, ChunkedReader, WriteValue, events_per_chunk, ffi};

/// How the rows of a data set are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compression {
    /// 0 (none) to 9 (smallest).
    pub gzip_level: u8,
    /// Sort bytes by their position in a value first. Sparse showers get larger by it.
    pub shuffle: bool,
    /// Events that are compressed together; 0 for [`events_per_chunk`].
    pub chunk_events: usize,
}

impl Default for Compression {
    fn default() -> Self {
        Self { gzip_level: 4, shuffle: false, chunk_events: 0 }
    }
}

/// Appends rows to a new data set, and compresses whole chunks on all threads of rayon's pool.
///
/// Equal rows with equal compression make equal calls to HDF5, and so equal bytes, however they
/// were divided into calls of [`ChunkedWriter::append`], and whatever the number of threads. Where
/// several data sets of a file are written in turn, [`ChunkedWriter::room`] keeps that so.
///
/// About 16 MiB of rows are held, or four chunks if these are larger.
#[derive(Debug)]
pub struct ChunkedWriter<T> {
    dataset: hdf5::Dataset,
    row_shape: Vec<usize>,
    row_len: usize,
    chunk_events: usize,
    batch_events: usize,
    compression: Compression,
    written: usize,
    /// The bytes of the pending events that are not in `stored`.
    pending: Vec<u8>,
    pending_events: usize,
    /// Whole chunks among the pending ones that came as they are stored, by their number there.
    stored: BTreeMap<usize, Vec<u8>>,
    value: std::marker::PhantomData<T>,
}

impl<T: WriteValue> ChunkedWriter<T> {
    /// Makes the data set `name` of shape `[0, row_shape…]`, unlimited along its first axis.
    ///
    /// # Errors
    /// The row has no values, the level is not gzip's, a chunk is larger than HDF5 allows, or HDF5
    /// cannot make the data set.
    pub fn create(
        group: &hdf5::Group,
        name: &str,
        row_shape: &[usize],
        compression: Compression,
    ) -> Result<Self, ChunkedError> {
        let no_rows = || ChunkedError::NoRows { shape: row_shape.to_vec() };
        let row_len = row_shape
            .iter()
            .try_fold(1, |product: usize, &size| product.checked_mul(size))
            .filter(|&row_len| row_len > 0)
            .ok_or_else(no_rows)?;
        let event_bytes = row_len.saturating_mul(size_of::<T>());
        let chunk_events = match compression.chunk_events {
            0 => events_per_chunk(row_len, size_of::<T>()),
            events => events,
        };
        if compression.gzip_level > 9 {
            return Err(ChunkedError::GzipLevel { found: compression.gzip_level });
        }
        let chunk_bytes = chunk_events
            .checked_mul(event_bytes)
            .filter(|&bytes| u32::try_from(bytes).is_ok())
            .ok_or(ChunkedError::ChunkSize { events: chunk_events, event_bytes })?;

        let extents: Vec<hdf5::Extent> = std::iter::once(hdf5::Extent::resizable(0))
            .chain(row_shape.iter().map(|&size| hdf5::Extent::fixed(size)))
            .collect();
        let chunk = with_first(chunk_events, row_shape);
        let mut builder = group.new_dataset::<T>().chunk(chunk).obj_track_times(false);
        if compression.gzip_level > 0 {
            if compression.shuffle {
                builder = builder.shuffle();
            }
            builder = builder.deflate(compression.gzip_level);
        }
        let dataset = builder.shape(hdf5::SimpleExtents::from_vec(extents)).create(name)?;
        Ok(Self {
            dataset,
            row_shape: row_shape.to_vec(),
            row_len,
            chunk_events,
            batch_events: chunk_events * chunks_per_batch(chunk_bytes),
            compression,
            written: 0,
            pending: Vec::new(),
            pending_events: 0,
            stored: BTreeMap::new(),
            value: std::marker::PhantomData,
        })
    }

    /// Adds rows after those already there.
    ///
    /// # Shapes
    /// `rows`: `[events, values]`, with as many values as the row shape has.
    ///
    /// # Errors
    /// The rows have another length, or the disk refuses.
    pub fn append(&mut self, rows: ArrayView2<'_, T>) -> Result<(), ChunkedError> {
        if rows.ncols() != self.row_len {
            return Err(ChunkedError::Columns { found: rows.ncols(), expected: self.row_len });
        }
        let mut rest = rows;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(ndarray::Axis(0), self.room().min(rest.nrows()));
            self.append_values(now)?;
            rest = later;
        }
        Ok(())
    }

    /// As [`Self::append`], for rows that are those of `source` from its event `first` on. What is
    /// compressed there as it would be here is taken as it is.
    ///
    /// # Errors
    /// As [`Self::append`], and `source` cannot be read.
    pub fn append_from(
        &mut self,
        rows: ArrayView2<'_, T>,
        source: &ChunkedReader,
        first: usize,
    ) -> Result<(), ChunkedError> {
        let Compression { gzip_level, shuffle, .. } = self.compression;
        let filters = match (gzip_level, shuffle) {
            (0, _) => return self.append(rows),
            (level, false) => vec![Filter::Deflate(level)],
            (level, true) => vec![Filter::Shuffle, Filter::Deflate(level)],
        };
        let row_shape = self.row_shape.clone();
        let chunk_events = self.chunk_events;
        let like =
            StoredLike { row_shape: &row_shape, chunk_events, stored_type: T::STORED, filters };
        let mut done = 0;
        while done < rows.nrows() {
            let in_chunk = self.pending_events % chunk_events;
            let count = (chunk_events - in_chunk).min(rows.nrows() - done);
            let stored = if count == chunk_events {
                source.stored_chunk(first + done, &like)?
            } else {
                None
            };
            match stored {
                Some(stored) => self.append_stored(stored)?,
                None => self.append_values(rows.slice(s![done..done + count, ..]))?,
            }
            done += count;
        }
        Ok(())
    }

    /// Rows for which there is room.
    fn append_values(&mut self, rows: ArrayView2<'_, T>) -> Result<(), ChunkedError> {
        match rows.as_slice() {
            Some(values) => T::store(values, &mut self.pending),
            None => rows.rows().into_iter().for_each(|row| match row.as_slice() {
                Some(values) => T::store(values, &mut self.pending),
                None => T::store(&row.to_vec(), &mut self.pending),
            }),
        }
        self.now_pending(rows.nrows())
    }

    /// A whole chunk, where one begins.
    fn append_stored(&mut self, chunk: Vec<u8>) -> Result<(), ChunkedError> {
        self.stored.insert(self.pending_events / self.chunk_events, chunk);
        self.now_pending(self.chunk_events)
    }

    fn now_pending(&mut self, events: usize) -> Result<(), ChunkedError> {
        self.pending_events += events;
        if self.pending_events == self.batch_events { self.write_pending() } else { Ok(()) }
    }

    /// How many rows can be appended until some are written, at least 1.
    ///
    /// To write several data sets of a file in turn, divide the events so that no call appends
    /// more than the smallest room of all: then the order of the writes, and so the bytes of the
    /// file, do not depend on how the events came.
    pub fn room(&self) -> usize {
        self.batch_events - self.pending_events
    }

    /// Events that are stored together.
    pub fn chunk_events(&self) -> usize {
        self.chunk_events
    }

    /// Number of rows appended.
    pub fn len(&self) -> usize {
        self.written + self.pending_events
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes what is left. Nothing is on the disk before the file is closed.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn finish(mut self) -> Result<hdf5::Dataset, ChunkedError> {
        self.write_pending()?;
        Ok(self.dataset)
    }

    /// Writes all pending rows, a last chunk that is not full included, and the shape.
    fn write_pending(&mut self) -> Result<(), ChunkedError> {
        let Compression { gzip_level, shuffle, .. } = self.compression;
        let chunk_bytes = self.chunk_events * self.row_len * size_of::<T>();
        // HDF5 stores whole chunks: zeros past the end, as the library has them there.
        self.pending.resize(self.pending.len().next_multiple_of(chunk_bytes), 0);
        let deflated: Vec<Vec<u8>> = if gzip_level == 0 {
            Vec::new()
        } else {
            self.pending
                .par_chunks_exact(chunk_bytes)
                .map_init(
                    || Encoder::new(gzip_level, shuffle),
                    |encoder, raw| encoder.encode(raw, size_of::<T>()),
                )
                .collect()
        };
        let end = self.written + self.pending_events;
        let mut raw = self.pending.chunks_exact(chunk_bytes);
        let mut deflated = deflated.iter();
        for index in 0..self.pending_events.div_ceil(self.chunk_events) {
            let chunk = match self.stored.get(&index) {
                Some(stored) => &stored[..],
                None if gzip_level == 0 => raw.next().expect("as many bytes as events"),
                None => &deflated.next().expect("as many bytes as events")[..],
            };
            let first = self.written + index * self.chunk_events;
            // Chunk by chunk: the calls must not depend on what a batch is.
            let known = end.min(first + self.chunk_events);
            self.dataset.resize(with_first(known, &self.row_shape))?;
            let mut offset = vec![0; 1 + self.row_shape.len()];
            offset[0] = first as u64;
            ffi::write_chunk(&self.dataset, &offset, chunk)?;
        }
        self.written = end;
        self.pending_events = 0;
        self.pending.clear();
        self.stored.clear();
        Ok(())
    }
}

/// Enough chunks for many threads, and no more than 16 MiB; the same number on every machine.
fn chunks_per_batch(chunk_bytes: usize) -> usize {
    const BATCH_BYTES: usize = 16 << 20;
    (BATCH_BYTES / chunk_bytes).clamp(4, 64)
}

fn with_first(first: usize, others: &[usize]) -> Vec<usize> {
    std::iter::once(first).chain(others.iter().copied()).collect()
}
