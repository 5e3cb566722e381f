//! Networks as they are after the training: plain operations on plain numbers, for inference and
//! for export to other frameworks.

mod geometry;
mod operations;
mod recurrent;
mod reference;

pub use geometry::{FrameOperation, PoolOperation, SlidingOperation, UpsampleOperation};
pub use operations::{DenseOperation, Operation};
pub use recurrent::{RecurrentOperation, RecurrentWeights};
pub use reference::{DependsOnBatch, evaluate};
