//! Physics observables, statistical tests, classifiers and reports for simulated showers.

pub mod report;
