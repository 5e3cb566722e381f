//! Files on disk: the one way to write an output, and reading whole input files.
//!
//! An output appears under its final name complete or not at all. Everything this program writes
//! goes through [`AtomicFile`]; `clippy.toml` disallows the direct ways elsewhere.

mod atomic;
mod checksum;
mod error;
mod hash;
mod kind;
mod read;

pub use atomic::{AtomicFile, TEMPORARY_SUFFIX, write_atomically};
pub(crate) use checksum::beside;
pub use checksum::{checksum_path, read_checksum, write_checksum};
pub use error::FileError;
pub(crate) use error::is_disk_full;
pub use hash::sha256;
pub use kind::FileKind;
pub use read::{read, read_to_string};
