//! InfoGAN (arXiv:1606.03657): a code beside the noise, which a second head of the critic reads
//! back from what is generated.

mod code;
mod networks;
mod settings;
mod system;
mod trained;

pub use settings::InfoGanSettings;
pub use system::InfoGan;
