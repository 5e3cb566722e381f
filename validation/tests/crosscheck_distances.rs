//! Distances in feature space against other programs: see `tests/crosscheck/distances.py`.
//!
//! `cargo test --release -p validation --test crosscheck_distances -- --nocapture` prints the rows
//! of `docs/crosscheck/distances.md`.

mod distances;
