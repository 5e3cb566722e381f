//! Whole-program tests: the binary as users run it, and files as other tools write and read them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "tests make broken inputs")]

mod batch_jobs;
mod data;
mod divergence;
mod documentation;
mod event_files;
mod every_detector;
mod export;
mod extractor;
mod generate;
mod help;
mod inspect;
mod job;
mod killed;
mod layouts;
mod leave_one_out;
mod limited_disk;
mod observables;
mod plan;
mod productions;
mod python;
mod release;
mod shipped_model;
mod stopped_jobs;
mod suite;
mod suite_fetch;
mod support;
mod surrogate;
mod train;
mod training_record;
mod validate;
