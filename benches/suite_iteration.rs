//! Time of one training iteration with networks as small as the suite's, on 25 Gaussians:
//! `cargo bench --bench suite_iteration -- WORK ITERATIONS BLOCKS`, with WORK a file in
//! `benches/configs/suite/`.
//!
//! `benches/peers/suite_iteration.py` runs this and its PyTorch twin in turn.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::path::Path;
use std::time::Instant;

use ndarray::Array2;
use showerforge::codec::{EventCodec, Labels};
use showerforge::compute::cpu;
use showerforge::events::{Events, EventsError};
use showerforge::gan::training::{SampleOptions, Trainer, TrainingSample};
use showerforge::random::{Purpose, Streams};
use showerforge::settings::TrainingSettings;
use showerforge::suite::general_detector;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const POINTS: usize = 100_000;
const SEED: u64 = 1;
const WARM_UP: u64 = 3;

fn main() {
    showerforge::memory::keep_freed_memory();
    let arguments: Vec<String> = std::env::args().filter(|a| a != "--bench").collect();
    let argument =
        |i: usize, default: &str| arguments.get(i).cloned().unwrap_or_else(|| default.to_owned());
    let work = argument(1, "gan");
    let iterations: u64 = argument(2, "16").parse().expect("iterations");
    let blocks: usize = argument(3, "6").parse().expect("blocks");

    let (mut trainer, mut sample) = training(&work);
    let mut run = |iterations: u64| {
        for _ in 0..iterations {
            trainer.iterate(&mut sample).expect("in memory");
        }
    };
    run(WARM_UP);
    let mut least = [f64::INFINITY; 2];
    for _ in 0..blocks {
        let (cpu, clock) = (cpu_seconds(), Instant::now());
        run(iterations);
        let spent = [cpu_seconds() - cpu, clock.elapsed().as_secs_f64()];
        for (least, spent) in least.iter_mut().zip(spent) {
            *least = least.min(spent / iterations as f64 * 1e3);
        }
    }
    println!("{work}: {:.2} CPU ms, {:.2} ms per iteration", least[0], least[1]);
}

/// Untrained networks, and the points.
fn training(work: &str) -> (Trainer, TrainingSample) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("benches/configs/suite/{work}.toml"));
    let text = std::fs::read_to_string(path).expect("a configuration");
    let settings: TrainingSettings = toml::from_str(&text).expect("a configuration");
    let detector = general_detector("points", 2, None);
    let settings = settings.check(detector.clone()).expect("a valid configuration");
    let options = SampleOptions {
        azimuthal_symmetry: false,
        memory_bytes: 1 << 30,
        events_per_iteration: settings.training.batch_size,
        packing: settings.packing(),
        seed: SEED,
    };
    let labels = Labels::new(&detector, &settings.conditions);
    let codec =
        EventCodec::fit(&detector, labels, &settings.codec, || [Ok::<_, EventsError>(grid())])
            .expect("valid points");
    let sample =
        TrainingSample::of_events(grid(), &detector, &codec, options).expect("valid points");
    (Trainer::new(settings, codec, SEED, cpu()), sample)
}

/// 25 Gaussians of deviation 0.05 on a grid of step 2, divided by 2.828.
fn grid() -> Events {
    let mut normals = Streams::new(SEED, Purpose::Problem).normals(0);
    let values = Array2::from_shape_simple_fn((POINTS, 2), || {
        let centre = (5.0 * normals.uniform()).floor() - 2.0;
        (2.0 * centre + 0.05 * normals.draw()) / 2.828
    });
    Events { conditions: Array2::zeros((POINTS, 0)), values, weights: None }
}

/// CPU time of all threads of this process, which the kernel counts in nanoseconds.
fn cpu_seconds() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").expect("Linux");
    let nanoseconds = threads.map(|thread| {
        let path = thread.expect("Linux").path().join("schedstat");
        let text = std::fs::read_to_string(path).expect("Linux");
        let on_cpu = text.split_whitespace().next().expect("three numbers");
        on_cpu.parse::<f64>().expect("three numbers")
    });
    nanoseconds.sum::<f64>() * 1e-9
}
