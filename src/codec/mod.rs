//! Between physical units and network units.
//!
//! An encoded shower is one row: the voxels as (a power of) their fraction of the incident energy,
//! then the energy fraction of every layer, then that of the whole shower. The two last groups
//! are standardised at the shower's own incident energy, so that a critic sees the response as
//! sharply at high energies, where it is narrow, as at low ones.

mod condition;
mod shower_codec;
mod statistics;

pub use condition::ConditionScale;
pub use shower_codec::{CodecError, Conditions, EncodedLayout, ShowerCodec, VoxelScale};
pub use statistics::{EnergyKnot, SumStatistics};
