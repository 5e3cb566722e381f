//! A suite's folder as a suite would leave it, with made-up runs.

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::path::Path;

use serde_json::{Value, json};

use crate::suite::problem::Better;
use crate::suite::report::{Catalogue, ProblemFacts, SystemFacts};
use crate::suite::{DataIdentity, ExtractorId, Measures, Protocol, Row, Tier};

/// A small generator of numbers from 0 to 1.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn uniform(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1_u64 << 31) as f64
    }

    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (TAU * self.uniform()).cos()
    }
}

/// A run that went well, with these measures.
pub fn row(system: &str, problem: &str, seed: u64, measures: &[(&str, f64)]) -> Row {
    let mut taken = Measures::default();
    measures.iter().for_each(|(name, value)| taken.set(name, *value));
    Row {
        format_version: 1,
        system: system.to_owned(),
        problem: problem.to_owned(),
        tier: Tier::Toys,
        seed,
        protocol: Protocol::Short,
        iterations: 20_000,
        device: "CPU, 2 threads".to_owned(),
        data: DataIdentity { sha256: "d".repeat(64), train: 100_000, test: 10_000 },
        settings_sha256: "5".repeat(64),
        settings: format!("seed = {seed}\n[generator]\nlayers = [512, 512, 512]\n"),
        samples: 2_500,
        extractor: None,
        measures: taken,
        floor: Measures::default(),
        parameters: 530_434,
        seconds: 140.0,
        peak_memory_mb: Some(212.0),
        version: "0.1.0".to_owned(),
        error: None,
    }
}

pub fn failed(system: &str, problem: &str, seed: u64, error: &str) -> Row {
    Row { error: Some(error.to_owned()), iterations: 0, ..row(system, problem, seed, &[]) }
}

/// What the tests need to know of problems and systems.
pub fn catalogue() -> Catalogue {
    let problem = |place, title: &str, tier, headline: &[(&str, Better)]| ProblemFacts {
        place: Some(place),
        title: title.to_owned(),
        source: "arXiv:1704.00028".to_owned(),
        tier: Some(tier),
        headline: headline.iter().map(|(name, better)| ((*name).to_owned(), *better)).collect(),
    };
    let modes = [
        ("modes", Better::Higher),
        ("high quality", Better::Higher),
        ("reverse KL", Better::Lower),
        ("W1", Better::Lower),
    ];
    let problems = BTreeMap::from([
        ("grid".to_owned(), problem(0, "25 Gaussians from −4 to 4", Tier::Toys, &modes)),
        (
            "two-gaussians".to_owned(),
            problem(1, "two Gaussians on a line", Tier::Toys, &modes[3..]),
        ),
        (
            "digits-8x8".to_owned(),
            problem(
                2,
                "digits of 8 × 8 pixels",
                Tier::Images,
                &[("Fréchet distance", Better::Lower), ("coverage", Better::Higher)],
            ),
        ),
        (
            "digits-inverted".to_owned(),
            problem(3, "digits and their negatives", Tier::Images, &[("L1", Better::Lower)]),
        ),
        (
            "fashion-16".to_owned(),
            problem(
                4,
                "clothes of 16 × 16 pixels",
                Tier::Images,
                &[("Fréchet distance", Better::Lower)],
            ),
        ),
        (
            "timegan-sines".to_owned(),
            problem(
                5,
                "five sines of 24 steps",
                Tier::Series,
                &[("discriminative score", Better::Lower), ("predictive score", Better::Lower)],
            ),
        ),
    ]);
    let system = |title: &str, formula: &str| SystemFacts {
        place: None,
        title: title.to_owned(),
        source: "arXiv:1406.2661".to_owned(),
        formula: formula.to_owned(),
    };
    let systems = BTreeMap::from([
        ("gan".to_owned(), system("GAN, non-saturating", "min_G −E log D(G(z))")),
        ("wgan-gp".to_owned(), system("WGAN with gradient penalty", "λ E (‖∇D(x̂)‖ − 1)²")),
        ("pacgan2".to_owned(), system("PacGAN of two samples", "D sees pairs")),
        ("r3gan".to_owned(), system("R3GAN", "softplus(D(x) − D(G)) + R1 + R2")),
    ]);
    Catalogue { problems, systems }
}

/// Writes a file as it is: it may be a broken one.
#[expect(clippy::disallowed_methods, reason = "broken files are written as they are")]
pub fn write(path: &Path, content: impl AsRef<[u8]>) {
    std::fs::write(path, content).unwrap();
}

