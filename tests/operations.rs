//! The generator of every configuration as plain operations (`Generator::program`), against the
//! network that trains.

mod fresh;

use ndarray::{Array2, s};
use showerforge::codec::EventCodec;
use showerforge::compute::{cpu, to_host};
use showerforge::gan::{EventSums, Generator, Head};
use showerforge::model::SurrogateModel;
use showerforge::nn::Operation;
use showerforge::random::{Purpose, Streams};

use fresh::{CONFIGURATIONS, conditions, model, settings};

/// Products that one event of a network takes.
fn products(operations: &[Operation]) -> usize {
    let of = |operation: &Operation| match operation {
        Operation::Dense(dense) => dense.weight.len(),
        Operation::Convolution(sliding) | Operation::TransposedConvolution(sliding) => {
            sliding.weight.len() * sliding.narrow[1..].iter().product::<usize>()
        }
        Operation::Branches(branches) => branches.iter().map(|branch| products(branch)).sum(),
        Operation::Residual { body, shortcut } => products(body) + products(shortcut),
        _ => 0,
    };
    operations.iter().map(of).sum()
}

/// [events, values] as the network that trains makes them, and as the program does.
fn both_ways(name: &str) -> [Array2<f64>; 2] {
    let settings = settings(name);
    let model = model(&settings);
    let layout = model.header.codec.layout();
    let operations = model.generator.program().network;
    let width = Operation::width_behind(&operations, settings.generator.latent);
    assert_eq!(width, settings.generator.outputs(&layout), "{name}");
    let events = if products(&operations) > 300_000_000 { 1 } else { 5 };
    made_both_ways(&model, &conditions(&model.detector, &settings.conditions, events))
}

fn made_both_ways(model: &SurrogateModel, asked: &Array2<f64>) -> [Array2<f64>; 2] {
    let events = asked.nrows();
    let (generator, codec) = (&model.generator, &model.header.codec);
    let program = generator.program();
    assert_eq!(program.noise_width(), generator.noise_width());
    let noise = noise(generator, events);
    let told = codec.conditions(&model.detector, asked.view(), &cpu());
    let values: Vec<f32> = noise.iter().copied().collect();
    let made = generator.generate(&generator.noise(values, &cpu()), &told).made;
    let outputs = made.dims()[1];
    let made = to_host(made).into_iter().map(f64::from).collect();
    let by_network = Array2::from_shape_vec((events, outputs), made).expect("all values");

    let mut by_program = Array2::zeros((events, outputs));
    for event in 0..events {
        let mut label = Vec::new();
        codec.labels().encode(asked.row(event), &mut label);
        let label: Vec<f64> = label.into_iter().map(f64::from).collect();
        let sums = match codec {
            EventCodec::Shower(codec) => {
                let (mean, deviation) =
                    codec.sum_statistics().at(codec.labels.leading(asked.row(event)));
                let threshold = (codec.readout_threshold() / told.scales[event]) as f32;
                EventSums {
                    total_mean: *mean.last().expect("a total"),
                    total_deviation: *deviation.last().expect("a total"),
                    threshold: f64::from(threshold),
                }
            }
            EventCodec::Pipeline(_) => {
                EventSums { total_mean: 0.0, total_deviation: 0.0, threshold: 0.0 }
            }
        };
        let noise: Vec<f64> = noise.row(event).iter().map(|z| f64::from(*z)).collect();
        let made = program.evaluate(&noise, &label, sums).expect("one event alone");
        by_program.slice_mut(s![event, ..]).assign(&ndarray::aview1(&made));
    }
    [by_network, by_program]
}

fn noise(generator: &Generator, events: usize) -> Array2<f32> {
    let streams = Streams::new(1, Purpose::Generation);
    let mut noise = Array2::zeros((events, generator.noise_width()));
    for (event, mut row) in (0..).zip(noise.rows_mut()) {
        let row = row.as_slice_mut().expect("contiguous");
        generator.fill_noise(&mut streams.normals(event), row);
    }
    noise
}

/// 1e-5 of the largest value of the event; voxels that fall on the other side of the threshold are
/// counted.
#[test]
fn the_program_makes_the_events_of_every_configuration() {
    for name in CONFIGURATIONS {
        let [expected, found] = both_ways(name);
        let (mut worst, mut flipped): (f64, usize) = (0.0, 0);
        for (expected, found) in expected.rows().into_iter().zip(found.rows()) {
            let largest = expected.iter().fold(0.0_f64, |largest, v| largest.max(v.abs()));
            for (expected, found) in expected.iter().zip(found) {
                if (*expected == 0.0) != (*found == 0.0) {
                    flipped += 1;
                } else {
                    worst = worst.max((expected - found).abs() / largest.max(f64::MIN_POSITIVE));
                }
            }
        }
        assert!(expected.iter().any(|v| *v != 0.0), "{name}: only zeros");
        eprintln!("{name:30} {worst:.1e} {flipped} flipped");
        assert!(worst < 1e-5, "{name}: {worst:.1e}");
        assert!(flipped <= expected.len() / 20_000, "{name}: {flipped} of {}", expected.len());
    }
}

/// How far 32 bits go in a trained model: a bright voxel may be a small difference of large numbers.
#[test]
fn the_shipped_model_is_that_of_64_bits_within_a_part_in_50_000() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("data/models/photons-geant4.safetensors");
    let model = SurrogateModel::read(&path, &cpu()).expect("the shipped model");
    let asked = Array2::from_shape_fn((300, 1), |(event, _)| 2.0_f64.powi(8 + event as i32 % 6));
    let [expected, found] = made_both_ways(&model, &asked);
    let (mut of_scale, mut of_value): (f64, f64) = (0.0, 0.0);
    let rows = expected.rows().into_iter().zip(found.rows());
    for ((expected, found), energy_mev) in rows.zip(asked.column(0)) {
        let largest = expected.iter().fold(0.0_f64, |largest, v| largest.max(*v));
        for (expected, found) in expected.iter().zip(found) {
            if (*expected == 0.0) == (*found == 0.0) {
                of_scale = of_scale.max((expected - found).abs() / largest);
                // Ten times the threshold of 1 MeV.
                if expected * energy_mev > 10.0 {
                    of_value = of_value.max((expected - found).abs() / expected);
                }
            }
        }
    }
    eprintln!("32 against 64 bits: {of_scale:.1e} of the scale, {of_value:.1e} of bright voxels");
    assert!(of_scale < 2e-5, "{of_scale:.1e}");
}

/// Guards the noise of voxels and its mixing: without them the events are others.
#[test]
fn a_program_says_what_its_head_is() {
    let head = |name: &str| match model(&settings(name)).generator.program().head {
        Head::Shower(head) => Some((head.noise_mixing.is_some(), head.voxels(), head.layers())),
        Head::Plain => None,
    };
    assert_eq!(head("photons-geant4"), Some((true, 368, 5)));
    assert_eq!(head("pions-caloshowergan"), Some((false, 533, 7)));
    assert_eq!(head("rich-pid-cramer"), None);
}

/// Every configuration that is not listed has the generator of one that is.
#[test]
fn no_configuration_is_forgotten() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            continue;
        }
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        if !CONFIGURATIONS.contains(&name.as_str()) {
            let generator = settings(&name).generator.network.clone();
            let is_known = |known: &&str| settings(known).generator.network == generator;
            assert!(CONFIGURATIONS.iter().any(is_known), "{name}");
        }
    }
}
