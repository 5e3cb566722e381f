//! Recurrent layers, with PyTorch's conventions of the gates: [gated recurrent units](gru) and
//! [long short-term memory](lstm).
//!
//! There are two ways through a layer. As ordinary tensor operations, step after step
//! ([`direction`]), it can stand in any graph, and a gradient penalty goes through it. Outside of a
//! graph on the CPU, all steps go by at once in [`lanes`], sixteen events side by side in vector
//! registers; [`crate::nn::Recording`] pulls gradients back that way, several times faster.

mod cell;
mod direction;
mod gru;
pub(super) mod lanes;
mod layer;
mod lstm;
mod settings;
mod steps;

pub use cell::{CellState, RecurrentCell};
pub use layer::Recurrent;
pub(super) use layer::{RecurrentRecord, is_plain};
pub(super) use settings::RecurrentBlueprint;
pub use settings::{RecurrentKind, RecurrentSettings};
pub(super) use steps::{check_steps, steps_of};
