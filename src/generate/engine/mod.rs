//! The inference engine: from seed and conditions to events, on the CPU.
//!
//! A trained generator is compiled once ([`Engine::new`]): weights are packed for the product of
//! matrices, batch norms folded into them, and the shower head and the codec follow in place. A few
//! dozen events go through all layers together, so that their numbers stay in the caches, and each
//! group of events is one task for the threads.
//!
//! Every output is computed by the same operations in the same order whatever stands beside it, and
//! they are rounded alike on every machine ([`crate::simd`]): an event has the same bits for any
//! batch, any number of threads and any vector instructions.

mod compiled;
mod convolution;
mod head;
mod kernels;
mod matrix;
mod network;
mod noise;
mod packed;
mod recurrent;
mod rowwise;

pub use compiled::Engine;
pub use packed::Precision;
