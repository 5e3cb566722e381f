//! Scores of classifiers, adversaries, generators, modes and series against other programs: see
//! `tests/crosscheck/scores.py`.
//!
//! `cargo test --release -p validation --test crosscheck_scores -- --nocapture` prints the rows of
//! `docs/crosscheck/scores.md`.

mod scores;
