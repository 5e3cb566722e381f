//! Between physical units and network units.
//!
//! An [`EventCodec`] encodes an event's conditions as labels ([`Labels`]) and its values in one of
//! two ways. A [`ShowerCodec`] is for cells: (a power of) each value's fraction of the incident
//! energy, then the fraction of every layer, then that of the whole event; the two last groups are
//! standardised at the event's own condition, so that a critic sees the response as sharply at high
//! energies, where it is narrow, as at low ones. A [`PipelineCodec`] is a list of invertible
//! [`transforms`] of the user's choice.

mod event_codec;
mod labels;
mod pipeline_codec;
mod shower_codec;
mod statistics;
pub mod transforms;

pub use event_codec::{
    CodecError, Conditions, EncodedLayout, EventCodec, OutOfRange, SumConditions,
};
pub use labels::{LabelEncoding, LabelNumber, LabelRange, LabelRanges, Labels};
pub use pipeline_codec::PipelineCodec;
pub use shower_codec::{ShowerCodec, VoxelScale};
pub use statistics::{EnergyKnot, SumStatistics};
