//! Damaged and absurd model files end in an error or a model that generates: never in a panic, a
//! crash, or an allocation that the file cannot justify.
//!
//! Two tiny models and the shipped one are damaged with a seeded generator: bytes, the header of
//! safetensors, our JSON inside of it, the detector's TOML inside of that, and the weights. Each is
//! read in this process, whose address space is limited; what can be read must generate. What was
//! tried and how it ended is printed (`cargo test -- --nocapture`). More cases:
//! `SHOWERFORGE_FUZZ_CASES=1000000`; other ones: `SHOWERFORGE_FUZZ_SEED=2`. A file that fails is
//! kept in the folder that the message names.

#![expect(clippy::unwrap_used, reason = "helpers of tests, as tests are allowed")]
#![expect(clippy::disallowed_methods, reason = "broken files are written as they are")]

mod absurd;
mod base;
mod damage;
mod outcome;
#[path = "../tiny/mod.rs"]
mod tiny;

use std::sync::atomic::{AtomicUsize, Ordering};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

use crate::base::Base;
use crate::outcome::{Tally, limit_address_space, read};

/// Of the tiny models.
const CASES: usize = 20_000;
/// Of the shipped model, which is larger: one for so many others.
const SHIPPED_SHARE: usize = 40;

#[test]
fn damaged_and_absurd_models_are_refused_or_read() {
    limit_address_space();
    let folder = tempfile::tempdir().unwrap();
    let bases = [Base::cells(folder.path()), Base::layers(folder.path()), Base::shipped()];
    for base in &bases {
        let path = folder.path().join("intact");
        std::fs::write(&path, &base.bytes).unwrap();
        assert_eq!(read(&path), Ok("it generates".to_owned()), "intact {}", base.name);
    }
    let tally = Tally::new(folder.path());
    for (name, bytes, expected) in absurd::files(&bases[0], &bases[1]) {
        tally.judge(name, &bytes, Some(expected));
    }

    let cases = number("SHOWERFORGE_FUZZ_CASES", CASES);
    let cases = cases + cases / SHIPPED_SHARE;
    let seed = number("SHOWERFORGE_FUZZ_SEED", 1) as u64;
    in_parallel(cases, |case| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(case as u64);
        let base = match case % (SHIPPED_SHARE + 1) {
            0 => &bases[2],
            n => &bases[n % 2],
        };
        let (bytes, damage) = base.damaged(&mut random);
        tally.judge(&format!("case {case}, {}: {damage}", base.name), &bytes, None);
    });
    tally.finish();
}

fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

fn in_parallel(count: usize, run: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let case = next.fetch_add(1, Ordering::Relaxed);
                    if case >= count {
                        break;
                    }
                    run(case);
                }
            });
        }
    });
}
