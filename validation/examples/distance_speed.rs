//! Time of a distance in feature space: `distance_speed MEASURE EVENTS FEATURES`, with MEASURE
//! `manifolds` (precision, recall, density and coverage), `fpd` or `kpd`.
//!
//! `benches/peers/neighbours.py` runs this and prdc in turn, `benches/peers/jetnet_distances.py` this and
//! JetNet.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use ndarray::Array2;
use validation::ValidationError;
use validation::metrics::FeatureMatrix;
use validation::metrics::frechet::{FrechetPhysicsSettings, frechet_physics_distance};
use validation::metrics::kernels::{KernelPhysicsSettings, kernel_physics_distance};
use validation::metrics::neighbours::manifold_measures;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [measure, events, features] = arguments.as_slice() else {
        return usage();
    };
    let (Ok(events), Ok(features)) = (events.parse(), features.parse()) else {
        return usage();
    };
    match time(measure, events, features) {
        Ok(line) => {
            let written = writeln!(std::io::stdout(), "{line}");
            if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: distance_speed manifolds|fpd|kpd EVENTS FEATURES");
    ExitCode::from(2)
}

/// Seconds by the clock and of the processor, highest memory in MB, and the figures.
fn time(measure: &str, events: usize, features: usize) -> Result<String, ValidationError> {
    let (reference, generated) =
        (sample(1, events, features, 1.0), sample(2, events, features, 1.05));
    let reference = FeatureMatrix::new("reference", reference.view())?;
    let generated = FeatureMatrix::new("generated", generated.view())?;
    let (wall, cpu) = (Instant::now(), cpu_seconds());
    let figures = match measure {
        "fpd" => {
            let settings = FrechetPhysicsSettings { min_samples: 10_000, ..Default::default() };
            let found = frechet_physics_distance(&reference, &generated, &settings)?;
            vec![found.value, found.error]
        }
        "kpd" => {
            let settings = KernelPhysicsSettings::default();
            let found = kernel_physics_distance(&reference, &generated, &settings)?;
            vec![found.value, found.error]
        }
        _ => {
            let found = manifold_measures(&reference, &generated, &[5])?[0];
            vec![found.precision, found.recall, found.density, found.coverage]
        }
    };
    let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let figures: Vec<String> = figures.iter().map(|figure| format!("{figure:.9}")).collect();
    Ok(format!("{wall:.3} {cpu:.3} {} {}", peak_mb(), figures.join(" ")))
}

/// (u_f + u_g / 2) / (1.25 − u_f) · stretch, with uniform u and the next feature g of f.
fn sample(seed: u64, events: usize, features: usize, stretch: f64) -> Array2<f64> {
    let uniform = |event: usize, feature: usize| {
        let number = (seed << 32).wrapping_add((event * features + feature) as u64);
        let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 * 2f64.powi(-53)
    };
    Array2::from_shape_fn((events, features), |(event, feature)| {
        let (own, next) = (uniform(event, feature), uniform(event, (feature + 1) % features));
        (own + next / 2.0) / (1.25 - own) * stretch
    })
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
