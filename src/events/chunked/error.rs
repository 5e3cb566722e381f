use hdf5_metno as hdf5;
use thiserror::Error;

/// Why rows cannot be read or written.
#[derive(Debug, Error)]
pub enum ChunkedError {
    #[error(transparent)]
    Hdf5(#[from] hdf5::Error),

    /// What the file says of itself cannot be true.
    #[error("shape {shape:?} and chunks of {chunk:?} do not fit the {stored} bytes stored for it")]
    Implausible { shape: Vec<usize>, chunk: Vec<usize>, stored: u64 },

    /// Events count from 0.
    #[error("the chunk of event {first_event} and those after it is damaged: {reason}")]
    DamagedChunk { first_event: usize, reason: String },

    #[error("stored {found}, which is not read here")]
    Storage { found: String },

    #[error("shape {shape:?} has no rows of values")]
    NoRows { shape: Vec<usize> },

    #[error("type {found}, expected integers or floats")]
    Type { found: String },

    #[error("events {start}..{end} do not exist: there are {len}")]
    Range { start: usize, end: usize, len: usize },

    #[error("rows of {found} values, expected {expected}")]
    Columns { found: usize, expected: usize },

    #[error("gzip level {found}, expected 0 to 9")]
    GzipLevel { found: u8 },

    #[error(
        "chunks of {events} events of {event_bytes} bytes, HDF5 allows 1 byte to 4 GiB a chunk"
    )]
    ChunkSize { events: usize, event_bytes: usize },
}
