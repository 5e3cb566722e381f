//! Where the chunks of a data set lie.

use std::ops::Range;

use super::ChunkedError;

/// Raw size a chunk aims at: it fits a core's cache, and HDF5's default chunk cache twice.
const CHUNK_BYTES: usize = 512 << 10;

/// Events that are stored, and compressed, together: as many as make 512 KiB, 1 to 1000.
///
/// ```
/// # use showerforge::events::chunked::events_per_chunk;
/// assert_eq!(events_per_chunk(368, 4), 356);
/// assert_eq!(events_per_chunk(1, 8), 1000);
/// ```
pub fn events_per_chunk(values_per_event: usize, bytes_per_value: usize) -> usize {
    let event_bytes = values_per_event.saturating_mul(bytes_per_value).max(1);
    (CHUNK_BYTES / event_bytes).clamp(1, 1000)
}

/// The shape of a data set, and of the chunks that tile it.
///
/// A band is all chunks with the same events.
#[derive(Debug, Clone)]
pub(super) struct ChunkGrid {
    shape: Vec<usize>,
    chunk: Vec<usize>,
    row_len: usize,
    chunk_len: usize,
    /// From this axis on, what a chunk has of an array is contiguous in both.
    run_axis: usize,
}

impl ChunkGrid {
    /// `shape` has at least one axis, and values in each row; nothing if `chunk` does not tile it.
    pub(super) fn new(shape: &[usize], chunk: &[usize]) -> Option<Self> {
        if chunk.len() != shape.len() || chunk.contains(&0) {
            return None;
        }
        let product = |sizes: &[usize]| sizes.iter().try_fold(1, |p: usize, &n| p.checked_mul(n));
        let partial = (1..shape.len()).rev().find(|&axis| chunk[axis] != shape[axis]);
        Some(Self {
            row_len: product(&shape[1..])?,
            chunk_len: product(chunk)?,
            run_axis: partial.unwrap_or(0),
            shape: shape.to_vec(),
            chunk: chunk.to_vec(),
        })
    }

    /// Values of a chunk, those past the data set's end included.
    pub(super) fn chunk_len(&self) -> usize {
        self.chunk_len
    }

    /// `[events, …]` of a chunk.
    pub(super) fn chunk_shape(&self) -> &[usize] {
        &self.chunk
    }

    /// The events of each band that `events` touches, as far as they are in `events`.
    pub(super) fn bands(&self, events: Range<usize>) -> impl Iterator<Item = Range<usize>> + use<> {
        let size = self.chunk[0];
        let mut start = events.start;
        std::iter::from_fn(move || {
            let band = start..events.end.min((start / size + 1).saturating_mul(size));
            start = band.end;
            (!band.is_empty()).then_some(band)
        })
    }

    /// The first element of each chunk of the band that holds `event`.
    pub(super) fn chunks_of(&self, event: usize) -> impl Iterator<Item = Vec<usize>> + '_ {
        let mut next = Some(vec![0; self.shape.len()]);
        if let Some(first) = &mut next {
            first[0] = event / self.chunk[0] * self.chunk[0];
        }
        std::iter::from_fn(move || {
            let offset = next.take()?;
            let mut after = offset.clone();
            for axis in (1..after.len()).rev() {
                after[axis] = after[axis].saturating_add(self.chunk[axis]);
                if after[axis] < self.shape[axis] {
                    next = Some(after);
                    break;
                }
                after[axis] = 0;
            }
            Some(offset)
        })
    }

    /// Calls `copy` with each contiguous run of values that the chunk at `offset` has of `events`,
    /// all of one band: where it is in the chunk, and where in the rows of `events`.
    pub(super) fn for_each_run(
        &self,
        offset: &[usize],
        events: Range<usize>,
        mut copy: impl FnMut(Range<usize>, Range<usize>),
    ) {
        let runs = Runs { grid: self, offset, events };
        runs.walk(0, 0, 0, self.chunk_len, self.row_len, &mut copy);
    }
}

struct Runs<'a> {
    grid: &'a ChunkGrid,
    offset: &'a [usize],
    events: Range<usize>,
}

impl Runs<'_> {
    /// `chunk_block` and `row_block` are the values of one index of the axis before; for the first
    /// axis, a whole chunk and, by convention, one row.
    fn walk(
        &self,
        axis: usize,
        in_chunk: usize,
        in_rows: usize,
        chunk_block: usize,
        row_block: usize,
        copy: &mut impl FnMut(Range<usize>, Range<usize>),
    ) {
        let grid = self.grid;
        let first = self.offset[axis];
        let chunk_step = chunk_block / grid.chunk[axis];
        let (wanted, origin, row_step) = if axis == 0 {
            (self.events.clone(), self.events.start, row_block)
        } else {
            let end = grid.shape[axis].min(first.saturating_add(grid.chunk[axis]));
            (first..end, 0, row_block / grid.shape[axis])
        };
        let source = |index: usize| in_chunk + (index - first) * chunk_step;
        let target = |index: usize| in_rows + (index - origin) * row_step;
        if axis == grid.run_axis {
            let len = wanted.len() * chunk_step;
            let (source, target) = (source(wanted.start), target(wanted.start));
            copy(source..source + len, target..target + len);
            return;
        }
        for index in wanted {
            self.walk(axis + 1, source(index), target(index), chunk_step, row_step, copy);
        }
    }
}

/// More than deflate can compress: at most 1032 to 1 (<https://zlib.net/zlib_tech.html>).
pub(super) const LARGEST_RATIO: u64 = 1100;

/// What may be declared without being stored: chunks never written, or values in other files.
const UNSTORED_BYTES: u64 = 64 << 20;

/// How many chunks may be declared without being stored: looking for each takes a microsecond.
const UNSTORED_CHUNKS: u64 = 1 << 17;

/// What a file says of a data set, before anything is allocated for it.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    pub(super) shape: &'a [usize],
    /// Empty if there are no chunks.
    pub(super) chunk: &'a [usize],
    pub(super) value_bytes: usize,
    pub(super) is_filtered: bool,
    /// All of it is in one piece, which has the size of the data set.
    pub(super) is_contiguous: bool,
    pub(super) stored: u64,
}

impl Claim<'_> {
    /// # Errors
    /// No file that stores so little can have a data set, or a chunk, so large.
    pub(super) fn check(&self) -> Result<(), ChunkedError> {
        let unstored = if self.is_contiguous && self.stored > 0 { 0 } else { UNSTORED_BYTES };
        let ratio = if self.is_filtered { LARGEST_RATIO } else { 1 };
        let largest = self.stored.saturating_mul(ratio).saturating_add(unstored);
        let fits = |sizes: &[usize]| {
            let bytes = sizes.iter().try_fold(self.value_bytes, |p, &n| p.checked_mul(n));
            bytes.is_some_and(|bytes| bytes as u64 <= largest)
        };
        if fits(self.shape) && fits(self.chunk) && self.has_plausible_chunks() {
            return Ok(());
        }
        let (shape, chunk) = (self.shape.to_vec(), self.chunk.to_vec());
        Err(ChunkedError::Implausible { shape, chunk, stored: self.stored })
    }

    /// A stored chunk takes 8 bytes at least, of an index or of its own.
    fn has_plausible_chunks(&self) -> bool {
        let along = |(&size, &chunk): (&usize, &usize)| size.div_ceil(chunk.max(1)) as u64;
        let chunks = self.shape.iter().zip(self.chunk).map(along);
        let chunks = chunks.fold(1, |product: u64, along| product.saturating_mul(along));
        chunks <= (self.stored / 8).saturating_add(UNSTORED_CHUNKS)
    }
}
