//! GAN surrogates for particle detectors: learn from HDF5 files of simulated events, generate
//! events inside batch jobs, and prove with physics observables that they are good.
//!
//! Data flow one way: [`events`] → codec → gan → generate → events → validate. The program in
//! `main.rs` is a thin table over [`cli`]; whatever it can do, the library can do.

pub mod cli;
pub mod clock;
pub mod codec;
pub mod compute;
pub mod error;
pub mod events;
pub mod exit_code;
pub mod export;
pub mod files;
pub mod gan;
pub mod generate;
pub mod memory;
pub mod model;
pub mod nn;
pub mod plan;
pub mod random;
pub mod settings;
pub mod simd;
pub mod suite;
pub mod table;
pub mod version;

pub use error::Error;
pub use exit_code::ExitCode;
