//! CPU time of one training iteration: `cargo bench --bench training_iteration -- CONFIG BATCH N`.
//!
//! `benches/peers/training_iteration.py` runs this and its PyTorch twin in turn.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::path::Path;

use ndarray::Array2;
use showerforge::codec::ShowerCodec;
use showerforge::compute::cpu;
use showerforge::gan::training::{Trainer, TrainingSample};
use showerforge::random::{Purpose, Streams};
use showerforge::settings::TrainingSettings;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EVENTS: usize = 2000;
const WARM_UP: u64 = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().filter(|a| a != "--bench").collect();
    let argument =
        |i: usize, default: &str| arguments.get(i).cloned().unwrap_or_else(|| default.to_owned());
    let config = argument(1, "configs/photons-geant4.toml");
    let batch_size: usize = argument(2, "256").parse().expect("batch size");
    let iterations: u64 = argument(3, "10").parse().expect("iterations");

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&config);
    let text = std::fs::read_to_string(path).expect("configuration");
    let mut settings: TrainingSettings = toml::from_str(&text).expect("configuration");
    settings.training.batch_size = batch_size;
    let settings = settings.check().expect("valid configuration");

    let (energies, voxels) = showers();
    let scale = settings.codec.voxel_scale;
    let codec =
        ShowerCodec::fit(settings.detector(), settings.conditions, scale, &energies, voxels.view())
            .expect("valid showers");
    let symmetry = settings.training.azimuthal_symmetry;
    let sample =
        TrainingSample::new(settings.detector(), &codec, symmetry, energies, voxels.view())
            .expect("valid showers");
    let mut trainer = Trainer::new(settings, codec, 1, cpu());
    for _ in 0..WARM_UP {
        trainer.iterate(&sample);
    }
    let before = cpu_seconds();
    for _ in 0..iterations {
        trainer.iterate(&sample);
    }
    let milliseconds = (cpu_seconds() - before) / iterations as f64 * 1e3;
    println!("batch {batch_size}: {milliseconds:.1} CPU ms per iteration, peak {} MB", peak_mb());
}

/// Random showers; what they look like does not matter for the time.
fn showers() -> (Vec<f64>, Array2<f32>) {
    let mut uniforms = Streams::new(1, Purpose::Selection).uniforms(0);
    let energies = (0..EVENTS).map(|event| f64::from(256 << (event % 6))).collect();
    let voxels = Array2::from_shape_simple_fn((EVENTS, 368), || {
        let u = uniforms.draw();
        if u < 0.5 { 0.0 } else { 1.0 + u }
    });
    (energies, voxels)
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
