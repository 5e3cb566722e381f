//! Rows of numbers in HDF5 data sets, compressed and decompressed on every core.
//!
//! HDF5 runs its filters on one thread, under one lock. Here chunks pass the library as they are
//! stored (`H5Dwrite_chunk`, `H5Dread_chunk`), and libdeflate works on them in parallel. The files
//! are ordinary: gzip, as zlib writes it, and any HDF5 program reads them.
//!
//! A data set of rank 1 or more is seen as rows: its first axis counts events, the values of the
//! others are one row, last axis fastest. This layer names neither files nor data sets in its
//! errors; the caller does.

mod chunk_grid;
mod error;
mod ffi;
mod filters;
mod reader;
mod values;
mod writer;

#[cfg(test)]
mod tests;

pub use chunk_grid::events_per_chunk;
pub use error::ChunkedError;
pub(super) use ffi::follow_no_external_links;
pub use reader::ChunkedReader;
pub use values::{ReadValue, WriteValue};
pub use writer::{ChunkedWriter, Compression};
