//! Speed of generating events: `cargo bench --bench generation -- COMMAND …`.
//!
//! ```text
//! write FOLDER                            the layers of every work for the peer, `WORK.json` and `WORK.f32`
//! network WORK BATCH THREADS SECONDS      the network alone: microseconds of a call
//! events WORK BATCH THREADS SECONDS       noise to events in memory
//! file WORK EVENTS THREADS OUTPUT         noise to a file with gzip 4
//! one WORK COUNT                          one event at a time: median and 99th percentile
//! peak SECONDS                            multiply-adds in registers, one thread: GFLOP/s
//! ```
//!
//! A WORK is a configuration, with random weights, or a model file of photons. `PRECISION` and `GROUP` in
//! the environment set the precision of the weights and the events of a group.
//!
//! `benches/peers/generation.py` runs this and ONNX Runtime with NumPy and h5py in turn.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[path = "../tests/fresh/mod.rs"]
mod fresh;

use std::path::Path;
use std::time::Instant;

use ndarray::Array2;
use showerforge::compute::cpu;
use showerforge::events::WriteOptions;
use showerforge::generate::engine::{Engine, Precision};
use showerforge::generate::{
    ConditionSource, EnergyChoice, GivenConditions, Job, JobObserver, generate,
};
use showerforge::model::SurrogateModel;
use showerforge::nn::{Elementwise, Operation};
use showerforge::random::{Purpose, Streams};
use showerforge::simd::Level;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WORKS: [&str; 5] = [
    "photons-fastcalogan",
    "photons-caloshowergan",
    "pions-caloshowergan",
    "rich-pid-cramer",
    "photons-geant4",
];

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let argument = |i: usize| arguments.get(i).map_or("", String::as_str);
    let number = |i: usize| argument(i).parse::<f64>().expect("a number; see the first lines");
    match argument(0) {
        "write" => WORKS.iter().for_each(|work| write_layers(work, Path::new(argument(1)))),
        "network" => {
            in_pool(number(3), || network(argument(1), number(2) as usize, number(4)));
        }
        "events" => in_pool(number(3), || events(argument(1), number(2) as usize, number(4))),
        "file" => in_pool(number(3), || file(argument(1), number(2) as u64, argument(4))),
        "one" => one(argument(1), number(2) as usize),
        "peak" => println!("{:.1} GFLOP/s", peak(number(1))),
        // `cargo test --benches` and a bare `cargo bench`.
        _ => events(WORKS[0], 1000, 0.1),
    }
}

fn in_pool(threads: f64, work: impl FnOnce() + Send) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads as usize).build();
    pool.expect("threads").install(work);
}

fn precision() -> Precision {
    std::env::var("PRECISION").map_or(Precision::F32, |text| text.parse().expect("a precision"))
}

/// Of a configuration with random weights, or a model file of photons.
fn model(work: &str) -> SurrogateModel {
    if work.ends_with(".safetensors") {
        return SurrogateModel::read(Path::new(work), &cpu()).expect("a model");
    }
    fresh::model(&fresh::settings(work))
}

fn engine(model: &SurrogateModel) -> Engine {
    let program = model.generator.program();
    let engine = Engine::new(&program, &model.header.codec, &model.detector, precision());
    let engine = engine.expect("one event alone");
    match std::env::var("GROUP") {
        Ok(group) => engine.with_group(group.parse().expect("a number")),
        Err(_) => engine,
    }
}

fn conditions(work: &str, events: usize) -> Array2<f64> {
    if work.ends_with(".safetensors") {
        return Array2::from_shape_fn((events, 1), |(event, _)| f64::from(256 << (event % 6)));
    }
    let settings = fresh::settings(work);
    fresh::conditions(settings.detector(), &settings.conditions, events)
}