/// Writes a run's folder and its row.
pub fn write_run(out: &Path, row: &Row, curves: Option<&str>, artefacts: Option<&Value>) {
    let Row { system, problem, seed, .. } = row;
    let name = format!("{}--{problem}--seed-{seed}", system.replace('/', "."));
    let folder = out.join("runs").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| write(&folder.join(name), text);
    write("row.json", &serde_json::to_string(row).unwrap());
    write("settings.toml", &row.settings);
    if let Some(curves) = curves {
        write("curves.csv", curves);
    }
    if let Some(artefacts) = artefacts {
        write("artefacts.json", &artefacts.to_string());
    }
}

/// Writes `rows.jsonl`.
pub fn write_rows(out: &Path, rows: &[Row]) {
    let line = |row: &Row| serde_json::to_string(row).unwrap() + "\n";
    let text: String = rows.iter().map(line).collect();
    write(&out.join("rows.jsonl"), &text);
}

/// Curves in which a measure goes from one value to another.
fn curves(seed: u64, measures: &[(&str, f64, f64)]) -> String {
    let mut numbers = Numbers::new(seed);
    let names: Vec<&str> = measures.iter().map(|measure| measure.0).collect();
    let mut text = format!("iteration,seconds,generator,shower critic,{}\n", names.join(","));
    for point in 1..=100_u32 {
        let share = f64::from(point) / 100.0;
        text += &format!(
            "{},{},{},{}",
            200 * point,
            share * 140.0,
            0.7 + 0.2 * numbers.normal(),
            1.3 - 0.5 * share + 0.1 * numbers.normal()
        );
        for (_, from, to) in measures {
            let value =
                to + (from - to) * (-5.0 * share).exp() + 0.03 * (to - from) * numbers.normal();
            text += &if point % 4 == 0 { format!(",{value:.5}") } else { ",".to_owned() };
        }
        text.push('\n');
    }
    text
}

type Draw<'a> = &'a mut dyn FnMut(&mut Numbers, f64) -> Vec<f64>;

/// Artefacts whose samples become as the data, `draw(numbers, 1)`, towards the end.
fn artefacts(
    seed: u64,
    shape: &[usize],
    counts: (usize, usize),
    quality: f64,
    draw: Draw<'_>,
) -> Value {
    let mut numbers = Numbers::new(seed);
    let mut rows = |count: usize, quality: f64| -> Vec<Vec<f64>> {
        (0..count)
            .map(|_| {
                let event = draw(&mut numbers, quality);
                event.into_iter().map(|value| (value * 1e4).round() / 1e4).collect()
            })
            .collect()
    };
    let reference = rows(counts.0, 1.0);
    let samples = rows(counts.0, quality);
    let frames: Vec<Value> = (1..=24)
        .map(|number| {
            let share = f64::from(number) / 24.0;
            json!({"iteration": 833 * number, "samples": rows(counts.1, quality * share.sqrt())})
        })
        .collect();
    json!({"format_version": 1, "shape": shape, "reference": reference, "samples": samples,
        "labels": null, "frames": frames, "surface": null, "input": null})
}

fn surface(scale: f64) -> Value {
    let place = |cell: usize| -6.0 + 12.0 * (cell as f64 + 0.5) / 64.0;
    let scores: Vec<f64> = (0..64 * 64)
        .map(|point| {
            let (x, y) = (place(point % 64), place(point / 64));
            scale * ((TAU * x / 2.0).cos() + (TAU * y / 2.0).cos()) - 0.1 * (x * x + y * y)
        })
        .map(|score| (score * 1e3).round() / 1e3)
        .collect();
    json!({"x": [-6.0, 6.0], "y": [-6.0, 6.0], "cells": 64, "scores": scores})
}

/// One of the 25 modes of `grid`: with low quality few of them, and blurred.
fn grid_point(numbers: &mut Numbers, quality: f64) -> Vec<f64> {
    let modes = (25.0 * quality).ceil().max(1.0);
    let mode = ((modes * numbers.uniform()) as usize * 7) % 25;
    let blur = 0.05 + 0.9 * (1.0 - quality);
    [mode / 5, mode % 5].map(|place| 2.0 * (place as f64 - 2.0) + blur * numbers.normal()).to_vec()
}

/// A ring or a bar of 8 × 8 pixels.
fn digit(numbers: &mut Numbers, quality: f64) -> Vec<f64> {
    let (centre, radius) = (3.5 + 0.4 * numbers.normal(), 2.0 + 0.6 * numbers.uniform());
    let bar = numbers.uniform() < 0.4;
    (0..64)
        .map(|pixel| {
            let (row, column) = ((pixel / 8) as f64, (pixel % 8) as f64);
            let distance = if bar {
                (column - centre).abs()
            } else {
                ((row - 3.5).hypot(column - centre) - radius).abs()
            };
            let ink = 2.0 * (-distance * distance / 0.5).exp() - 1.0;
            (quality * ink + (1.0 - quality) * numbers.normal()).clamp(-1.0, 1.0)
        })
        .collect()
}

