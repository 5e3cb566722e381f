//! Damaged and absurd files of events end in an error or a reading: never in a panic, a crash, a
//! hang, or an allocation that the file cannot justify.
//!
//! Small files of several detectors and layouts are made, damaged with a seeded generator, and read
//! by `showerforge inspect --full` in a process of its own, with a limit of time and of address
//! space. What was tried and how it ended is printed (`cargo test -- --nocapture`). More cases:
//! `SHOWERFORGE_FUZZ_CASES=20000`; other ones: `SHOWERFORGE_FUZZ_SEED=2`. A file that fails is kept
//! in the folder that the message names.

#![expect(clippy::unwrap_used, reason = "helpers of tests, as tests are allowed")]

mod absurd;
mod bases;
mod damage;
mod program;

use std::path::{Path, PathBuf};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::absurd::absurd_files;
use crate::bases::{Base, bases};
use crate::program::{Tally, below, in_parallel, inspect, number};

const CASES: usize = 600;
#[test]
fn damaged_and_absurd_files_are_refused_or_read() {
    let folder = tempfile::tempdir().unwrap();
    // All before the first child is started: it would inherit HDF5's open files, and their locks.
    let bases = bases(folder.path());
    let absurd = absurd_files(folder.path());
    absurd_files_are_refused_or_read(&absurd);
    damaged_chunks_are_never_read_as_other_values(folder.path(), &bases);
    damaged_files_are_refused_or_read(folder.path(), &bases);
}

fn damaged_files_are_refused_or_read(folder: &Path, bases: &[Base]) {
    let cases = number("SHOWERFORGE_FUZZ_CASES", CASES);
    let seed = number("SHOWERFORGE_FUZZ_SEED", 1) as u64;
    let tally = Tally::default();
    for base in bases {
        let intact = inspect(&base.write(folder, "intact", &base.bytes));
        assert_eq!(intact.status.code(), Some(0), "intact {}: {}", base.name, intact.stderr);
    }
    in_parallel(cases, |case| {
        let base = &bases[case % bases.len()];
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(case as u64);
        let (bytes, damage) = base.damaged(&mut random, case / bases.len());
        let path = base.write(folder, &format!("case{case}"), &bytes);
        tally.judge(&format!("{}: {damage}", base.name), &path, &inspect(&path));
    });
    tally.finish(cases);
}

/// gzip's checksum guards what a chunk holds: whatever happens to it, no wrong value is reported.
fn damaged_chunks_are_never_read_as_other_values(folder: &Path, bases: &[Base]) {
    let bases: Vec<&Base> = bases.iter().filter(|base| base.is_checksummed).collect();
    let cases = number("SHOWERFORGE_FUZZ_CASES", CASES) / 6;
    let intact = |base: &&Base| inspect(&base.write(folder, "same", &base.bytes)).stdout;
    let expected: Vec<String> = bases.iter().map(intact).collect();
    let tally = Tally::default();
    in_parallel(cases, |case| {
        let (base, expected) = (&bases[case % bases.len()], &expected[case % bases.len()]);
        let mut random = ChaCha8Rng::seed_from_u64(number("SHOWERFORGE_FUZZ_SEED", 1) as u64);
        random.set_stream((1 << 40) + case as u64);
        let mut bytes = base.bytes.clone();
        let chunk = base.chunks[below(&mut random, base.chunks.len())].clone();
        let position = chunk.start + below(&mut random, chunk.len());
        bytes[position] ^= 1 << below(&mut random, 8);
        // The output names the file in its second line, which is cut off.
        let path = base.write(folder, &format!("chunk{case}"), &bytes);
        let outcome = inspect(&path);
        let damage = format!("{}: a bit of byte {position}, in a chunk", base.name);
        tally.judge(&damage, &path, &outcome);
        let values = |text: &str| text.lines().skip(2).collect::<Vec<_>>().join("\n");
        if outcome.status.success() && values(&outcome.stdout) != values(expected) {
            tally.fail(&damage, &path, "other values are reported, and no error");
        }
    });
    tally.finish(cases);
}

/// Well-formed HDF5 that says absurd things.
fn absurd_files_are_refused_or_read(absurd: &[(String, PathBuf)]) {
    let tally = Tally::default();
    let count = absurd.len();
    in_parallel(count, |case| {
        let (name, path) = &absurd[case];
        tally.judge(name, path, &inspect(path));
    });
    tally.finish(count);
}
