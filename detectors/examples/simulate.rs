//! Simulates events of a built-in detector, or of one described in a TOML file, and writes raw
//! little-endian arrays: DIR/conditions.f64, DIR/values.f32 and DIR/weights.f64.
//!
//! `cargo run --release -p detectors --example simulate -- DETECTOR EVENTS SEED [DIR]`; without DIR
//! it only prints the rate.

use std::error::Error;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use detectors::Detector;
use detectors::simulation::Simulation;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, events, seed, folder @ ..] = &arguments[..] else {
        return Err("usage: simulate DETECTOR EVENTS SEED [DIR]".into());
    };
    let detector = if name.ends_with(".toml") {
        Detector::from_toml(&std::fs::read_to_string(name)?)?
    } else {
        detectors::builtin(name)?
    };
    let simulation = Simulation::of(&detector)?;
    let count: usize = events.parse()?;
    let start = Instant::now();
    let block = simulation.events(seed.parse()?, 0, count);
    let rate = count as f64 / start.elapsed().as_secs_f64();
    eprintln!("{name}: {count} events, {rate:.0} a second");
    if let [folder] = folder {
        let folder = Path::new(folder);
        std::fs::create_dir_all(folder)?;
        write(folder, "conditions.f64", block.conditions.iter().map(|x| x.to_le_bytes()))?;
        write(folder, "values.f32", block.values.iter().map(|x| x.to_le_bytes()))?;
        write(folder, "weights.f64", block.weights.iter().flatten().map(|x| x.to_le_bytes()))?;
    }
    Ok(())
}

/// These are scratch arrays for a script to read, not results.
#[expect(clippy::disallowed_methods, reason = "the atomic writer is in a crate above this one")]
fn write<const N: usize>(
    folder: &Path,
    name: &str,
    numbers: impl Iterator<Item = [u8; N]>,
) -> std::io::Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(folder.join(name))?);
    numbers.into_iter().try_for_each(|bytes| file.write_all(&bytes))?;
    file.flush()
}
