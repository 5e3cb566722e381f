//! Progressive growing of GANs (arXiv:1710.10196): both networks begin with images of 4 × 4 and get
//! a layer for each doubling, which is faded in.

mod equalised;
mod networks;
mod settings;
mod stage;
mod system;

pub use settings::ProgressiveSettings;
pub use system::ProgressiveGrowing;