/// Calls `work` for so many seconds; microseconds of a call: the least of twenty parts by the clock,
/// and CPU time of all.
fn measure(seconds: f64, mut work: impl FnMut()) -> (f64, f64) {
    const PARTS: u32 = 20;
    (0..3).for_each(|_| work());
    let started = Instant::now();
    work();
    let part = seconds / f64::from(PARTS);
    let calls = (part / started.elapsed().as_secs_f64()).clamp(1.0, 1e6) as u32;
    let mut least = f64::INFINITY;
    let cpu = cpu_seconds();
    for _ in 0..PARTS {
        let wall = Instant::now();
        (0..calls).for_each(|_| work());
        least = least.min(wall.elapsed().as_secs_f64() / f64::from(calls) * 1e6);
    }
    (least, (cpu_seconds() - cpu) / f64::from(PARTS * calls) * 1e6)
}

fn network(work: &str, batch: usize, seconds: f64) {
    let model = model(work);
    let engine = engine(&model);
    let program = model.generator.program();
    let labels = model.header.codec.labels().width();
    let number = |i: usize, j: usize| ((i * 7919 + j * 104_729) % 1000) as f32 / 500.0 - 1.0;
    let latent = Array2::from_shape_fn((batch, program.latent), |(i, j)| number(i, j));
    let label = Array2::from_shape_fn((batch, labels), |(i, j)| number(i, program.latent + j));
    let outputs = Operation::width_behind(&program.network, program.latent);
    let mut out = vec![0.0; batch * outputs];
    let (wall, cpu) = measure(seconds, || engine.outputs(latent.view(), label.view(), &mut out));
    let sum: f64 = out.iter().map(|v| f64::from(v.abs())).sum();
    println!("{wall:.3} {cpu:.3} us, mean |output| {:.6}", sum / out.len() as f64);
}

fn events(work: &str, batch: usize, seconds: f64) {
    let model = model(work);
    let engine = engine(&model);
    let conditions = conditions(work, batch);
    let streams = Streams::new(1, Purpose::Generation);
    let mut values = vec![0.0; batch * model.detector.value_count()];
    let mut first = 0;
    let (wall, cpu) = measure(seconds, || {
        engine.fill(&streams, first, conditions.view(), &mut values).expect("good conditions");
        first += batch as u64;
    });
    let sum: f64 = values.iter().map(|v| f64::from(v.abs())).sum();
    println!("{wall:.3} {cpu:.3} us, mean |value| {:.6}", sum / values.len() as f64);
}

fn file(work: &str, events: u64, output: &str) {
    let model = model(work);
    let energies = EnergyChoice::List("2^8..2^13".parse().expect("powers of two"));
    let given = GivenConditions::new(&model.detector, Some(&energies), &[], 1);
    let job = Job {
        conditions: ConditionSource::Given(given.expect("energies are all")),
        first_event: 0,
        events,
        seed: 1,
        model_sha256: String::new(),
        output: output.into(),
        create_folder: false,
        options: WriteOptions { force: true, ..WriteOptions::default() },
        strict: false,
        precision: precision(),
        command: Vec::new(),
    };
    let (wall, used) = (Instant::now(), cpu_seconds());
    generate(&model, &cpu(), &job, &mut Nobody).expect("a file");
    let events = events as f64;
    println!(
        "{:.3} {:.3} us",
        wall.elapsed().as_secs_f64() / events * 1e6,
        (cpu_seconds() - used) / events * 1e6
    );
}

struct Nobody;

impl JobObserver for Nobody {
    fn advanced(&mut self, _done: u64) {}

    fn should_stop(&self) -> bool {
        false
    }
}

