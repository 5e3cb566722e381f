//! Recurrent layers outside of a graph: all steps of [`LANES`] events at a time, which lie side by
//! side so that every operation is one on vector registers. The same to the last bit on any number
//! of threads.

mod backward;
mod forward;
mod gates;
mod layout;
mod product;
mod weights;

pub(in crate::nn) use layout::Lanes;
pub(super) use weights::{Gradients, Record, Weights};

/// Events side by side: the 32-bit floats of an AVX-512 register.
pub(super) const LANES: usize = 16;

/// One number of each event of a block.
pub(super) type Vector = [f32; LANES];
