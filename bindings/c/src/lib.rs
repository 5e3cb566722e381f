//! C interface of showerforge: events from a trained model inside another program.
//!
//! `include/showerforge.h` is generated from `types.rs`, `describe.rs` and `generate.rs`;
//! `docs/c-interface.md` explains it.

mod describe;
mod failure;
mod generate;
mod model;
mod pointers;
mod types;

pub use describe::*;
pub use generate::*;
pub use types::*;