fn one(work: &str, count: usize) {
    let model = model(work);
    let engine = engine(&model);
    let conditions = conditions(work, 64);
    let streams = Streams::new(1, Purpose::Generation);
    let mut values = vec![0.0; model.detector.value_count()];
    let mut times: Vec<f64> = (0..count as u64)
        .map(|event| {
            let row = (event % 64) as usize;
            let row = conditions.slice(ndarray::s![row..=row, ..]);
            let started = Instant::now();
            engine.fill(&streams, event, row, &mut values).expect("good conditions");
            started.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("p50 {:.2} us, p99 {:.2} us", times[count / 2], times[count * 99 / 100]);
}

/// The rate of multiply-adds on twenty vectors in registers, one thread.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vector instructions that stay in registers")]
fn peak(seconds: f64) -> f64 {
    use std::arch::x86_64::{__m256, __m512};
    use std::arch::x86_64::{_mm256_fmadd_ps, _mm256_set1_ps, _mm512_fmadd_ps, _mm512_set1_ps};

    const STEPS: usize = 100_000;

    #[target_feature(enable = "avx512f")]
    fn of_512_bits(factor: f32) -> [__m512; 20] {
        let factor = _mm512_set1_ps(factor);
        let mut sums = [factor; 20];
        for _ in 0..STEPS {
            for sum in &mut sums {
                *sum = _mm512_fmadd_ps(*sum, factor, factor);
            }
        }
        sums
    }

    #[target_feature(enable = "avx2,fma")]
    fn of_256_bits(factor: f32) -> [__m256; 10] {
        let factor = _mm256_set1_ps(factor);
        let mut sums = [factor; 10];
        for _ in 0..STEPS {
            for sum in &mut sums {
                *sum = _mm256_fmadd_ps(*sum, factor, factor);
            }
        }
        sums
    }

    let level = Level::best();
    let (lanes, sums) = if level == Level::Avx512 { (16, 20) } else { (8, 10) };
    let (_, cpu) = measure(seconds, || {
        let factor = std::hint::black_box(0.999);
        match level {
            // SAFETY: the level is that of this machine.
            Level::Avx512 => drop(std::hint::black_box(unsafe { of_512_bits(factor) })),
            // SAFETY: as above.
            Level::Avx2 => drop(std::hint::black_box(unsafe { of_256_bits(factor) })),
            Level::Portable => {}
        }
    });
    (2 * STEPS * sums * lanes) as f64 / cpu / 1e3
}

/// The layers of a dense network as JSON, and their numbers as 32-bit floats.
fn write_layers(work: &str, folder: &Path) {
    let program = model(work).generator.program();
    let mut numbers: Vec<f32> = Vec::new();
    let mut layers = vec![serde_json::json!({ "kind": "input", "latent": program.latent })];
    for operation in &program.network {
        let layer = match operation {
            Operation::Dense(dense) => {
                numbers.extend(dense.weight.iter().chain(&dense.bias));
                serde_json::json!({ "kind": "dense", "shape": [dense.inputs, dense.outputs] })
            }
            Operation::ChannelAffine { scale, shift, places: 1 } => {
                numbers.extend(scale.iter().chain(shift));
                serde_json::json!({ "kind": "affine", "shape": [scale.len()] })
            }
            Operation::Concatenate { embedding: None, width, .. } => {
                serde_json::json!({ "kind": "concatenate", "shape": [width] })
            }
            Operation::Elementwise(Elementwise::Rectifier { slope: 0.0 }) => {
                serde_json::json!({ "kind": "relu" })
            }
            Operation::Elementwise(Elementwise::Silu) => serde_json::json!({ "kind": "silu" }),
            other => panic!("`{}` has no place in the peer", other.kind()),
        };
        layers.push(layer);
    }
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    let json = serde_json::to_vec(&layers).expect("plain data");
    for (ending, bytes) in [("f32", &bytes), ("json", &json)] {
        let path = folder.join(format!("{work}.{ending}"));
        showerforge::files::write_atomically(&path, bytes, true).expect("a folder");
    }
}

/// User and system time of this process, in hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let after_name = stat.rsplit(')').next().expect("there is a name");
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |i: usize| fields[i].parse::<f64>().expect("ticks");
    (ticks(11) + ticks(12)) / 100.0
}