/// Five sines of 24 steps.
fn sines(numbers: &mut Numbers, quality: f64) -> Vec<f64> {
    let waves: Vec<(f64, f64)> =
        (0..5).map(|_| (numbers.uniform(), 0.1 * numbers.uniform())).collect();
    let mut values = Vec::new();
    for step in 0..24 {
        for (frequency, phase) in &waves {
            let clean = 0.5 * (1.0 + (TAU * frequency * f64::from(step) / 6.0 + phase).sin());
            values.push(clean + 0.2 * (1.0 - quality) * numbers.normal());
        }
    }
    values
}

/// A suite of several problems with all that a report can show, of so many systems on `grid`.
pub fn realistic(out: &Path, systems: usize) {
    let mut rows = Vec::new();
    let mut keep = |row: Row, curves: Option<String>, artefacts: Option<Value>| {
        write_run(out, &row, curves.as_deref(), artefacts.as_ref());
        rows.push(row);
    };
    grid(&mut keep, systems);
    line(&mut keep);
    images(&mut keep);
    translations(&mut keep);
    robustness(&mut keep);
    series(&mut keep);
    rows.push(failed("began", "grid", 1, "its process has ended with signal: 9 (SIGKILL)"));
    rows.push(failed("wgan", "grid", 2, "the training has given a loss of <critic> & generator, which is not finite, in iteration 731"));
    write_rows(out, &rows);
    let exact = json!({"checks": [{
        "name": "dirt", "title": "The dirt example: W = 5", "source": "lecture notes; scipy",
        "values": [{"what": "W₁", "found": 5.0, "expected": 5.0, "tolerance": 1e-12}],
        "figure": "dirt.svg"
    }, {
        "name": "bernoulli", "title": "Biased sample gradient of W₁", "source": "arXiv:1705.10743",
        "values": [{"what": "p = 0.6, m = 2", "found": 0.5, "expected": 0.5, "tolerance": 1e-6},
            {"what": "p = 0.9, m = 8", "found": 0.871, "expected": 0.875, "tolerance": 1e-6}],
        "figure": null
    }]});
    write(
        &out.join("dirt.svg"),
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 200 80\"><path d=\"M0 80L200 0\" stroke=\"#0b5c94\"/></svg>",
    );
    write(&out.join("exact.json"), exact.to_string());
}

type Keep<'a> = &'a mut dyn FnMut(Row, Option<String>, Option<Value>);

fn grid(keep: Keep<'_>, count: usize) {
    let systems = [
        ("gan", 15.0, 0.62),
        ("wgan-gp", 24.2, 0.86),
        ("pacgan2", 24.6, 0.985),
        ("r3gan", 25.0, 0.995),
        ("lsgan", 19.0, 0.75),
        ("hinge", 21.0, 0.8),
        ("r1", 23.0, 0.9),
        ("wgan", 17.0, 0.5),
        ("began", 6.0, 0.3),
        ("cramer-gan", 24.0, 0.9),
    ];
    for (number, (system, modes, quality)) in systems.into_iter().take(count).enumerate() {
        for seed in 1..=3 {
            let mut numbers = Numbers::new(seed * 100 + number as u64);
            let found = (modes + 0.8 * numbers.normal()).round().clamp(1.0, 25.0);
            let good = (0.99 * quality + 0.01 * numbers.normal()).clamp(0.0, 0.989);
            let measures = [
                ("modes", found),
                ("high quality", good),
                ("reverse KL", (25.0 - found) / 20.0 + 0.01 + 0.005 * numbers.uniform()),
                ("W1", 0.12 + 1.5 * (1.0 - quality) + 0.02 * numbers.uniform()),
                ("sliced W1", 0.1 + 1.2 * (1.0 - quality)),
                ("coverage", 0.96 * quality),
            ];
            let mut row = row(system, "grid", seed, &measures);
            row.floor = Measures::from([
                ("modes", 25.0),
                ("high quality", 0.989),
                ("reverse KL", 0.0046 + 0.0004 * numbers.uniform()),
                ("W1", 0.115 + 0.003 * numbers.uniform()),
                ("sliced W1", 0.06),
                ("coverage", 0.965),
            ]);
            let text = curves(
                seed + 10 * number as u64,
                &[("modes", 1.0, found), ("sliced W1", 2.5, 0.1 + 1.2 * (1.0 - quality))],
            );
            let mut left = artefacts(seed, &[2], (2_000, 500), quality, &mut grid_point);
            left["surface"] = surface(0.3 + quality);
            keep(row, Some(text), Some(left));
        }
    }
    for seed in 4..=5 {
        let mut long = row(
            "pacgan2",
            "grid",
            seed,
            &[("modes", 22.0 + seed as f64 / 2.0), ("high quality", 0.93)],
        );
        long.protocol = Protocol::Paper;
        long.iterations = 400_000;
        keep(long, None, None);
    }
}

