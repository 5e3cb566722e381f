//! Trained generators in the formats of other frameworks: ONNX, and lwtnn's JSON for dense networks.

mod error;
pub mod lwtnn;
pub mod onnx;
mod samples;

pub use error::ExportError;
pub use samples::{Samples, write as write_samples};
