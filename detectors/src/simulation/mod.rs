//! A fast parametric simulation of each kind of detector: formulas with random numbers, not a
//! transport of particles. It is for tests, examples and benchmarks where no full simulation is at
//! hand, and its limits stand in `docs/parametric-simulation.md`.
//!
//! - calorimeters: electromagnetic showers after Grindhammer and Peters (hep-ex/0001020), and
//!   hadronic showers with a fluctuating electromagnetic part.
//! - Cherenkov detectors: photons after Frank and Tamm, and the likelihoods of their rings.
//! - radio maps: point sources and diffuse emission through two beams.

mod calorimeter;
mod cherenkov;
mod conditions;
pub mod description;
mod incomplete_gamma;
mod radio;
mod random;
mod simulate;

pub use simulate::{Block, SimulatedEvent, Simulation};