fn line(keep: Keep<'_>) {
    let mut draw = |numbers: &mut Numbers, quality: f64| {
        let second = numbers.uniform() > 0.7 * quality;
        vec![if second { -0.8 + 0.2 * numbers.normal() } else { 1.0 + 0.16 * numbers.normal() }]
    };
    for (system, w1) in [("gan", 0.11), ("wgan-gp", 0.02)] {
        let left = artefacts(3, &[1], (2_000, 500), 1.0 - w1, &mut draw);
        keep(row(system, "two-gaussians", 1, &[("W1", w1)]), None, Some(left));
    }
}

fn images(keep: Keep<'_>) {
    for (system, quality) in [("gan", 0.75), ("wgan-gp", 0.9), ("r3gan", 0.97)] {
        for seed in 1..=2 {
            let measures = [
                ("Fréchet distance", 30.0 * (1.0 - quality) + seed as f64 / 10.0),
                ("coverage", quality - 0.05),
                ("inception score", 9.0 * quality),
            ];
            let mut row = row(system, "digits-8x8", seed, &measures);
            row.tier = Tier::Images;
            row.extractor = Some(ExtractorId {
                name: "own CNN on digits-8x8, not Inception".to_owned(),
                sha256: "ab".repeat(32),
            });
            row.floor = Measures::from([("Fréchet distance", 0.4), ("coverage", 0.95)]);
            let mut left = artefacts(seed, &[1, 8, 8], (64, 16), quality, &mut digit);
            left["labels"] = (0..64).map(|number| number % 10).collect();
            let text = curves(seed, &[("Fréchet distance", 80.0, 30.0 * (1.0 - quality))]);
            keep(row, Some(text), Some(left));
        }
    }
}

fn translations(keep: Keep<'_>) {
    let mut left = artefacts(9, &[1, 8, 8], (64, 16), 0.9, &mut digit);
    let negative = |event: &Value| -> Vec<f64> {
        event.as_array().unwrap().iter().map(|value| -value.as_f64().unwrap()).collect()
    };
    let input: Vec<Vec<f64>> = left["reference"].as_array().unwrap().iter().map(negative).collect();
    left["input"] = json!(input);
    left["samples"] = left["reference"].clone();
    keep(row("pix2pix", "digits-inverted", 1, &[("L1", 0.08)]), None, Some(left));
}

fn robustness(keep: Keep<'_>) {
    let architectures =
        ["baseline", "no-norm-g", "mlp-g", "no-norm", "gated", "tanh", "resnet-101"];
    for (number, loss) in ["dcgan", "lsgan", "wgan", "wgan-gp"].into_iter().enumerate() {
        for (place, architecture) in architectures.into_iter().enumerate() {
            let system = format!("robustness/{loss}/{architecture}");
            if (number, place) == (2, 6) {
                keep(failed(&system, "fashion-16", 1, "diverged"), None, None);
                continue;
            }
            let distance = 12.0 + if number == 3 { 0.9 * place as f64 } else { 9.0 * place as f64 };
            let text = curves(place as u64, &[("Fréchet distance", 300.0, distance)]);
            let mut row = row(&system, "fashion-16", 1, &[("Fréchet distance", distance)]);
            row.floor = Measures::from([("Fréchet distance", 3.0)]);
            keep(row, Some(text), None);
        }
    }
}

fn series(keep: Keep<'_>) {
    for (system, score) in [("timegan", 0.03), ("rcgan", 0.11), ("c-rnn-gan", 0.24)] {
        for seed in 1..=3 {
            let score = score + 0.01 * seed as f64;
            let measures =
                [("discriminative score", score), ("predictive score", 0.093 + score / 10.0)];
            let mut row = row(system, "timegan-sines", seed, &measures);
            row.tier = Tier::Series;
            row.floor =
                Measures::from([("discriminative score", 0.004), ("predictive score", 0.0929)]);
            let left = artefacts(seed, &[24, 5], (32, 8), 1.0 - 3.0 * score, &mut sines);
            keep(row, Some(curves(seed, &[("autocorrelation", 0.4, score)])), Some(left));
        }
    }
}
