//! CPU time of one training iteration: `cargo bench --bench training_iteration -- CONFIG BATCH N`.
//!
//! `benches/peers/training_iteration.py` runs this and its PyTorch twin in turn.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::path::Path;

use detectors::Detector;
use detectors::simulation::Simulation;
use ndarray::Array2;
use showerforge::codec::{EventCodec, Labels};
use showerforge::compute::cpu;
use showerforge::events::{EventSet, EventWriter, Events, LayoutChoice, Provenance, WriteOptions};
use showerforge::gan::training::{SampleOptions, Trainer, TrainingSample};
use showerforge::settings::{CheckedSettings, TrainingSettings};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Values of all events together, and the most events.
const VALUES: usize = 8_000_000;
const MOST_EVENTS: usize = 20_000;

fn main() {
    let arguments: Vec<String> = std::env::args().filter(|a| a != "--bench").collect();
    let argument =
        |i: usize, default: &str| arguments.get(i).cloned().unwrap_or_else(|| default.to_owned());
    let config = argument(1, "configs/photons-geant4.toml");
    let batch_size: usize = argument(2, "256").parse().expect("batch size");
    let iterations: u64 = argument(3, "10").parse().expect("iterations");
    let warm_up = if iterations < 5 { 1 } else { 3 };

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
    writer.append(&events(&detector, &settings)).expect("valid events");
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

/// Events of the detector's simulation, at conditions that the configuration is for.
fn events(detector: &Detector, settings: &CheckedSettings) -> Events {
    let simulation = Simulation::of(detector).expect("all built-in detectors have one");
    let count = (VALUES / detector.value_count()).clamp(64, MOST_EVENTS);
    let labels = Labels::new(detector, &settings.conditions);
    let inside = |conditions: &[f64]| {
        let row = ndarray::ArrayView2::from_shape((1, conditions.len()), conditions);
        labels.check(0, row.expect("one row")).is_ok()
    };
    let (mut conditions, mut values) = (Vec::new(), Vec::new());
    let mut events = 0;
    for number in 0.. {
        if events == count {
            break;
        }
        let event = simulation.event(1, number);
        if inside(&event.conditions) {
            conditions.extend(event.conditions);
            values.extend(event.values);
            events += 1;
        }
    }
    Events {
        conditions: Array2::from_shape_vec((count, detector.condition_width()), conditions)
            .expect("each event has its conditions"),
        values: Array2::from_shape_vec((count, detector.value_count()), values)
            .expect("each event has its values"),
        weights: None,
    }
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
