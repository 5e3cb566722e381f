//! CPU time of one training iteration: `cargo bench --bench training_iteration -- CONFIG BATCH N`.
//!
//! `benches/peers/training_iteration.py` runs this and its PyTorch twin in turn.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::path::Path;

use ndarray::Array2;
use showerforge::codec::{EventCodec, Labels};
use showerforge::compute::cpu;
use showerforge::events::{EventSet, EventWriter, Events, LayoutChoice, Provenance, WriteOptions};
use showerforge::gan::training::{SampleOptions, Trainer, TrainingSample};
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
    let detector = detectors::builtin(&settings.detector).expect("built in");
    let settings = settings.check(detector.clone()).expect("valid configuration");

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("showers.hdf5");
    let options = WriteOptions::default();
    let mut writer =
        EventWriter::create(&path, &detector, false, &Provenance::default(), options).expect("new");
    writer.append(&showers()).expect("valid showers");
    writer.finish().expect("valid showers");
    let set = EventSet::open(&[path], &detector, &LayoutChoice::Detect).expect("valid showers");
    let labels = Labels::new(&detector, &settings.conditions);
    let codec = EventCodec::fit(&detector, labels, &settings.codec, || {
        set.blocks().iter().map(|block| set.read(block)).collect::<Vec<_>>()
    })
    .expect("valid showers");
    let sample_options = SampleOptions {
        azimuthal_symmetry: settings.training.azimuthal_symmetry,
        memory_bytes: 1 << 30,
        events_per_iteration: batch_size,
        packing: settings.packing(),
        seed: 1,
    };
    let mut sample =
        TrainingSample::new(set, &detector, &codec, sample_options).expect("valid showers");
    let mut trainer = Trainer::new(settings, codec, 1, cpu());
    for _ in 0..WARM_UP {
        trainer.iterate(&mut sample).expect("in memory");
    }
    let before = cpu_seconds();
    for _ in 0..iterations {
        trainer.iterate(&mut sample).expect("in memory");
    }
    let milliseconds = (cpu_seconds() - before) / iterations as f64 * 1e3;
    println!("batch {batch_size}: {milliseconds:.1} CPU ms per iteration, peak {} MB", peak_mb());
}

/// Random showers; what they look like does not matter for the time.
fn showers() -> Events {
    let mut uniforms = Streams::new(1, Purpose::Selection).uniforms(0);
    let conditions = Array2::from_shape_fn((EVENTS, 1), |(event, _)| f64::from(256 << (event % 6)));
    let values = Array2::from_shape_simple_fn((EVENTS, 368), || {
        let u = uniforms.draw();
        if u < 0.5 { 0.0 } else { 1.0 + u }
    });
    Events { conditions, values, weights: None }
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
