//! CPU time of one training iteration: `cargo bench --bench training_iteration -- CONFIG BATCH N`.
//!
//! `benches/peers/training_iteration.py` runs this and its PyTorch twin in turn.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod simulated;

use std::path::Path;

use showerforge::compute::cpu;
use simulated::SimulatedEvents;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    showerforge::memory::keep_freed_memory();
    let arguments: Vec<String> = std::env::args().filter(|a| a != "--bench").collect();
    let argument =
        |i: usize, default: &str| arguments.get(i).cloned().unwrap_or_else(|| default.to_owned());
    let config = argument(1, "configs/photons-geant4.toml");
    let batch_size: usize = argument(2, "256").parse().expect("batch size");
    let iterations: u64 = argument(3, "10").parse().expect("iterations");
    let warm_up = if iterations < 5 { 1 } else { 3 };

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&config);
    let text = std::fs::read_to_string(path).expect("configuration");
    let (mut trainer, mut sample) = SimulatedEvents::new(&text).training(batch_size, cpu());
    for _ in 0..warm_up {
        trainer.iterate(&mut sample).expect("in memory");
    }
    let before = cpu_seconds();
    for _ in 0..iterations {
        trainer.iterate(&mut sample).expect("in memory");
    }
    let milliseconds = (cpu_seconds() - before) / iterations as f64 * 1e3;
    println!("batch {batch_size}: {milliseconds:.1} CPU ms per iteration, peak {} MB", peak_mb());
}

/// User and system time of this process.
fn cpu_seconds() -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let after_name = stat.rsplit(')').next().expect("there is a name");
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |i: usize| fields[i].parse::<f64>().expect("ticks");
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}

fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("Linux");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).expect("kB") / 1024
}
