//! Event files, as TensorBoard reads them: records of protocol-buffer messages with checksums.

mod files;
mod message;
mod record;

pub use files::EventFiles;
