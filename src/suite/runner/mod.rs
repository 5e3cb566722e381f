//! Runs: each trains one system on one problem from one seed, in a process of its own, so that
//! memory and time are its own and a run that fails takes no other with it.

mod artefacts;
mod entry;
mod kept;
mod observer;
mod single;
mod suite;

pub use artefacts::{Artefacts, Frame, Surface};
pub use entry::{Entry, Filter, Planned, Selection};
pub use single::{SingleRun, run_single};
pub use suite::{Suite, SuiteEvent, SuiteOutcome, rows_path};
